import type { ClusterAnswer } from '../api/types';
import { TIME_RANGES, type TimeRange } from '../api/types';
import { messages, rangeWord } from '../i18n';
import { openCount } from '../state/incidents';
import { go, lastCluster, route } from '../state/location';
import { lookAtClusters, refresh } from '../state/refresh';
import { formatRoute, incidentsOf, type Route } from '../state/route';
import { AccountMenu } from './AccountMenu';
import { BellIcon, FlameIcon, LogoMark, RefreshIcon } from './icons';
import { PreferencesMenu } from './PreferencesMenu';
import { Segmented } from './Segmented';

const LIST = { page: 'list', cluster: null, range: '1d', search: '', statuses: [], sort: 'worst' } as const;
const ADD = '+';

export function TopBar({ clusters }: { clusters: readonly ClusterAnswer[] }) {
  const words = messages.value;
  const at = route.value;
  const cluster = clusterOf(at, clusters);
  return (
    <header class="top-bar">
      <div class="top-bar-inner">
        <a class="brand" href="#/" aria-label={words.product}>
          <LogoMark />
          <span class="brand-name">{words.product}</span>
        </a>
        {clusters.length > 0 && <ClusterSelect clusters={clusters} at={at} />}
        {cluster !== null && <IncidentsLink cluster={cluster} isHere={at.page === 'incidents'} />}
        <span class="spacer" />
        {'range' in at && clusters.length > 0 && (
          <Segmented
            label={words.timeRange}
            name="range"
            value={at.range}
            choices={TIME_RANGES.map((value) => ({ value, label: rangeWord(value, words) }))}
            onChange={(range) => go(withRange(at, range))}
          />
        )}
        <div class="top-bar-tools">
          <button
            type="button"
            class="button icon-button"
            aria-label={words.refresh}
            title={words.refresh}
            onClick={refresh}
          >
            <RefreshIcon />
          </button>
          <PreferencesMenu>
            <a class="button wide" href="#/notifications" data-testid="notifications-link">
              <BellIcon />
              {words.notifications}
            </a>
            {cluster !== null && (
              <a
                class="button wide"
                href={formatRoute({ page: 'statement', cluster, month: null })}
                data-testid="statement-link"
              >
                {words.statement}
              </a>
            )}
          </PreferencesMenu>
          <AccountMenu />
        </div>
      </div>
    </header>
  );
}

/** The cluster of a page, the last one that was looked at, or the first; null if there is none. */
function clusterOf(at: Route, clusters: readonly ClusterAnswer[]): string | null {
  const cluster = 'cluster' in at ? at.cluster : lastCluster.value;
  return cluster ?? clusters[0]?.cluster_id ?? null;
}

/** Leads to the incidents of the cluster, and says how many are open. */
function IncidentsLink({ cluster, isHere }: { cluster: string; isHere: boolean }) {
  const words = messages.value;
  const count = openCount(cluster);
  return (
    <a
      class={`button incidents-link ${count ? 'has-open' : ''}`}
      href={formatRoute(incidentsOf(cluster))}
      aria-current={isHere ? 'page' : undefined}
      title={words.incidents}
      data-testid="incidents-link"
    >
      <FlameIcon isFilled={Boolean(count)} />
      <span class="incidents-word">{words.incidents}</span>
      {count !== null && count > 0 && (
        <>
          <span class="incidents-count" aria-hidden="true">
            {count}
          </span>
          <span class="visually-hidden">{words.incidentsOpenCount(count)}</span>
        </>
      )}
    </a>
  );
}

function ClusterSelect({ clusters, at }: { clusters: readonly ClusterAnswer[]; at: Route }) {
  const words = messages.value;
  const current = at.page === 'install' ? ADD : (clusterOf(at, clusters) ?? '');
  const choose = (value: string): void => {
    lookAtClusters();
    if (value === ADD) go({ page: 'install' });
    else if (at.page === 'incidents') go(incidentsOf(value));
    else if (at.page === 'statement') go({ ...at, cluster: value });
    else go({ ...LIST, range: 'range' in at ? at.range : '1d', cluster: value });
  };
  return (
    <label class="cluster-select">
      <span class="visually-hidden">{words.cluster}</span>
      <select
        data-testid="cluster"
        value={current}
        onFocus={lookAtClusters}
        onPointerDown={lookAtClusters}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        {clusters.map(({ cluster_id }) => (
          <option key={cluster_id} value={cluster_id}>
            {cluster_id}
          </option>
        ))}
        <option value={ADD}>{words.addCluster}…</option>
      </select>
    </label>
  );
}

function withRange(at: Route, range: TimeRange): Route {
  if (at.page === 'detail') return { ...at, range, window: null };
  return at.page === 'list' ? { ...at, range } : at;
}
