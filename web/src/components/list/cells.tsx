/** The cells of a row. On a phone each figure has its column's name next to it. */
import type { Burning, Metrics, Status, Target } from '../../api/types';
import { format } from '../../format';
import { messages } from '../../i18n';
import { isBelowTarget } from '../../objectives/exact';
import { isSlow } from '../../objectives/judge';
import { BudgetBar } from '../BudgetBar';
import { BurnMark } from '../BurnMark';
import { PresetMark } from '../PresetMark';
import { StatusMark } from '../StatusMark';

interface StatusProps {
  status: Status | null;
  burning: Burning | null;
  /** The address of the open incident; null if none is known. */
  incident: string | null;
}

export function StatusCell({ status, burning, incident }: StatusProps) {
  return (
    <div role="gridcell" class="cell cell-status">
      {status && <StatusMark status={status} />}
      <BurnMark severity={burning} href={incident} tabIndex={-1} />
    </div>
  );
}

interface FigureProps {
  name: string;
  label: string;
  value: string;
  sub: string;
  /** Whether what is below the figure is the preset, which nobody has promised. */
  isPreset?: boolean;
  isBad?: 'critical' | 'warning' | null;
}

function Figure({ name, label, value, sub, isPreset, isBad = null }: FigureProps) {
  return (
    <div role="gridcell" class={`cell cell-figure cell-${name}`} data-testid={`cell-${name}`}>
      <span class="cell-label" aria-hidden="true">
        {label}
      </span>
      <span class={`figure ${isBad ? `is-${isBad}` : ''}`}>{value}</span>
      {sub && (
        <span class="sub">
          {sub}
          {isPreset && <PresetMark />}
        </span>
      )}
    </div>
  );
}

export function AvailabilityCell({ metrics, target }: { metrics: Metrics; target: Target | null }) {
  const words = messages.value;
  const isBelow = target !== null && isBelowTarget(metrics.total_requests, metrics.total_errors, target.availability);
  return (
    <Figure
      name="availability"
      label={words.availability}
      value={format.value.availability(metrics.availability)}
      sub={target ? words.atLeast(format.value.target(target.availability)) : ''}
      isPreset={target?.source === 'preset'}
      isBad={isBelow ? 'critical' : null}
    />
  );
}

export function LatencyCell({ metrics, target }: { metrics: Metrics; target: Target | null }) {
  const words = messages.value;
  const p95 = metrics.p95_latency;
  const highest = target?.p95_latency ?? null;
  return (
    <Figure
      name="p95"
      label={words.p95}
      value={format.value.latency(p95, isLowerBound(metrics, 'p95_latency'))}
      sub={highest === null ? '' : words.atMost(format.value.latency(highest))}
      isPreset={target?.source === 'preset'}
      isBad={target && isSlow(p95, target) ? 'warning' : null}
    />
  );
}

export function ErrorsCell({ metrics }: { metrics: Metrics }) {
  const words = messages.value;
  const hasErrors = metrics.total_errors > 0;
  return (
    <Figure
      name="errors"
      label={words.errorRate}
      value={format.value.errorRate(metrics.error_rate)}
      sub={hasErrors ? words.errorsCount(format.value.shortCount(metrics.total_errors)) : ''}
    />
  );
}

export function RateCell({ metrics }: { metrics: Metrics }) {
  return (
    <Figure
      name="rate"
      label={messages.value.requestsPerSecond}
      value={format.value.rate(metrics.requests_per_sec)}
      sub={format.value.shortCount(metrics.total_requests)}
    />
  );
}

export function BudgetCell({ budget }: { budget: number | null }) {
  return (
    <div role="gridcell" class="cell cell-budget" data-testid="cell-budget">
      <span class="cell-label" aria-hidden="true">
        {messages.value.budgetLeft}
      </span>
      <BudgetBar budget={budget} />
    </div>
  );
}

type Percentile = 'p50_latency' | 'p95_latency' | 'p99_latency';

/** Whether a percentile is in the `+Inf` bucket, so that only a lower bound is known. */
export function isLowerBound(metrics: Pick<Metrics, 'latency_lower_bounds'>, percentile: Percentile): boolean {
  return metrics.latency_lower_bounds.includes(percentile);
}
