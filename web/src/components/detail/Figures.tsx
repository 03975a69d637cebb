import type { ComponentChildren } from 'preact';
import type { Change, Metrics, TimeRange } from '../../api/types';
import { format } from '../../format';
import { messages } from '../../i18n';
import { isBelowTarget } from '../../objectives/exact';
import { isSlow } from '../../objectives/judge';
import { budgetText } from '../budgetText';
import { isLowerBound } from '../list/cells';
import { PresetMark } from '../PresetMark';
import type { View } from './view';

/** The figures of the window, compared with the target and the previous period. */
export function Figures({ view, range }: { view: View; range: TimeRange }) {
  const words = messages.value;
  const f = format.value;
  const { current } = view;
  const hasBefore = view.previous.coverage > 0;
  const before = (key: keyof Change): number | null => (hasBefore ? view.change[key] : null);
  const target = view.targets[range] ?? null;
  const isBelow = target !== null && isBelowTarget(current.total_requests, current.total_errors, target.availability);
  const highest = target?.p95_latency ?? null;
  const isPreset = target?.source === 'preset';
  const percentPoints = (size: number): string => words.percentPoints(f.points(size));
  return (
    <section class="figures" aria-label={words.overview}>
      <Card
        id="availability"
        label={words.availability}
        tone={isBelow ? 'critical' : null}
        sub={target ? words.atLeast(f.target(target.availability)) : ''}
        isPreset={isPreset}
        change={<Delta value={before('availability')} text={percentPoints} isMoreBetter={true} />}
      >
        {f.availability(current.availability)}
      </Card>
      <Card
        id="p95"
        label={words.p95}
        tone={target && isSlow(current.p95_latency, target) ? 'warning' : null}
        sub={highest === null ? '' : words.atMost(f.latency(highest))}
        isPreset={isPreset && highest !== null}
        hint={rangeHint(current.p95_latency_range)}
        change={<Delta value={before('p95_latency')} text={f.latency} isMoreBetter={false} />}
      >
        {f.latency(current.p95_latency, isLowerBound(current, 'p95_latency'))}
      </Card>
      <Card
        id="errors"
        label={words.errorRate}
        sub={words.errorsCount(f.count(current.total_errors))}
        change={<Delta value={before('error_rate')} text={percentPoints} isMoreBetter={false} />}
      >
        {f.errorRate(current.error_rate)}
      </Card>
      <Card
        id="requests"
        label={words.requestsPerSecond}
        sub={words.cardRequestsTotal(f.count(current.total_requests))}
        change={<Delta value={before('requests_per_sec')} text={f.rate} isMoreBetter={null} />}
      >
        {f.rate(current.requests_per_sec)}
      </Card>
      <Card
        id="budget"
        label={words.budgetLeft}
        tone={view.budgetLeft !== null && view.budgetLeft <= 0 ? 'critical' : null}
        sub={words.coverage(f.availability(current.coverage))}
        change={<LatencyObjective view={view} range={range} />}
      >
        {budgetText(view.budgetLeft)}
      </Card>
    </section>
  );
}

/** A percentile is interpolated within a bucket, so it may be anything in it. */
function rangeHint(range: Metrics['p95_latency_range']): string | undefined {
  if (!range) return undefined;
  const words = messages.value;
  const f = format.value;
  const [low, high] = range;
  return words.percentileWithin(
    high === null ? words.histogramOver(f.latency(low)) : words.histogramRange(f.latency(low), f.latency(high)),
  );
}

interface CardProps {
  id: string;
  label: string;
  tone?: 'critical' | 'warning' | null;
  sub: string;
  isPreset?: boolean;
  /** How exact the figure is. */
  hint?: string;
  change: ComponentChildren;
  children: ComponentChildren;
}

function Card({ id, label, tone, sub, isPreset, hint, change, children }: CardProps) {
  return (
    <div class={`card ${tone ? `tone-${tone}` : ''}`} data-testid={`figure-${id}`}>
      <span class="card-label">{label}</span>
      <strong class="card-value" title={hint}>
        {children}
        {hint && <span class="visually-hidden"> {hint}</span>}
      </strong>
      <span class="card-detail">
        {sub}
        {isPreset && <PresetMark />}
      </span>
      {change}
    </div>
  );
}

interface DeltaProps {
  value: number | null;
  text: (magnitude: number) => string;
  /** Null if the change is neither better nor worse. */
  isMoreBetter: boolean | null;
}

/** The change from the previous period as a sign, a colour and a word. */
function Delta({ value, text, isMoreBetter }: DeltaProps) {
  const words = messages.value;
  if (value === null) return <span class="delta">{words.beforeNone}</span>;
  if (value === 0) return <span class="delta">{words.beforeSame}</span>;
  const isBetter = isMoreBetter === null ? null : value > 0 === isMoreBetter;
  const tone = isBetter === null ? '' : isBetter ? 'delta-better' : 'delta-worse';
  return (
    <span class={`delta ${tone}`} title={words.beforeLabel} data-testid="change">
      <span aria-hidden="true">{value > 0 ? '▲' : '▼'}</span> {format.value.signed(value, text)}
      {isBetter !== null && <span class="visually-hidden">{isBetter ? words.better : words.worse}</span>}
      <span class="visually-hidden">{words.beforeLabel}</span>
    </span>
  );
}

function LatencyObjective({ view, range }: { view: View; range: TimeRange }) {
  const f = format.value;
  const objective = view.targets[range]?.latency_objective;
  const { latency } = view;
  if (!objective || latency?.share === null || latency?.share === undefined) return null;
  const text = messages.value.latencyObjectiveMet(
    `${f.availability(latency.share)} (≥ ${f.target(objective.share)})`,
    f.latency(latency.measured_threshold),
  );
  return <span class={`delta ${latency.is_met ? 'delta-better' : 'delta-worse'}`}>{text}</span>;
}
