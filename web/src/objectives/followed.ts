/** Finds the objectives of a subject, and the one that is followed, as `slo.objectives.objective` does. */
import type { ObjectiveSubject } from '../api/endpoints';
import type { ObjectiveAnswer, ObjectivesAnswer, Origin, Target } from '../api/types';
import { type Level, levelsOf, subjectAt } from './levels';

/** The strongest first: what Kubernetes says holds before a file, and a file before the page. */
export const ORIGINS: readonly Origin[] = ['annotation', 'file', 'page'];
/** A calendar period counts as a little longer than as many rolling days, as in `slo.objectives.objective`. */
const DAYS: Readonly<Record<ObjectiveAnswer['period'], number>> = {
  '1d': 1,
  '7d': 7,
  '28d': 28,
  '30d': 30,
  week: 7.5,
  month: 30.5,
  quarter: 91.5,
};

/** Whether `a` is followed rather than `b`: the strongest origin, then the mark, then the longest period, then the name. */
export function goesBefore(a: ObjectiveAnswer, b: ObjectiveAnswer): boolean {
  const difference =
    ORIGINS.indexOf(b.origin) - ORIGINS.indexOf(a.origin) ||
    Number(a.is_followed) - Number(b.is_followed) ||
    DAYS[a.period] - DAYS[b.period];
  return difference > 0 || (difference === 0 && a.name > b.name);
}

/** All objectives of exactly this subject, the followed one first. */
export function objectivesOf(all: readonly ObjectiveAnswer[], subject: ObjectiveSubject): ObjectiveAnswer[] {
  const { cluster, domain, path } = subject;
  const found = all.filter(
    (each) => each.domain === domain && each.path_prefix === path && each.cluster_id === cluster,
  );
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

/** The objective that a subject is judged by, and the level that it is set at. */
export interface Judging {
  level: Level;
  objective: ObjectiveAnswer;
}

/** The followed objective of the most specific level that has any; null where the preset judges. */
export function judging(all: readonly ObjectiveAnswer[], subject: ObjectiveSubject): Judging | null {
  for (const level of levelsOf(subject).reverse()) {
    const objective = objectivesOf(all, subjectAt(level, subject)).find((each) => each.is_followed);
    if (objective) return { level, objective };
  }
  return null;
}

/** What a subject is judged by, set there or at a higher level; else the preset, which is no promise. */
export function heldTarget({ objectives, preset }: ObjectivesAnswer, subject: ObjectiveSubject): Target {
  return targetOf(judging(objectives, subject), preset);
}

export function targetOf(of: Judging | null, preset: Target): Target {
  if (!of) return preset;
  const { availability, p95_latency, latency_objective, minimum_requests } = of.objective;
  return { availability, p95_latency, latency_objective, minimum_requests, source: of.level };
}

/** Whether a mark decides if an objective is followed; true or false if it is decided without one. */
export function followedBeside(others: readonly ObjectiveAnswer[], origin: Origin): boolean | 'if marked' {
  const strongest = Math.min(...others.map((each) => ORIGINS.indexOf(each.origin)));
  const own = ORIGINS.indexOf(origin);
  return own === strongest ? 'if marked' : own < strongest;
}
