/** Requests that came in a gap: they were counted at its end, and the figures of the points leave them out. */
import type { Point } from '../api/types';

/** A point in which requests of a gap were counted. Times are Unix seconds. */
export interface LatePoint {
  from: number;
  to: number;
  requests: number;
  errors: number;
}

export function latePointsOf(points: readonly Point[]): LatePoint[] {
  return points
    .filter((point) => point.requests_after_gap)
    .map((point) => {
      const from = Date.parse(point.timestamp) / 1000;
      const { requests_after_gap: requests, errors_after_gap: errors } = point;
      return { from, to: from + point.seconds, requests, errors };
    });
}

/** Null if no requests were counted after a gap. */
export function countedAfterGaps(points: readonly Point[]): { requests: number; errors: number } | null {
  const late = latePointsOf(points);
  if (!late.length) return null;
  return {
    requests: late.reduce((total, { requests }) => total + requests, 0),
    errors: late.reduce((total, { errors }) => total + errors, 0),
  };
}

/** A silence of ten minutes is 0.7 % of a day; less than this much is the time between two snapshots. */
const LEAST_MISSING = 0.005;

/** Whether the figures of a window deserve a hint that not all of it was observed. */
export function isPartlyObserved(coverage: number, gaps: number): boolean {
  return gaps > 0 || coverage < 1 - LEAST_MISSING;
}
