/** The trends of the visible rows, loaded a few at a time, and again only once much of them is old. */
import { useEffect, useState } from 'preact/hooks';
import type { Client } from '../api/client';
import type { Subject } from '../api/endpoints';
import * as api from '../api/endpoints';
import { Latest } from '../api/latest';
import type { HistoryAnswer, TimeRange } from '../api/types';
import { Queue } from './queue';
import { demands, isAttended } from './refresh';
import { isTrendDue, type TrendMark } from './schedule';

const AT_A_TIME = 4;
/** The delay, so that rows that are only scrolled past send no request. */
const REST_MILLISECONDS = 150;
const MOST_KEPT = 2_000;

interface Kept {
  mark: TrendMark;
  answer: HistoryAnswer;
}

const queue = new Queue(AT_A_TIME);
const kept = new Latest<Kept>(MOST_KEPT);

/** Null until loaded. The old trend stays until a newer one is loaded. */
export function useTrend(
  client: Client,
  subject: Subject,
  range: TimeRange,
  { asOf, bookedUntil, status }: Omit<TrendMark, 'demand'>,
): HistoryAnswer | null {
  const key = JSON.stringify([subject.cluster, range, subject.domain, subject.path]);
  const [, redraw] = useState(0);
  const isSeen = isAttended.value;

  useEffect(() => {
    const mark = { asOf, bookedUntil, status, demand: demands.value };
    if (!isTrendDue(kept.get(key)?.mark ?? null, mark, range, isSeen)) return;
    const abort = new AbortController();
    const load = () => api.history(client, subject, { range, from: null, to: null }, abort.signal);
    const rest = setTimeout(() => {
      queue.run(load, abort.signal).then(
        (answer) => {
          kept.set(key, { mark, answer });
          redraw((count) => count + 1);
        },
        // Ignored: the list reports failures of the API, and a row without a trend is still correct.
        () => undefined,
      );
    }, REST_MILLISECONDS);
    return () => {
      clearTimeout(rest);
      abort.abort();
    };
  }, [client, key, asOf, bookedUntil, status, isSeen]);

  return kept.get(key)?.answer ?? null;
}

/** Clears the data of the last token. */
export function forgetTrends(): void {
  kept.clear();
}
