/** Proposes an objective: the tightest one that the last 30 days would have kept. */
import type { DomainReport, Metrics, ObjectiveBody } from '../api/types';
import { allowedSeconds, isBelowTarget } from './exact';

/** The steps of availability, the tightest last. */
export const LADDER: readonly number[] = [0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999, 0.99999];
/** The name and the period that a proposal is set with. */
export const PROPOSED_NAME = 'monthly';
export const PROPOSED_PERIOD = '30d';
export const PROPOSED_DAYS = 30;

/** The figures of 30 days that a proposal is made of. */
export type Seen = Pick<Metrics, 'total_requests' | 'total_errors' | 'p95_latency_range'>;

export interface Proposal {
  availability: number;
  /** Milliseconds; null where the P95 is in the open bucket, so that nobody knows what was kept. */
  p95_latency: number | null;
  /** How long a total outage it allows in 30 days at an even rate, in seconds. */
  outage_seconds: number;
}

/**
 * The highest step that would have been kept even if one more request had failed: then it allows at least one error at
 * this traffic, and the first error does not break it. Null below the lowest step, or with fewer than ten requests.
 */
export function proposalFor({ total_requests, total_errors, p95_latency_range }: Seen): Proposal | null {
  const kept = LADDER.filter((step) => total_requests && !isBelowTarget(total_requests, total_errors + 1, step));
  const availability = kept.at(-1);
  if (availability === undefined) return null;
  return {
    availability,
    p95_latency: p95_latency_range?.[1] ?? null,
    outage_seconds: allowedSeconds(availability, PROPOSED_DAYS),
  };
}

/** What is sent to set a proposal. */
export function proposedBody({ availability, p95_latency }: Proposal): ObjectiveBody {
  return { availability, p95_latency, period: PROPOSED_PERIOD };
}

/** The domains that are judged by the preset: nobody has set an objective for them or above them. */
export function withoutObjective(domains: readonly DomainReport[]): DomainReport[] {
  return domains.filter((domain) => domain.objective === null);
}
