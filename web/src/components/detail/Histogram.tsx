import type { LatencyAnswer } from '../../api/types';
import { type Bar, barsOf, placeOf } from '../../charts/histogram';
import { format } from '../../format';
import { type Messages, messages } from '../../i18n';
import { isLowerBound } from '../list/cells';
import { Panel, PanelSkeleton } from './Panel';

/** The latency histogram in Traefik's buckets, with the percentiles. */
export function Histogram({ answer }: { answer: LatencyAnswer | null }) {
  const words = messages.value;
  return (
    <Panel title={words.histogram} testId="histogram">
      {answer ? <Bars answer={answer} /> : <PanelSkeleton />}
    </Panel>
  );
}

function Bars({ answer }: { answer: LatencyAnswer }) {
  const words = messages.value;
  const f = format.value;
  const bars = barsOf(answer.buckets);
  if (!bars.length) return <p class="chart-empty">{words.noRequests}</p>;
  const most = Math.max(...bars.map((bar) => bar.count));
  return (
    <>
      <dl class="percentiles">
        {percentilesOf(answer, words).map(({ name, text }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <div class="histogram">
        <ul class="histogram-bars" aria-label={words.histogramChart}>
          {bars.map((bar) => {
            const share = f.errorRate(bar.count / answer.observations);
            const text = `${rangeText(bar, words)}: ${words.ofRequests(f.count(bar.count), share)}`;
            return (
              <li key={bar.low} title={text}>
                <span class="visually-hidden">{text}</span>
                <span class="histogram-column" aria-hidden="true">
                  <span class="histogram-bar" style={{ height: `${(bar.count / most) * 100}%` }} />
                </span>
                <span class="histogram-bound" aria-hidden="true">
                  {bar.high === null ? '' : f.latencyTick(bar.high)}
                </span>
              </li>
            );
          })}
        </ul>
        <Marks answer={answer} bars={bars} />
      </div>
      <p class="hint">{words.observations(f.count(answer.observations))}</p>
    </>
  );
}

/** The percentiles as lines over the bars, each at its own height so that labels do not overlap. */
function Marks({ answer, bars }: { answer: LatencyAnswer; bars: readonly Bar[] }) {
  const words = messages.value;
  const marks = [
    { name: words.p50, value: answer.p50_latency },
    { name: words.p95, value: answer.p95_latency },
    { name: words.p99, value: answer.p99_latency },
  ];
  return (
    <div class="histogram-marks" aria-hidden="true">
      {marks.map(({ name, value }, index) => {
        const place = value === null ? null : placeOf(bars, value);
        if (place === null) return null;
        const side = place > 0.85 ? 'mark mark-left' : 'mark';
        return (
          <span key={name} class={`${side} mark-${index}`} style={{ left: `${place * 100}%` }}>
            <span>{name}</span>
          </span>
        );
      })}
    </div>
  );
}

function percentilesOf(answer: LatencyAnswer, words: Messages): { name: string; text: string }[] {
  const f = format.value;
  return [
    { name: words.p50, text: f.latency(answer.p50_latency, isLowerBound(answer, 'p50_latency')) },
    { name: words.p95, text: f.latency(answer.p95_latency, isLowerBound(answer, 'p95_latency')) },
    { name: words.p99, text: f.latency(answer.p99_latency, isLowerBound(answer, 'p99_latency')) },
    { name: words.average, text: f.latency(answer.average_latency) },
  ];
}

function rangeText(bar: Bar, words: Messages): string {
  const f = format.value;
  return bar.high === null
    ? words.histogramOver(f.latency(bar.low))
    : words.histogramRange(f.latency(bar.low), f.latency(bar.high));
}
