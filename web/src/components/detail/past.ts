import type { Point } from '../../api/types';
import type { ExcludedTime } from '../../charts/excluded';
import type { Mark } from '../../charts/marks';
import type { Messages } from '../../i18n';
import { changesWithin, type Held } from '../../objectives/held';
import { promiseText } from '../objectives/words';
import { marksOf } from './marks';

/** What happened to the figures and to the promise, beside what was measured. */
export interface Past {
  excluded: readonly ExcludedTime[];
  /** Null where the promise never changed. */
  held: readonly Held[] | null;
}

type Formats = { count: (value: number) => string; moment: (at: number) => string };

/** These, the times that do not count, and the changes of the promise within a window. */
export function allMarks(
  points: readonly Point[],
  { excluded, held }: Past,
  window: { from: number; to: number } | null,
  words: Messages,
  f: Formats,
): Mark[] {
  const changes = window && held ? changesWithin(held, window) : [];
  return [
    ...marksOf(points, words, f),
    ...excluded.map(({ from, to, reasons }) => ({
      from,
      to,
      text: words.excluded(reasons.join(', ')),
      isStretch: true,
    })),
    ...changes.map((each) => ({ from: each.since, to: each.since, text: sinceText(each, words, f), isMoment: true })),
  ];
}

/** What holds since a change, and who made it. */
export function sinceText(held: Held, words: Messages, f: Pick<Formats, 'moment'>): string {
  const [at, by] = [f.moment((held.since ?? 0) * 1000), held.by ?? ''];
  const { objective } = held;
  if (!objective) return words.promisedNothing(at, by);
  return words.promisedSince(promiseText(objective.availability, objective, words), at, by);
}
