/** Status and error budget by the rules of `slo.objectives`, to show what a target would change before it is saved. */
import type { Bucket, LatencyObjective, LatencyShare, Metrics, Status, Target } from '../api/types';

/** Less than one request of a billion: exactly at the target is not below it. */
const ROUNDING = 1e-12;

type Promised = Pick<Target, 'availability' | 'p95_latency'>;

/** The status that a route or domain would have. No data is not 100 %. */
export function statusUnder(
  metrics: Pick<Metrics, 'availability' | 'p95_latency' | 'latency_lower_bounds'>,
  target: Promised,
  latency: LatencyShare | null,
): Status {
  if (metrics.availability === null) return 'no_traffic';
  if (metrics.availability < target.availability - ROUNDING) return 'critical';
  const isSlow = metrics.p95_latency !== null && metrics.p95_latency > target.p95_latency;
  if (isSlow || latency?.is_met === false) return 'warning';
  const isOpen = metrics.latency_lower_bounds.includes('p95_latency');
  const isUnmeasured = latency?.measured_threshold === null && metrics.p95_latency !== null;
  return isOpen || isUnmeasured ? 'unknown' : 'healthy';
}

/** The share of the error budget that would remain; null without requests. */
export function budgetUnder(availability: number | null, target: Promised): number | null {
  return availability === null ? null : 1 - (1 - availability) / (1 - target.availability);
}

/** The share of requests under the highest bucket bound that is not above the threshold. */
export function shareUnder(buckets: readonly Bucket[], objective: LatencyObjective): LatencyShare {
  const measured = buckets
    .filter((bucket) => bucket.le !== '+Inf' && Number(bucket.le) * 1000 <= objective.threshold)
    .at(-1);
  const observations = buckets.at(-1)?.count ?? 0;
  if (!measured) return { share: null, measured_threshold: null, is_met: null };
  const threshold = Number(measured.le) * 1000;
  if (!observations) return { share: null, measured_threshold: threshold, is_met: null };
  const share = measured.count / observations;
  return { share, measured_threshold: threshold, is_met: share >= objective.share };
}
