import { useRef } from 'preact/hooks';
import type { Client } from '../api/client';
import * as api from '../api/endpoints';
import type { ClustersAnswer } from '../api/types';
import { messages } from '../i18n';
import { route } from '../state/location';
import { clusterLooks } from '../state/refresh';
import { useResource } from '../state/resource';
import type { Route } from '../state/route';
import { DetailPage } from './detail/DetailPage';
import { ErrorBoundary } from './ErrorBoundary';
import { Failure } from './Failure';
import { InstallPage } from './InstallPage';
import { IncidentPage } from './incidents/IncidentPage';
import { IncidentsPage } from './incidents/IncidentsPage';
import { ListPage } from './list/ListPage';
import { ListSkeleton } from './list/ListSkeleton';
import { NotificationsPage } from './notifications/NotificationsPage';
import { Later } from './objectives/Later';
import { Toasts } from './Toasts';
import { TopBar } from './TopBar';
import { useFocusOnArrival } from './useFocusOnArrival';

/** The signed-in view: the top bar and the current page. */
export function Shell({ client }: { client: Client }) {
  const clusters = useResource('clusters', (signal) => api.clusters(client, signal), clusterLooks);
  const known = clusters.data?.clusters ?? null;
  const main = useRef<HTMLElement | null>(null);
  const page = pageOf(route.value);
  useFocusOnArrival(main, page);
  return (
    <>
      <button type="button" class="skip-link" onClick={() => main.current?.focus()}>
        {messages.value.skipToContent}
      </button>
      <TopBar clusters={known ?? []} />
      <main ref={main} tabIndex={-1}>
        <ErrorBoundary key={page}>
          <Page client={client} answer={clusters.data} error={clusters.error} />
        </ErrorBoundary>
      </main>
      <Toasts />
    </>
  );
}

interface PageProps {
  client: Client;
  /** Null until loaded. An address that contains a cluster does not wait for it. */
  answer: ClustersAnswer | null;
  error: Error | null;
}

function Page({ client, answer, error }: PageProps) {
  const at = route.value;
  if (at.page === 'detail') return <DetailPage client={client} route={at} />;
  if (at.page === 'incidents') return <IncidentsPage client={client} route={at} />;
  if (at.page === 'incident') return <IncidentPage client={client} route={at} />;
  if (at.page === 'notifications') return <NotificationsPage client={client} />;
  if (at.page === 'statement') {
    return (
      <Later onFailure={() => history.back()}>
        {({ StatementPage }) => <StatementPage client={client} route={at} />}
      </Later>
    );
  }
  const cluster = at.page === 'list' ? (at.cluster ?? answer?.clusters[0]?.cluster_id ?? null) : null;
  if (at.page === 'list' && cluster !== null) return <ListPage client={client} route={at} cluster={cluster} />;
  if (answer) return <InstallPage clusters={answer.clusters} pushUrl={answer.push_url} />;
  return error ? <Failure error={error} /> : <ListSkeleton />;
}

/** The key of a page. Routes with the same key are views of the same page. */
function pageOf(at: Route): string {
  if (at.page === 'detail') return JSON.stringify([at.cluster, at.domain]);
  if (at.page === 'incident') return JSON.stringify([at.page, at.cluster, at.id]);
  return at.page;
}
