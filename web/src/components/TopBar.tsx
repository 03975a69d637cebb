import type { ClusterAnswer } from '../api/types';
import { TIME_RANGES, type TimeRange } from '../api/types';
import { messages, rangeWord } from '../i18n';
import { go, route } from '../state/location';
import { lookAtClusters, refresh } from '../state/refresh';
import type { Route } from '../state/route';
import { AccountMenu } from './AccountMenu';
import { LogoMark, RefreshIcon } from './icons';
import { PreferencesMenu } from './PreferencesMenu';
import { Segmented } from './Segmented';

const LIST = { page: 'list', cluster: null, range: '1d', search: '', statuses: [], sort: 'worst' } as const;
const ADD = '+';

export function TopBar({ clusters }: { clusters: readonly ClusterAnswer[] }) {
  const words = messages.value;
  const at = route.value;
  return (
    <header class="top-bar">
      <div class="top-bar-inner">
        <a class="brand" href="#/" aria-label={words.product}>
          <LogoMark />
          <span class="brand-name">{words.product}</span>
        </a>
        {clusters.length > 0 && <ClusterSelect clusters={clusters} at={at} />}
        <span class="spacer" />
        {at.page !== 'install' && clusters.length > 0 && (
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
          <PreferencesMenu />
          <AccountMenu />
        </div>
      </div>
    </header>
  );
}

function ClusterSelect({ clusters, at }: { clusters: readonly ClusterAnswer[]; at: Route }) {
  const words = messages.value;
  const current = at.page === 'install' ? ADD : (at.cluster ?? clusters[0]?.cluster_id ?? '');
  const choose = (value: string): void => {
    const range = at.page === 'install' ? '1d' : at.range;
    lookAtClusters();
    go(value === ADD ? { page: 'install' } : { ...LIST, range, cluster: value });
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
