import { useEffect } from 'preact/hooks';
import type { Client } from '../../api/client';
import { serverTime } from '../../api/clock';
import { ApiError } from '../../api/errors';
import * as api from '../../api/incidents';
import type { IncidentAnswer } from '../../api/types';
import { format } from '../../format';
import { messages } from '../../i18n';
import { countsRequests, kindWord, sentenceOf, subjectName } from '../../incidents/words';
import { useOpenCount } from '../../state/incidents';
import { now } from '../../state/refresh';
import { useUndatedResource } from '../../state/resource';
import { formatRoute, type IncidentRoute, incidentsOf } from '../../state/route';
import { useLatest } from '../detail/useLatest';
import { ExcludeButton } from '../exclusions/ExcludeButton';
import { Failure, WhyFailed } from '../Failure';
import { BackIcon } from '../icons';
import { ListSkeleton } from '../list/ListSkeleton';
import { Acknowledge } from './Acknowledge';
import { Around } from './Around';
import { Facts } from './Facts';
import { IncidentState, SeverityMark } from './marks';
import { Changes, FailingRoutes } from './Routes';
import { Timeline } from './Timeline';

/** One incident: what happened, since when, at what cost, what changed before, and who looks at it. */
export function IncidentPage({ client, route }: { client: Client; route: IncidentRoute }) {
  const words = messages.value;
  const { cluster, id } = route;
  const key = `incident ${JSON.stringify([cluster, id])}`;
  const read = useUndatedResource(
    key,
    (signal) => api.incident(client, cluster, id, signal),
    ({ status, steps }) => `${status} ${steps.length}`,
  );
  useOpenCount(client, cluster);
  const incident = useLatest(read.data, key);
  const title = incident ? `${kindWord(incident.kind, words)}: ${subjectName(incident)}` : words.incidents;
  useEffect(() => {
    document.title = `${title} · ${words.product}`;
  }, [title, words]);

  const back = (
    <a class="back-link" href={formatRoute(incidentsOf(cluster))}>
      <BackIcon />
      {words.backToIncidents}
    </a>
  );
  if (!incident) {
    if (!read.error) return <ListSkeleton />;
    const isUnknown = read.error instanceof ApiError && read.error.status === 404;
    return (
      <div class="page">
        {back}
        <Failure error={read.error} detail={isUnknown ? words.noSuchIncident : undefined} />
      </div>
    );
  }
  const { domain } = incident.subject;
  return (
    <div class="page detail incident-page">
      {back}
      {read.error && (
        <p class="notice notice-warn">
          <WhyFailed error={read.error} within={words.refreshFailed} />
        </p>
      )}
      <header class="detail-head">
        <div class="detail-title">
          <h1>
            <span>{kindWord(incident.kind, words)}</span>
            <span class="detail-path">{subjectName(incident)}</span>
          </h1>
          <SeverityMark severity={incident.severity} isOver={incident.status === 'resolved'} />
          <IncidentState status={incident.status} />
          <span class="spacer" />
          {domain !== null && (
            <a
              class="button"
              data-testid="open-domain"
              href={formatRoute({
                page: 'detail',
                cluster,
                domain,
                path: incident.path_prefix,
                range: '1d',
                window: null,
              })}
            >
              {words.openDomain}
            </a>
          )}
          {countsRequests(incident.kind) && (
            <ExcludeButton
              client={client}
              subject={{ cluster, domain, path: incident.path_prefix }}
              time={{ from: Date.parse(incident.since) / 1000, to: endOf(incident) }}
              word={words.doesNotCount}
              testId="exclude"
            />
          )}
          <Acknowledge client={client} incident={incident} />
        </div>
        <p class="lead" data-testid="incident-sentence">
          {sentenceOf(incident, words, format.value, serverTime(now.value))}
        </p>
      </header>
      <Facts incident={incident} />
      <Around client={client} incident={incident} />
      <div class="pair">
        <Timeline incident={incident} />
        <div class="stack">
          <FailingRoutes incident={incident} />
          {domain !== null && <Changes incident={incident} />}
        </div>
      </div>
    </div>
  );
}

/** When it was over, or now; Unix seconds. */
function endOf({ resolved_at }: IncidentAnswer): number {
  return (resolved_at === null ? serverTime(Date.now()) : Date.parse(resolved_at)) / 1000;
}
