/** What a sparkline shows: requests over time, and where availability was under its target. */
import type { Point } from '../api/types';
import { isBelowTarget } from '../objectives/exact';
import { leadingGap } from './observed';

const FEWEST_POINTS = 6;

export interface SparkPoint {
  /** Requests a second; null where nothing was seen. */
  rate: number | null;
  isBelow: boolean;
}

/** At most `most` points of equal time, each the sum of its own; `targetAt` is what held at a time in Unix seconds. */
export function sparkOf(points: readonly Point[], targetAt: (at: number) => number, most: number): SparkPoint[] {
  const drawn = points.slice(leadingGap(points, FEWEST_POINTS));
  const size = Math.max(1, Math.ceil(drawn.length / most));
  const groups = Array.from({ length: Math.ceil(drawn.length / size) }, (_, index) =>
    drawn.slice(index * size, (index + 1) * size),
  );
  return groups.map((group) => {
    const seen = group.filter((point) => point.has_data);
    // What is excluded whole says nothing of the rate.
    const counted = seen.filter((point) => point.total_requests || point.excluded_seconds < point.seconds);
    const seconds = sum(counted, (point) => point.seconds);
    const served = sum(counted, (point) => (point.requests_per_sec ?? 0) * point.seconds);
    const requests = sum(seen, (point) => point.total_requests ?? 0);
    const errors = sum(seen, (point) => point.total_errors ?? 0);
    return {
      rate: seconds ? served / seconds : seen.length ? 0 : null,
      isBelow: isBelowTarget(requests, errors, targetAt(Date.parse(group.at(-1)?.timestamp ?? '') / 1000)),
    };
  });
}

function sum(points: readonly Point[], value: (point: Point) => number): number {
  return points.reduce((total, point) => total + value(point), 0);
}
