import { useEffect, useMemo } from 'preact/hooks';
import type { Client } from '../../api/client';
import * as api from '../../api/endpoints';
import type { DomainsAnswer } from '../../api/types';
import { messages } from '../../i18n';
import { whatBurns } from '../../list/burning';
import { serviceKeyIn } from '../../list/filter';
import { rowsOf } from '../../list/rows';
import { pressed, worseRoutes } from '../../list/sort';
import { expandedDomains, setAllExpanded, toggleExpanded } from '../../state/expansion';
import { useIncidents } from '../../state/incidents';
import { go } from '../../state/location';
import { usePromises } from '../../state/past';
import { useMainResource, useResource } from '../../state/resource';
import type { ListRoute } from '../../state/route';
import { Failure } from '../Failure';
import { Freshness } from '../Freshness';
import { Notices } from '../Notices';
import { Cards } from './Cards';
import { CoverageHint } from './CoverageHint';
import { ListSkeleton } from './ListSkeleton';
import { PresetHint } from './PresetHint';
import { Toolbar } from './Toolbar';
import { Tree } from './Tree';

interface Props {
  client: Client;
  route: ListRoute;
  cluster: string;
}

export function ListPage({ client, route, cluster }: Props) {
  const words = messages.value;
  const { data, error, isLoading } = useMainResource(
    `domains ${cluster} ${route.range}`,
    (signal) => api.domains(client, cluster, route.range, signal),
    whatBurns,
  );
  usePromises(client, cluster);
  useIncidents(client, { cluster, domain: null, from: null, window: '' });
  useEffect(() => {
    document.title = `${cluster} · ${words.product}`;
  }, [cluster, words]);

  if (!data) return error ? <Failure error={error} /> : <ListSkeleton />;
  return (
    <div class="page">
      <h1 class="visually-hidden">{`${words.domains}: ${cluster}`}</h1>
      <Notices answer={data} error={error} />
      <Cards overview={data.overview} domains={data.domains} />
      {data.overview.total_domains || data.unattributed.length ? (
        <Listing client={client} route={{ ...route, cluster }} answer={data} isLoading={isLoading} />
      ) : (
        <div class="state" data-testid="no-domains">
          <h2>{words.noDomains}</h2>
          <p>{words.noDomainsHow}</p>
        </div>
      )}
    </div>
  );
}

interface ListingProps {
  client: Client;
  route: ListRoute & { cluster: string };
  answer: DomainsAnswer;
  isLoading: boolean;
}

function Listing({ client, route, answer, isLoading }: ListingProps) {
  const words = messages.value;
  const { cluster } = route;
  const open = expandedDomains(cluster);
  const { search, statuses, sort } = route;
  const key = serviceKeyIn(search);
  const routed = useResource(key && `routes ${cluster} ${key}`, (signal) =>
    api.routesOf(client, cluster, key ?? '', signal),
  ).data;
  const filter = useMemo(() => ({ search, statuses, routed: routed ?? [] }), [search, statuses, routed]);
  const rows = useMemo(() => rowsOf(answer, filter, sort, (domain) => open.has(domain)), [answer, filter, sort, open]);
  const shown = rows.filter((row) => row.kind === 'domain').length;
  const clear = (): void => go({ ...route, search: '', statuses: [] }, { replace: true });
  return (
    <section class="listing" aria-label={words.treeLabel}>
      <Toolbar
        route={route}
        domains={answer.domains}
        filter={filter}
        onExpandAll={(all) => setAllExpanded(cluster, all ? answer.domains.map((domain) => domain.domain) : [])}
      />
      <div class="listing-head">
        <p class="shown" role="status" data-testid="shown">
          {words.shown(String(shown), String(answer.domains.length))}
        </p>
        {answer.domains.some(worseRoutes) && (
          <p class="status-hint" data-testid="status-hint">
            {words.statusHint}
          </p>
        )}
        <PresetHint client={client} cluster={cluster} domains={answer.domains} />
        <CoverageHint answer={answer} />
        <Freshness answer={answer} isLoading={isLoading} />
      </div>
      {rows.length ? (
        <Tree
          client={client}
          cluster={cluster}
          range={route.range}
          asOf={answer.as_of ?? ''}
          bookedUntil={answer.booked_until}
          rows={rows}
          sort={sort}
          onSort={(key) => go({ ...route, sort: pressed(sort, key) }, { replace: true })}
          onToggle={(domain) => toggleExpanded(cluster, domain)}
        />
      ) : (
        <div class="state">
          <h2>{words.nothingFound}</h2>
          <p>{words.nothingFoundHow}</p>
          <button type="button" class="button" onClick={clear}>
            {words.clearFilters}
          </button>
        </div>
      )}
    </section>
  );
}
