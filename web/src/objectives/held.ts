/** What a subject was judged by at a time: the objectives of now, with the changes since then undone. */
import type { ObjectiveSubject } from '../api/endpoints';
import type { ObjectiveAnswer, ObjectiveChange, ObjectivesAnswer, Target } from '../api/types';
import { goesBefore, judging, targetOf } from './followed';

/** What held from a time on. */
export interface Held {
  /** Unix seconds; null for what held before every change that is known. */
  since: number | null;
  /** Who made it so; null with `since`. */
  by: string | null;
  target: Target;
  /** What was followed then; null for the preset. */
  objective: ObjectiveAnswer | null;
}

/** What is known of a subject's objectives over time. `changes` may hold those of other subjects, too. */
export interface Known {
  answer: ObjectivesAnswer;
  /** The newest first. */
  changes: readonly ObjectiveChange[];
}

/** The oldest first, and at least one. What changed at the same moment is one change. */
export function heldOver({ answer, changes }: Known, subject: ObjectiveSubject): Held[] {
  const ours = ({ domain, path_prefix }: ObjectiveAnswer): boolean =>
    domain === null || (domain === subject.domain && (path_prefix === null || path_prefix === subject.path));
  let all = withMarks(answer.objectives.filter(ours), changes);
  let held = heldBy(all, answer.preset, subject);
  const found: Held[] = [];
  for (const [at, together] of moments(changes, ours)) {
    all = together.reduce(undo, all);
    const before = heldBy(all, answer.preset, subject);
    if (isSame(before, held)) continue;
    found.unshift({ ...held, since: Date.parse(at) / 1000, by: together[0]?.by ?? null });
    held = before;
  }
  return [{ ...held, since: null, by: null }, ...found];
}

/** What held at a time, in Unix seconds. */
export function heldAt(held: readonly Held[], at: number): Held | undefined {
  return held.findLast(({ since }) => since === null || since <= at) ?? held[0];
}

/** The changes within a window, in Unix seconds. */
export function changesWithin(
  held: readonly Held[],
  window: { from: number; to: number },
): (Held & { since: number })[] {
  return held.flatMap((each) =>
    each.since !== null && each.since > window.from && each.since < window.to ? [{ ...each, since: each.since }] : [],
  );
}

type Judged = Pick<Held, 'target' | 'objective'>;

function heldBy(all: readonly ObjectiveAnswer[], preset: Target, subject: ObjectiveSubject): Judged {
  const followed = all.map((each) => ({ ...each, is_followed: isFollowed(each, all) }));
  const of = judging(followed, subject);
  return { target: targetOf(of, preset), objective: of?.objective ?? null };
}

function isFollowed(one: ObjectiveAnswer, all: readonly ObjectiveAnswer[]): boolean {
  return !all.some((other) => isOfOneSubject(one, other) && goesBefore(other, one));
}

/**
 * The objectives with their marks. The API says which is followed, not which is marked: of one that nobody has changed
 * since, it is taken for marked only where it would not be followed otherwise.
 */
function withMarks(all: readonly ObjectiveAnswer[], changes: readonly ObjectiveChange[]): ObjectiveAnswer[] {
  const bare = all.map((each) => ({ ...each, is_followed: false }));
  return all.map((each) => {
    const last = changes.find(({ after }) => after && isOne(after, each) && after.version === each.version)?.after;
    const needsMark = each.is_followed && !isFollowed({ ...each, is_followed: false }, bare);
    return { ...each, is_followed: last?.is_followed ?? needsMark };
  });
}

function moments(
  changes: readonly ObjectiveChange[],
  isOurs: (objective: ObjectiveAnswer) => boolean,
): Map<string, ObjectiveChange[]> {
  const found = new Map<string, ObjectiveChange[]>();
  for (const change of changes) {
    const about = change.after ?? change.before;
    if (!about || !isOurs(about)) continue;
    found.set(change.at, [...(found.get(change.at) ?? []), change]);
  }
  return found;
}

function undo(all: ObjectiveAnswer[], { before, after }: ObjectiveChange): ObjectiveAnswer[] {
  const kept = after ? all.filter((each) => !isOne(each, after)) : all;
  return before ? [...kept.filter((each) => !isOne(each, before)), before] : kept;
}

function isOfOneSubject(a: ObjectiveAnswer, b: ObjectiveAnswer): boolean {
  return a.cluster_id === b.cluster_id && a.domain === b.domain && a.path_prefix === b.path_prefix;
}

function isOne(a: ObjectiveAnswer, b: ObjectiveAnswer): boolean {
  return a.name === b.name && isOfOneSubject(a, b);
}

function isSame(a: Judged, b: Judged): boolean {
  const promise = ({ target, objective }: Judged): string =>
    JSON.stringify([
      target.source,
      target.availability,
      target.p95_latency,
      target.latency_objective && [target.latency_objective.share, target.latency_objective.threshold],
      objective && [objective.name, objective.period, objective.time_zone],
    ]);
  return promise(a) === promise(b);
}
