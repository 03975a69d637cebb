/** The status of a window as a strip of stretches. */
import type { Status, StatusChange } from '../api/types';

export interface Stretch {
  /** Unix seconds. */
  from: number;
  to: number;
  status: Status | 'unwatched';
}

/**
 * From the changes since a window began (the latest first) and the status now. What was before `seenFrom` (the first time that
 * anything was seen) is not watched.
 */
export function stretchesOf(
  changes: readonly StatusChange[],
  now: Status,
  window: { from: number; to: number },
  seenFrom: number | null,
): Stretch[] {
  const begin = Math.min(Math.max(window.from, seenFrom ?? window.to), window.to);
  const stretches: Stretch[] = [];
  let [end, status]: [number, Status] = [window.to, now];
  for (const change of changes) {
    const at = Math.min(Math.max(Date.parse(change.at) / 1000, begin), end);
    stretches.unshift({ from: at, to: end, status });
    [end, status] = [at, change.old_status];
  }
  stretches.unshift({ from: begin, to: end, status });
  stretches.unshift({ from: window.from, to: begin, status: 'unwatched' });
  return stretches.filter((stretch) => stretch.to > stretch.from);
}
