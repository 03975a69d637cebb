/** Where a burn-down leads: the line from now to the day the budget is spent. */
import type { Series } from './series';

/** How much of the window the future may take. */
const FUTURE_SHARE = 0.4;

export interface Projected {
  times: number[];
  seen: (number | null)[];
  projected: (number | null)[];
}

/** Adds the projection to a budget's series; none where it is spent already, or not spent within a year. */
export function project(budget: Series, exhaustedAt: number | null): Projected {
  const last = budget.values.findLastIndex((value) => value !== null);
  const [now, left] = [budget.times[last], budget.values[last]];
  const begin = budget.times[budget.values.findIndex((value) => value !== null)];
  const none = { times: budget.times, seen: budget.values, projected: budget.values.map(() => null) };
  if (now === undefined || begin === undefined || left === null || left === undefined) return none;
  if (exhaustedAt === null || left <= 0 || exhaustedAt <= now) return none;
  const end = Math.min(exhaustedAt, now + (now - begin) * FUTURE_SHARE);
  const atEnd = left * (1 - (end - now) / (exhaustedAt - now));
  const kept = budget.times.slice(0, last + 1);
  return {
    times: [...kept, end],
    seen: [...budget.values.slice(0, last + 1), null],
    projected: [...kept.map((_, index) => (index === last ? left : null)), atEnd],
  };
}
