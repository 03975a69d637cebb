import { useEffect, useState } from 'preact/hooks';
import type { Client } from '../../api/client';
import * as api from '../../api/incidents';
import type { IncidentAnswer, IncidentsAnswer } from '../../api/types';
import { messages } from '../../i18n';
import { noteIncidents, noteOpenCount } from '../../state/incidents';
import { go } from '../../state/location';
import { useUndatedResource } from '../../state/resource';
import { type IncidentsRoute, incidentsOf } from '../../state/route';
import { endIfRejected } from '../../state/session';
import { useLatest } from '../detail/useLatest';
import { Failure, WhyFailed } from '../Failure';
import { BackIcon } from '../icons';
import { ListSkeleton } from '../list/ListSkeleton';
import { Filters } from './Filters';
import { IncidentRow } from './IncidentRow';

const IN_A_PAGE = 50;

/** The incidents of a cluster: what is open first, then what is over, newest first. */
export function IncidentsPage({ client, route }: { client: Client; route: IncidentsRoute }) {
  const words = messages.value;
  const { cluster, filter } = route;
  const key = `incidents ${JSON.stringify([cluster, filter])}`;
  const first = useUndatedResource(
    key,
    async (signal) => {
      const answer = await api.incidents(client, cluster, filter, { limit: IN_A_PAGE }, signal);
      if (isUnfiltered(filter)) noteIncidents(answer);
      else noteOpenCount(answer);
      return answer;
    },
    () => '',
  );
  const answer = useLatest(first.data, cluster);
  useEffect(() => {
    document.title = `${words.incidents} · ${cluster} · ${words.product}`;
  }, [cluster, words]);

  return (
    <div class="page incidents">
      <a class="back-link" href={`#/clusters/${encodeURIComponent(cluster)}`}>
        <BackIcon />
        {words.backToList}
      </a>
      <div class="page-head">
        <h1>{`${words.incidents}: ${cluster}`}</h1>
        {answer && (
          <span class="hint" role="status" data-testid="open-count">
            {answer.open ? words.incidentsOpenCount(answer.open) : words.incidentsAllOver}
          </span>
        )}
      </div>
      <Filters route={route} />
      {first.error && answer && (
        <p class="notice notice-warn">
          <WhyFailed error={first.error} within={words.refreshFailed} />
        </p>
      )}
      {first.data ? (
        <Listing key={key} client={client} route={route} answer={first.data} />
      ) : first.error ? (
        <Failure error={first.error} />
      ) : (
        <ListSkeleton />
      )}
    </div>
  );
}

function isUnfiltered({ statuses, kinds, severities, domain }: api.IncidentFilter): boolean {
  return !statuses.length && !kinds.length && !severities.length && domain === null;
}

interface Props {
  client: Client;
  route: IncidentsRoute;
  answer: IncidentsAnswer;
}

function Listing({ client, route, answer }: Props) {
  const words = messages.value;
  const [older, setOlder] = useState<readonly IncidentsAnswer[]>([]);
  const [isLoading, setLoading] = useState(false);
  const [failure, setFailure] = useState<Error | null>(null);
  const cursor = (older.at(-1) ?? answer).next_cursor;
  const all = withoutRepeats([answer, ...older].flatMap((page) => page.incidents));
  const open = all.filter((incident) => incident.status !== 'resolved');
  const over = all.filter((incident) => incident.status === 'resolved');

  const loadOlder = async (): Promise<void> => {
    setLoading(true);
    setFailure(null);
    try {
      const page = await api.incidents(client, route.cluster, route.filter, { limit: IN_A_PAGE, cursor });
      setOlder((pages) => [...pages, page]);
    } catch (error) {
      endIfRejected(error);
      setFailure(error instanceof Error ? error : new Error(String(error)));
    }
    setLoading(false);
  };

  return (
    <>
      {all.length > 0 ? (
        <>
          <Group title={words.incidentsOpen} testId="open-incidents" incidents={open} />
          <Group title={words.incidentsOver} testId="past-incidents" incidents={over} />
        </>
      ) : (
        cursor === null && <Nothing route={route} />
      )}
      {failure && (
        <p class="field-error" role="alert">
          <WhyFailed error={failure} />
        </p>
      )}
      {cursor !== null && (
        <button type="button" class="button" disabled={isLoading} data-testid="older" onClick={() => void loadOlder()}>
          {words.incidentsOlder}
        </button>
      )}
    </>
  );
}

function Group({ title, testId, incidents }: { title: string; testId: string; incidents: readonly IncidentAnswer[] }) {
  if (!incidents.length) return null;
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <ul class="incident-list" data-testid={testId}>
        {incidents.map((incident) => (
          <IncidentRow key={incident.incident_id} incident={incident} />
        ))}
      </ul>
    </section>
  );
}

function Nothing({ route }: { route: IncidentsRoute }) {
  const words = messages.value;
  const isFiltered = !isUnfiltered(route.filter);
  return (
    <div class="state" data-testid="no-incidents">
      <h2>{isFiltered ? words.incidentsFilteredOut : words.incidentsNone}</h2>
      {isFiltered ? (
        <button type="button" class="button" onClick={() => go(incidentsOf(route.cluster), { replace: true })}>
          {words.clearFilters}
        </button>
      ) : (
        <p>{words.incidentsNoneHow}</p>
      )}
    </div>
  );
}

/** An incident that was open on the first page can be on a later one, too, once it is over. The first page is newer. */
function withoutRepeats(incidents: readonly IncidentAnswer[]): IncidentAnswer[] {
  const seen = new Set<string>();
  return incidents.filter(({ incident_id }) => !seen.has(incident_id) && seen.add(incident_id));
}
