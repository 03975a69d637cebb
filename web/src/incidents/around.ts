/** The chart around an incident: which figure tells of it, and from when to when. */
import type { IncidentAnswer } from '../api/types';
import type { Figure } from '../charts/series';

const HOUR_SECONDS = 3_600;
/** The longest window of the API is 90 days. */
const LONGEST_SECONDS = 89 * 86_400;

/** Unix seconds: from an hour before it began to an hour after it was resolved, at most until `now`. */
export function windowAround({ since, resolved_at }: IncidentAnswer, now: number): { from: number; to: number } {
  const from = Math.floor(Date.parse(since) / 1000) - HOUR_SECONDS;
  const end = resolved_at === null ? now : Math.min(now, Date.parse(resolved_at) / 1000 + HOUR_SECONDS);
  const to = Math.max(Math.ceil(end), from + HOUR_SECONDS);
  return { from: Math.max(from, to - LONGEST_SECONDS), to };
}

/** The figure that shows what went wrong; null for what no figure of a domain shows. */
export function tellingFigure({ kind, subject }: IncidentAnswer): Figure | null {
  if (subject.domain === null) return null;
  switch (kind) {
    case 'latency':
      return 'p95_latency';
    case 'budget':
      return 'error_budget_remaining';
    case 'silent':
      return 'requests_per_sec';
    case 'certificate':
      return null;
    default:
      return 'error_rate';
  }
}
