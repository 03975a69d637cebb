/** Times that do not count for objectives, as the points of a history have them. */
import type { ExclusionAnswer, Point } from '../api/types';

/** Times are Unix seconds. */
export interface ExcludedTime {
  from: number;
  to: number;
  /** How much of it does not count. */
  seconds: number;
  reasons: string[];
}

interface Subject {
  domain: string | null;
  path: string | null;
}

/** Neighbouring points with the same reasons are one time. */
export function excludedTimes(
  points: readonly Point[],
  exclusions: readonly ExclusionAnswer[],
  subject: Subject,
): ExcludedTime[] {
  const found: ExcludedTime[] = [];
  const ours = exclusions.filter((each) => concerns(each, subject));
  for (const { timestamp, seconds: length, excluded_seconds: seconds } of points) {
    if (!seconds) continue;
    const from = Date.parse(timestamp) / 1000;
    const [to, last] = [from + length, found.at(-1)];
    const reasons = reasonsFor(ours, subject, from, to);
    if (last?.to === from && last.reasons.join() === reasons.join()) {
      last.to = to;
      last.seconds += seconds;
    } else found.push({ from, to, seconds, reasons });
  }
  return found;
}

/** Whether an exclusion takes anything from the figures of a subject: its own, of what is above it, or of a part of it. */
export function concerns({ domain, path_prefix }: ExclusionAnswer, subject: Subject): boolean {
  if (domain === null || subject.domain === null) return true;
  return domain === subject.domain && (path_prefix === null || subject.path === null || path_prefix === subject.path);
}

/**
 * Of those that happen once, else of those that recur, which of them a browser cannot know. What is excluded of a part says
 * of which.
 */
function reasonsFor(exclusions: readonly ExclusionAnswer[], subject: Subject, from: number, to: number): string[] {
  const begun = exclusions.filter((each) => Date.parse(each.from) / 1000 < to);
  const once = begun.filter((each) => !each.rule && Date.parse(each.to) / 1000 > from);
  const found = once.length ? once : begun.filter((each) => each.rule);
  const said = ({ reason, path_prefix: part }: ExclusionAnswer): string =>
    part === null || part === subject.path ? reason : `${reason} (${part})`;
  return [...new Set(found.map(said))].sort();
}
