import type { Point } from '../../api/types';
import { latePointsOf } from '../../charts/gaps';
import type { Mark } from '../../charts/marks';
import type { Messages } from '../../i18n';

/** Marks for the points that requests of a gap were counted in. */
export function marksOf(points: readonly Point[], words: Messages, f: { count: (value: number) => string }): Mark[] {
  return latePointsOf(points).map(({ from, to, requests, errors }) => ({
    from,
    to,
    text: `${words.afterGap}: ${words.requestsFailed(f.count(requests), f.count(errors))}`,
  }));
}
