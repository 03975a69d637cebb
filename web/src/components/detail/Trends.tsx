import { useMemo } from 'preact/hooks';
import type { Client } from '../../api/client';
import type { HistoryAnswer, Target } from '../../api/types';
import { countedAfterGaps } from '../../charts/gaps';
import type { Mark } from '../../charts/marks';
import { type Extent, extentOf, type Figure, fromZero, seriesOf, upToOne } from '../../charts/series';
import { TimeChart } from '../../charts/TimeChart';
import { zoomTo } from '../../charts/zoom';
import { format } from '../../format';
import { messages } from '../../i18n';
import { go } from '../../state/location';
import { CLOCKS, clock } from '../../state/preferences';
import type { DetailRoute } from '../../state/route';
import { ExcludeButton } from '../exclusions/ExcludeButton';
import { Segmented } from '../Segmented';
import { extentText, type Look, lookOf } from './look';
import { marksOf } from './marks';
import { Panel, PanelSkeleton } from './Panel';
import { allMarks, type Past } from './past';
import { TrendTable } from './TrendTable';
import { drawnWindow, unixWindow } from './window';

interface Props {
  client: Client;
  route: DetailRoute;
  answer: HistoryAnswer | null;
  past: Past;
}

/** Four charts of one window with a shared cursor. Dragging over a chart zooms to a new window with its own URL. */
export function Trends({ client, route, answer, past }: Props) {
  const words = messages.value;
  const f = format.value;
  const clockWords = { local: words.clockLocal, utc: words.clockUtc };
  const aside = (
    <div class="panel-tools">
      {route.window && (
        <ExcludeButton
          client={client}
          subject={{ cluster: route.cluster, domain: route.domain, path: route.path }}
          time={route.window}
          word={words.excludeThis}
          testId="exclude-this"
          isSmall={true}
        />
      )}
      {route.window ? (
        <button
          type="button"
          class="button small"
          data-testid="zoom-out"
          onClick={() => go({ ...route, window: null })}
        >
          {words.zoomOut}
        </button>
      ) : (
        <span class="hint zoom-hint">{words.zoomHint}</span>
      )}
      <Segmented
        label={words.clock}
        name="chart-clock"
        value={clock.value}
        choices={CLOCKS.map((value) => ({ value, label: clockWords[value] }))}
        onChange={(value) => {
          clock.value = value;
        }}
      />
    </div>
  );
  return (
    <Panel title={words.trends} testId="trends" aside={aside}>
      {answer?.window && route.window && (
        <p class="hint" data-testid="zoomed">
          {words.zoomed(f.moment(Date.parse(answer.window.from)), f.moment(Date.parse(answer.window.to)))}
        </p>
      )}
      {answer ? (
        <>
          <div class="charts">
            <Trend route={route} answer={answer} past={past} figure="availability" />
            <Trend route={route} answer={answer} past={past} figure="p95_latency" />
            <Trend route={route} answer={answer} past={past} figure="error_rate" />
            <Trend route={route} answer={answer} past={past} figure="requests_per_sec" />
          </div>
          {countedAfterGaps(answer.points) && (
            <p class="hint mark-legend" data-testid="after-gap-legend">
              <span class="hatch" aria-hidden="true" />
              {words.afterGapLegend}
            </p>
          )}
          {past.excluded.length > 0 && (
            <p class="hint mark-legend" data-testid="excluded-legend">
              <span class="hatch" aria-hidden="true" />
              {words.excluded('')}
            </p>
          )}
          <TrendTable points={answer.points} />
        </>
      ) : (
        <PanelSkeleton />
      )}
    </Panel>
  );
}

interface TrendProps {
  route: DetailRoute;
  answer: HistoryAnswer;
  past: Past;
  figure: Exclude<Figure, 'error_budget_remaining'>;
}

function Trend({ route, answer, past, figure }: TrendProps) {
  const words = messages.value;
  const f = format.value;
  const look = lookOf(figure, words, f);
  const target = targetOf(answer.target, figure);
  const targets = useMemo(
    () => past.held?.map((each) => ({ since: each.since, value: targetOf(each.target, figure) })),
    [past, figure],
  );
  const series = useMemo(() => seriesOf(answer.points, figure), [answer, figure]);
  const lines = useMemo(() => [{ label: look.short, values: series.values }], [series, look.short]);
  const marks = useMemo(
    () => allMarks(answer.points, past, unixWindow(answer.window), words, f),
    [answer, past, words, f],
  );
  const extent = extentOf(series.values);
  const range = (figure === 'availability' ? upToOne : fromZero)(series.values, target);
  const summary = extent ? summaryOf(extent, look, marks, marksOf(answer.points, words, f).length) : words.chartEmpty;
  return (
    <figure class="chart" data-testid={`chart-${figure}`}>
      <figcaption>
        {look.short}
        {target !== null && (
          <span class="chart-target">
            {words.target} {figure === 'p95_latency' ? f.latency(target) : f.target(target)}
          </span>
        )}
      </figcaption>
      {extent ? (
        <TimeChart
          label={look.title}
          summary={summary}
          times={series.times}
          lines={lines}
          target={target}
          targets={targets}
          range={range}
          window={drawnWindow(answer)}
          text={look.text}
          axisText={look.axis}
          gapText={words.chartGap}
          marks={marks}
          onZoom={(from, to) => go({ ...route, window: zoomTo(from, to, answer.point_seconds) })}
        />
      ) : (
        <p class="chart-empty">{words.chartEmpty}</p>
      )}
    </figure>
  );
}

/** What is drawn in words: of points that requests of a gap were counted in, how many; each other mark as it is. */
function summaryOf(extent: Extent, look: Look, marks: readonly Mark[], late: number): string {
  const words = messages.value;
  const others = marks.filter(({ isStretch, isMoment }) => isStretch || isMoment).map(({ text }) => text);
  return [extentText(extent, look, words), ...(late ? [words.afterGapPoints(late)] : []), ...new Set(others)].join(
    '. ',
  );
}

/** The limit of the error rate is 1 minus the availability target. */
function targetOf(target: Target, figure: Figure): number | null {
  switch (figure) {
    case 'availability':
      return target.availability;
    case 'p95_latency':
      return target.p95_latency;
    case 'error_rate':
      return Number((1 - target.availability).toPrecision(10));
    default:
      return null;
  }
}
