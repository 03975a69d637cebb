/** A cumulative latency histogram as bars, and where percentiles lie among them. */
import type { Bucket } from '../api/types';

export interface Bar {
  /** Bounds in milliseconds; null above the last one. */
  low: number;
  high: number | null;
  count: number;
}

/** Each bucket by itself, without the empty ones at both ends. */
export function barsOf(buckets: readonly Bucket[]): Bar[] {
  const bars = buckets.map((bucket, index): Bar => {
    const before = buckets[index - 1];
    return {
      low: before ? Number(before.le) * 1000 : 0,
      high: bucket.le === '+Inf' ? null : Number(bucket.le) * 1000,
      count: bucket.count - (before?.count ?? 0),
    };
  });
  const first = bars.findIndex((bar) => bar.count > 0);
  return first < 0 ? [] : bars.slice(first, bars.findLastIndex((bar) => bar.count > 0) + 1);
}

/** Where a latency lies on bars of equal width, 0 to 1; as within a bucket, linear. Null outside of them. */
export function placeOf(bars: readonly Bar[], milliseconds: number): number | null {
  const index = bars.findIndex((bar) => milliseconds <= (bar.high ?? Number.POSITIVE_INFINITY));
  const bar = bars[index];
  if (!bar || milliseconds < bar.low) return null;
  const share = bar.high === null ? 0 : (milliseconds - bar.low) / (bar.high - bar.low);
  return (index + share) / bars.length;
}
