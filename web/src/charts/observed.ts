/** How much of a window to draw where most of it was before anything was seen: a cluster that is new. */
import type { Point } from '../api/types';

interface Window {
  /** Unix seconds. */
  from: number;
  to: number;
}

const FEWEST_POINTS = 12;

/** The whole window, or as much of its end as leaves half of the room to what was seen. */
export function observedWindow(window: Window, points: readonly Point[]): Window {
  const first = points.findIndex((point) => point.has_data);
  const skipped = leadingGap(points, FEWEST_POINTS);
  const from = points[skipped];
  return first < 0 || !skipped || !from ? window : { from: Date.parse(from.timestamp) / 1000, to: window.to };
}

/** How many points at the beginning are not worth drawing: none unless most of them are gaps. */
export function leadingGap(points: readonly Point[], fewest: number): number {
  const first = points.findIndex((point) => point.has_data);
  if (first <= points.length / 2) return 0;
  const seen = points.length - first;
  return Math.max(0, points.length - Math.max(2 * seen, fewest));
}
