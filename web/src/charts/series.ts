/** A history as what a chart draws: times, and values with gaps where nothing was seen. */
import type { Point } from '../api/types';

export interface Series {
  /** Unix seconds, ascending: the middle of each point. */
  times: number[];
  /** Null is a gap. */
  values: (number | null)[];
}

export type Figure = 'availability' | 'p95_latency' | 'error_rate' | 'requests_per_sec' | 'error_budget_remaining';

export function seriesOf(points: readonly Point[], figure: Figure): Series {
  return {
    times: points.map((point) => Date.parse(point.timestamp) / 1000 + point.seconds / 2),
    values: points.map((point) => (point.has_data ? point[figure] : null)),
  };
}

export interface Extent {
  low: number;
  high: number;
  last: number;
}

/** Null where there is no value at all. */
export function extentOf(values: readonly (number | null)[]): Extent | null {
  const seen = values.filter((value) => value !== null);
  const last = seen.at(-1);
  if (last === undefined) return null;
  return {
    low: seen.reduce((low, value) => Math.min(low, value)),
    high: seen.reduce((high, value) => Math.max(high, value)),
    last,
  };
}

/** Values with a gap on both sides: a line cannot show them, so they are drawn as dots. */
export function isolated(values: readonly (number | null | undefined)[]): number[] {
  return values.flatMap((value, index) => {
    const isAlone = (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null;
    return value !== null && value !== undefined && isAlone ? [index] : [];
  });
}

/** From nothing to a little above all that is drawn. */
export function fromZero(values: readonly (number | null)[], target: number | null): [number, number] {
  const high = Math.max(extentOf(values)?.high ?? 0, target ?? 0);
  return [0, high > 0 ? high * 1.12 : 1];
}

/** Up to perfection, from a little under all that is drawn. */
export function upToOne(values: readonly (number | null)[], target: number | null): [number, number] {
  const low = Math.min(extentOf(values)?.low ?? 1, target ?? 1);
  return [Math.max(0, low - Math.max((1 - low) * 0.12, 0.0001)), 1];
}

/** What is left of a budget: from spent to untouched, and below where it is overspent. */
export function budgetRange(values: readonly (number | null)[]): [number, number] {
  const low = Math.min(0, extentOf(values)?.low ?? 0);
  return [low < 0 ? low * 1.08 : 0, 1];
}
