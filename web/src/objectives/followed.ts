/** Finds the objectives of a subject, and the one that is followed, as `slo.objectives.objective` does. */
import type { ObjectiveSubject } from '../api/endpoints';
import type { ObjectiveAnswer, ObjectivesAnswer, Origin, Target } from '../api/types';

/** The strongest first: what Kubernetes says holds before a file, and a file before the page. */
const ORIGINS: readonly Origin[] = ['annotation', 'file', 'page'];

/** All objectives of exactly this subject, the followed one first. */
export function objectivesOf(all: readonly ObjectiveAnswer[], subject: ObjectiveSubject): ObjectiveAnswer[] {
  const found = all.filter((each) => each.domain === subject.domain && each.path_prefix === subject.path);
  return found.sort(
    (a, b) => Number(b.is_followed) - Number(a.is_followed) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
}

/** The objective of exactly this subject with this name, if any. */
export function named(
  all: readonly ObjectiveAnswer[],
  subject: ObjectiveSubject,
  name: string,
): ObjectiveAnswer | null {
  return objectivesOf(all, subject).find((each) => each.name === name) ?? null;
}

/** What a subject is judged by, set there or at a higher level; else the preset, which is no promise. */
export function heldTarget(answer: ObjectivesAnswer, subject: ObjectiveSubject): Target {
  const levels = [
    ...(subject.path === null ? [] : [{ source: 'route' as const, at: subject }]),
    ...(subject.domain === null ? [] : [{ source: 'domain' as const, at: { ...subject, path: null } }]),
    { source: 'cluster' as const, at: { ...subject, domain: null, path: null } },
  ];
  for (const { source, at } of levels) {
    const followed = objectivesOf(answer.objectives, at).find((each) => each.is_followed);
    if (followed) {
      const { availability, p95_latency, latency_objective, minimum_requests } = followed;
      return { availability, p95_latency, latency_objective, minimum_requests, source };
    }
  }
  return answer.preset;
}

/** Whether a mark decides if an objective is followed; true or false if it is decided without one. */
export function followedBeside(others: readonly ObjectiveAnswer[], origin: Origin): boolean | 'if marked' {
  const strongest = Math.min(...others.map((each) => ORIGINS.indexOf(each.origin)));
  const own = ORIGINS.indexOf(origin);
  return own === strongest ? 'if marked' : own < strongest;
}
