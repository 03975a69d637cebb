/** Status and error budget by the rules of `slo.objectives`, to show what an objective would change before it is saved. */
import type { Bucket, LatencyObjective, LatencyShare, Metrics, Status, Target } from '../api/types';
import { hasShare, isBelowTarget } from './exact';

/** The figures that a status is judged by. */
export type Judged = Pick<Metrics, 'total_requests' | 'total_errors' | 'p95_latency' | 'latency_lower_bounds'>;
type Promised = Pick<Target, 'availability' | 'p95_latency'>;

/** The status that a route or domain would have. No data is not 100 %. */
export function statusUnder(metrics: Judged, target: Promised, latency: LatencyShare | null): Status {
  const { total_requests, total_errors } = metrics;
  if (!total_requests) return 'no_traffic';
  if (isBelowTarget(total_requests, total_errors, target.availability)) return 'critical';
  if (isSlow(metrics.p95_latency, target) || latency?.is_met === false) return 'warning';
  const isOpen = target.p95_latency !== null && metrics.latency_lower_bounds.includes('p95_latency');
  const isUnmeasured = latency?.measured_threshold === null && metrics.p95_latency !== null;
  return isOpen || isUnmeasured ? 'unknown' : 'healthy';
}

/** Whether a P95 is higher than promised; never if nothing is promised about it. */
export function isSlow(p95: number | null, { p95_latency }: Pick<Target, 'p95_latency'>): boolean {
  return p95 !== null && p95_latency !== null && p95 > p95_latency;
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
  return {
    share: measured.count / observations,
    measured_threshold: threshold,
    is_met: hasShare(measured.count, observations, objective.share),
  };
}
