import type { Client } from '../../api/client';
import * as api from '../../api/endpoints';
import type { HistoryAnswer, IncidentAnswer, Status, StatusChange, TimeRange } from '../../api/types';
import { incidentAt, placesOf } from '../../charts/incidents';
import { observedWindow } from '../../charts/observed';
import { type Stretch, stretchesOf } from '../../charts/strip';
import { format } from '../../format';
import { messages } from '../../i18n';
import { kindWord } from '../../incidents/words';
import { changesWithin, type Held } from '../../objectives/held';
import { useIncidents } from '../../state/incidents';
import { useResource } from '../../state/resource';
import { type DetailRoute, formatRoute } from '../../state/route';
import { budgetText } from '../budgetText';
import { StatusMark } from '../StatusMark';
import { Panel, PanelSkeleton } from './Panel';
import { sinceText } from './past';
import { useLatest } from './useLatest';
import { unixWindow } from './window';

const MOST_LISTED = 8;
const LANE_PIXELS = 17;
const NONE: readonly IncidentAnswer[] = [];

interface Props {
  client: Client;
  route: DetailRoute;
  /** Of the time range; null until it is known. */
  status: Status | null;
  /** Null if the window is zoomed. */
  timeRange: TimeRange | null;
  window: { from: string; to: string } | null;
  points: HistoryAnswer | null;
  /** What was promised when; null where it never changed. */
  held: readonly Held[] | null;
}

/** The status over time as a strip, and a list of the last changes. */
export function StatusHistory({ client, route, status, timeRange, window, points, held }: Props) {
  const words = messages.value;
  const { cluster, domain, path, range } = route;
  const subjectKey = JSON.stringify([cluster, domain, path, range]);
  const from = window?.from ?? null;
  // A time range moves with each slot; it is read again with the other figures, and not because of that.
  const windowKey = timeRange ?? from;
  // Read up to now, not to the window's end: a later change gives the status at the end of the window.
  const read = useResource(from && `changes ${subjectKey} ${windowKey}`, (signal) =>
    api.statusChanges(client, { cluster, domain, path }, range, from ?? '', signal),
  );
  const changes = useLatest(read.data, subjectKey);
  const whole = unixWindow(window);
  const incidents = ofPath(
    useIncidents(client, { cluster, domain, from: whole?.from ?? null, window: windowKey ?? '' }) ?? NONE,
    path,
  );
  const bounds = whole && points && observedWindow(whole, points.points);
  const first = points?.points.find((point) => point.has_data);
  return (
    <Panel title={words.statusHistory} testId="status-history">
      {changes && bounds && points && status ? (
        <>
          <Strip
            stretches={stretchesOf(changes, status, bounds, first ? Date.parse(first.timestamp) / 1000 : null)}
            seconds={bounds.to - bounds.from}
          />
          {held && <PromiseStrip changes={changesWithin(held, bounds)} window={bounds} />}
          <IncidentStrip incidents={incidents} window={bounds} />
          <Changes changes={changes} incidents={incidents} />
        </>
      ) : (
        <PanelSkeleton />
      )}
    </Panel>
  );
}

function Strip({ stretches, seconds }: { stretches: readonly Stretch[]; seconds: number }) {
  const words = messages.value;
  const f = format.value;
  const [first, last] = [stretches[0], stretches.at(-1)];
  return (
    <div>
      <ol class="strip" aria-label={words.statusHistoryStrip}>
        {stretches.map((stretch) => {
          const text = words.statusFor(
            words[stretch.status],
            f.moment(stretch.from * 1000),
            f.moment(stretch.to * 1000),
          );
          return (
            <li
              key={stretch.from}
              class={`strip-${stretch.status}`}
              style={{ width: `${((stretch.to - stretch.from) / seconds) * 100}%` }}
              title={text}
            >
              <span class="visually-hidden">{text}</span>
            </li>
          );
        })}
      </ol>
      <div class="strip-ends hint" aria-hidden="true">
        <span>{first && f.moment(first.from * 1000)}</span>
        <span>{last && f.moment(last.to * 1000)}</span>
      </div>
    </div>
  );
}

/** When the promise changed: where on the strip, and what has held since. */
function PromiseStrip({
  changes,
  window,
}: {
  changes: readonly (Held & { since: number })[];
  window: { from: number; to: number };
}) {
  const words = messages.value;
  const f = format.value;
  if (!changes.length) return null;
  return (
    <div class="promises" data-testid="promises">
      <div class="promise-strip" aria-hidden="true">
        {changes.map(({ since }) => (
          <span key={since} style={{ left: `${((since - window.from) / (window.to - window.from)) * 100}%` }} />
        ))}
      </div>
      <ul class="hint" aria-label={words.promiseChanges}>
        {changes.slice(-MOST_LISTED).map((each) => (
          <li key={each.since}>{sinceText(each, words, f)}</li>
        ))}
      </ul>
    </div>
  );
}

/** The incidents of the time, each a link where it was. */
function IncidentStrip({
  incidents,
  window,
}: {
  incidents: readonly IncidentAnswer[];
  window: { from: number; to: number };
}) {
  const words = messages.value;
  const f = format.value;
  const places = placesOf(incidents, window);
  if (!places.length) return null;
  const share = (seconds: number): string => `${(seconds / (window.to - window.from)) * 100}%`;
  return (
    <ol
      class="incident-strip"
      style={{ height: `${(Math.max(...places.map(({ lane }) => lane)) + 1) * LANE_PIXELS}px` }}
      aria-label={words.incidents}
      data-testid="incident-strip"
    >
      {places.map(({ incident, from, to, lane }) => {
        const end = incident.resolved_at === null ? words.incidentStill : f.moment(to * 1000);
        const text = words.incidentAt(kindWord(incident.kind, words), f.moment(from * 1000), end);
        return (
          <li
            key={incident.incident_id}
            style={{
              left: `min(${share(from - window.from)}, calc(100% - 10px))`,
              top: `${lane * LANE_PIXELS}px`,
              width: share(to - from),
            }}
          >
            <a class={`incident-${incident.severity}`} href={linkTo(incident)} title={text}>
              <span class="visually-hidden">{text}</span>
            </a>
          </li>
        );
      })}
    </ol>
  );
}

function linkTo({ cluster_id, incident_id }: IncidentAnswer): string {
  return formatRoute({ page: 'incident', cluster: cluster_id, id: incident_id });
}

/** An incident in which only another path failed does not belong to this one. */
function ofPath(incidents: readonly IncidentAnswer[], path: string | null): readonly IncidentAnswer[] {
  return incidents.filter((each) => path === null || each.path_prefix === null || each.path_prefix === path);
}

function Changes({ changes, incidents }: { changes: readonly StatusChange[]; incidents: readonly IncidentAnswer[] }) {
  const words = messages.value;
  const f = format.value;
  if (!changes.length) return <p class="hint">{words.statusNoChange}</p>;
  return (
    <ul class="changes">
      {changes.slice(0, MOST_LISTED).map((change) => {
        const incident = incidentAt(incidents, Date.parse(change.at) / 1000);
        return (
          <li key={change.at}>
            <time dateTime={change.at}>{f.moment(Date.parse(change.at))}</time>
            <span class="change-statuses">
              <StatusMark status={change.old_status} />
              <span aria-hidden="true">→</span>
              <StatusMark status={change.new_status} />
            </span>
            <span class="hint">
              {words.availability} {f.availability(change.availability)} · {words.p95} {f.latency(change.p95_latency)} ·{' '}
              {words.budgetLeft} {budgetText(change.error_budget_remaining)}
            </span>
            {incident && (
              <a class="change-incident" href={linkTo(incident)}>
                {kindWord(incident.kind, words)}
              </a>
            )}
          </li>
        );
      })}
    </ul>
  );
}
