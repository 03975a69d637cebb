import { useEffect, useMemo } from 'preact/hooks';
import type { Client } from '../../api/client';
import * as api from '../../api/endpoints';
import { ApiError } from '../../api/errors';
import { exclusions } from '../../api/exclusions';
import type { DomainAnswer } from '../../api/types';
import { excludedTimes } from '../../charts/excluded';
import { messages } from '../../i18n';
import { useHeld, useKnown } from '../../state/past';
import { useMainResource, useResource } from '../../state/resource';
import { type DetailRoute, formatRoute } from '../../state/route';
import { Failure } from '../Failure';
import { BackIcon } from '../icons';
import { ListSkeleton } from '../list/ListSkeleton';
import { Notices } from '../Notices';
import { Burn } from './Burn';
import { BurnDown } from './BurnDown';
import { Counts } from './Counts';
import { Excluded } from './Excluded';
import { Figures } from './Figures';
import { Gaps } from './Gaps';
import { Header } from './Header';
import { Histogram } from './Histogram';
import { Paths } from './Paths';
import { periodOf } from './period';
import { Rules } from './Rules';
import { StatusHistory } from './StatusHistory';
import { Trends } from './Trends';
import { useLatest } from './useLatest';
import { viewOf } from './view';

/** The detail page of a domain or a route. */
export function DetailPage({ client, route }: { client: Client; route: DetailRoute }) {
  const words = messages.value;
  const { cluster, domain, path, range } = route;
  const period = periodOf(route);
  const subject = { cluster, domain, path };
  const domainKey = JSON.stringify([cluster, domain]);
  const subjectKey = JSON.stringify([cluster, domain, path]);
  const periodKey = JSON.stringify(period);

  const detail = useMainResource(
    `domain ${domainKey} ${periodKey}`,
    (signal) => api.domain(client, subject, period, signal),
    whatBurns,
  );
  const history = useResource(`history ${subjectKey} ${periodKey}`, (signal) =>
    api.history(client, subject, period, signal),
  );
  const latency = useResource(`latency ${subjectKey} ${periodKey}`, (signal) =>
    api.latency(client, subject, period, signal),
  );
  const burn = useResource(`burn ${domainKey}`, (signal) => api.burnRates(client, subject, signal));
  const budget = useResource(`budget ${subjectKey}`, (signal) => api.budget(client, subject, signal));
  // A zoomed window has a status of its own. The strip shows the one of the time range, whose changes it draws.
  const whole = useResource(route.window && `domain ${domainKey} ${range}`, (signal) =>
    api.domain(client, subject, { range, from: null, to: null }, signal),
  );
  const answer = useLatest(detail.data, domainKey);
  const points = useLatest(history.data, subjectKey);
  const spread = useLatest(latency.data, subjectKey);
  const isCorrected = points?.points.some((point) => point.excluded_seconds) ?? false;
  const reasons = useResource(isCorrected ? `exclusions ${cluster}` : null, (signal) =>
    exclusions(client, cluster, signal),
  );
  const known = useKnown(client, subject);
  const held = useHeld(known, subject);
  const past = useMemo(
    () => ({ held, excluded: excludedTimes(points?.points ?? [], reasons.data ?? [], { domain, path }) }),
    [held, points, reasons.data, domain, path],
  );

  useEffect(() => {
    document.title = `${domain}${path ?? ''} · ${words.product}`;
  }, [domain, path, words]);

  const list = formatRoute({ page: 'list', cluster, range, search: '', statuses: [], sort: 'worst' });
  const back = (
    <a class="back-link" href={list}>
      <BackIcon />
      {words.backToList}
    </a>
  );
  if (!answer) {
    if (!detail.error) return <ListSkeleton />;
    const isUnknown = detail.error instanceof ApiError && detail.error.status === 404;
    return (
      <div class="page">
        {back}
        <Failure error={detail.error} detail={isUnknown ? words.noSuchDomain : undefined} />
      </div>
    );
  }
  const view = viewOf(answer.domain, path);
  const ranged = route.window ? whole.data && viewOf(whole.data.domain, path) : view;
  return (
    <div class="page detail">
      {back}
      <Notices answer={answer} error={detail.error ?? history.error ?? latency.error ?? burn.error ?? budget.error} />
      <Header
        client={client}
        route={route}
        answer={answer}
        view={view}
        objectives={known?.answer.objectives ?? []}
        isLoading={detail.isLoading}
      />
      <div class="detail-columns">
        <Paths route={route} domain={answer.domain} />
        {view ? (
          <div class="detail-main">
            <Figures view={view} range={range} />
            <Gaps gaps={answer.gaps} points={points} />
            <Excluded times={past.excluded} />
            {view.route && <Rules rules={view.route.figures_by_rule} />}
            <Trends client={client} route={route} answer={points} past={past} />
            <div class="pair">
              <BurnDown answer={points} budget={budget.data} past={past} />
              <Burn answer={burn.data} path={path} />
            </div>
            <div class="pair">
              <Histogram answer={spread} />
              <Counts answer={spread} />
            </div>
            <StatusHistory
              client={client}
              route={route}
              status={ranged?.status ?? null}
              timeRange={answer.time_range}
              window={answer.window}
              points={points}
              held={held}
            />
          </div>
        ) : (
          <div class="state">
            <h2>{words.noSuchPath}</h2>
          </div>
        )}
      </div>
    </div>
  );
}

/** The burn rates on the page must not contradict the marks. */
function whatBurns({ domain }: DomainAnswer): string {
  return [domain, ...domain.routes].map((each) => each.burning ?? '').join();
}
