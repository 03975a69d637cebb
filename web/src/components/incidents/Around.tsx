import { useMemo } from 'preact/hooks';
import type { Client } from '../../api/client';
import { serverTime } from '../../api/clock';
import * as endpoints from '../../api/endpoints';
import type { HistoryAnswer, IncidentAnswer } from '../../api/types';
import type { Mark } from '../../charts/marks';
import { budgetRange, extentOf, type Figure, fromZero, seriesOf } from '../../charts/series';
import { TimeChart } from '../../charts/TimeChart';
import { format } from '../../format';
import { messages } from '../../i18n';
import { tellingFigure, windowAround } from '../../incidents/around';
import { kindWord } from '../../incidents/words';
import { now } from '../../state/refresh';
import { useResource } from '../../state/resource';
import { extentText, lookOf } from '../detail/look';
import { Panel, PanelSkeleton } from '../detail/Panel';
import { rfc3339 } from '../detail/period';
import { useLatest } from '../detail/useLatest';
import { unixWindow } from '../detail/window';
import { WhyFailed } from '../Failure';

/** Two charts, from an hour before the incident to an hour after it, in which its time is hatched. */
export function Around({ client, incident }: { client: Client; incident: IncidentAnswer }) {
  const words = messages.value;
  const { domain } = incident.subject;
  const telling = tellingFigure(incident);
  const { cluster_id: cluster, path_prefix: path, resolved_at } = incident;
  // What is open ends now: it is read again with other news, not each second.
  const key = telling && `around ${JSON.stringify([cluster, domain, path, incident.since, resolved_at])}`;
  const read = useResource<HistoryAnswer>(key, (signal) => {
    const { from, to } = windowAround(incident, serverTime(now.value) / 1000);
    const window = { range: '1d' as const, from: rfc3339(from), to: rfc3339(to) };
    return endpoints.history(client, { cluster, domain: domain ?? '', path }, window, signal);
  });
  const answer = useLatest(read.data, incident.incident_id);
  if (!telling) return null;
  const figures: Figure[] = telling === 'requests_per_sec' ? [telling] : [telling, 'requests_per_sec'];
  return (
    <Panel title={words.aroundIncident} testId="around">
      {answer ? (
        <>
          <div class={figures.length > 1 ? 'charts' : ''}>
            {figures.map((figure) => (
              <Chart key={figure} figure={figure} answer={answer} incident={incident} />
            ))}
          </div>
          <p class="hint mark-legend">
            <span class="hatch" aria-hidden="true" />
            {words.incidentLegend}
          </p>
        </>
      ) : read.error ? (
        <p class="hint">
          <WhyFailed error={read.error} />
        </p>
      ) : (
        <PanelSkeleton />
      )}
    </Panel>
  );
}

interface ChartProps {
  figure: Figure;
  answer: HistoryAnswer;
  incident: IncidentAnswer;
}

function Chart({ figure, answer, incident }: ChartProps) {
  const words = messages.value;
  const f = format.value;
  const look = lookOf(figure, words, f);
  const series = useMemo(() => seriesOf(answer.points, figure), [answer, figure]);
  const lines = useMemo(() => [{ label: look.short, values: series.values }], [series, look.short]);
  const window = unixWindow(answer.window);
  const marks = useMemo(() => markOf(incident, window, kindWord(incident.kind, words)), [answer, incident, words]);
  const extent = extentOf(series.values);
  return (
    <figure class="chart" data-testid={`around-${figure}`}>
      <figcaption>{look.short}</figcaption>
      {extent ? (
        <TimeChart
          label={look.title}
          summary={`${extentText(extent, look, words)}. ${stretchText(incident)}`}
          times={series.times}
          lines={lines}
          target={targetOf(incident, figure)}
          range={figure === 'error_budget_remaining' ? budgetRange(series.values) : fromZero(series.values, null)}
          window={window}
          text={look.text}
          axisText={look.axis}
          gapText={words.chartGap}
          marks={marks}
        />
      ) : (
        <p class="chart-empty">{words.chartEmpty}</p>
      )}
    </figure>
  );
}

function targetOf({ availability, latency_threshold }: IncidentAnswer, figure: Figure): number | null {
  if (figure === 'error_rate') return availability === null ? null : Number((1 - availability).toPrecision(10));
  return figure === 'p95_latency' ? latency_threshold : null;
}

/** The time of the incident as a hatched band. */
function markOf(incident: IncidentAnswer, window: { from: number; to: number } | null, kind: string): Mark[] {
  if (!window) return [];
  const end = incident.resolved_at === null ? window.to : Date.parse(incident.resolved_at) / 1000;
  return [{ from: Date.parse(incident.since) / 1000, to: Math.min(end, window.to), text: kind, isStretch: true }];
}

function stretchText({ kind, since, resolved_at }: IncidentAnswer): string {
  const words = messages.value;
  const f = format.value;
  const end = resolved_at === null ? words.incidentStill : f.moment(Date.parse(resolved_at));
  return words.incidentAt(kindWord(kind, words), f.moment(Date.parse(since)), end);
}
