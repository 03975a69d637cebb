/** The API operations that the page uses. */
import type { Client, Query } from './client';
import type {
  BudgetAnswer,
  BurnRatesAnswer,
  ClustersAnswer,
  DomainAnswer,
  DomainsAnswer,
  HistoryAnswer,
  LatencyAnswer,
  MappedRoute,
  ObjectiveAnswer,
  ObjectiveBody,
  ObjectivesAnswer,
  RoutesAnswer,
  StatusChange,
  StatusHistoryAnswer,
  TimeRange,
  TokenAnswer,
} from './types';

/** The window of a request: a range that ends now, or `from` and `to`. */
export interface Period {
  range: TimeRange;
  /** RFC 3339; set both or none. */
  from: string | null;
  to: string | null;
}

/** A domain, or one route of it. */
export interface Subject {
  cluster: string;
  domain: string;
  /** Null for the domain as a whole. */
  path: string | null;
}

/** What an objective is set for: all clusters, a cluster, a domain or a route. */
export interface ObjectiveSubject {
  /** `*` for all clusters; then the others are null. */
  cluster: string;
  domain: string | null;
  path: string | null;
}

export const ROOT = 'api/v2/slo';
/** A page of this many domains stays well below the size limit of a function's response. */
const DOMAINS_IN_A_PAGE = 250;
const CHANGES_IN_A_PAGE = 1000;

const domainPath = (domain: string, rest = ''): string => `${ROOT}/domains/${encodeURIComponent(domain)}${rest}`;
const periodQuery = (period: Period): Query => ({ time_range: period.range, from: period.from, to: period.to });

export function token(client: Client, signal?: AbortSignal): Promise<TokenAnswer> {
  return client.get(`${ROOT}/token`, {}, signal);
}

export function clusters(client: Client, signal?: AbortSignal): Promise<ClustersAnswer> {
  return client.get(`${ROOT}/clusters`, {}, signal);
}

/** All domains, from every page of the list. */
export async function domains(
  client: Client,
  cluster: string,
  range: TimeRange,
  signal?: AbortSignal,
): Promise<DomainsAnswer> {
  const query = { cluster_id: cluster, time_range: range, limit: DOMAINS_IN_A_PAGE };
  let page = await client.get<DomainsAnswer>(`${ROOT}/domains`, query, signal);
  const pages = [page];
  while (page.next_cursor) {
    page = await client.get<DomainsAnswer>(`${ROOT}/domains`, { ...query, cursor: page.next_cursor }, signal);
    pages.push(page);
  }
  return { ...page, domains: pages.flatMap((each) => each.domains) };
}

/** The routes that Traefik counts under this name. */
export async function routesOf(
  client: Client,
  cluster: string,
  serviceKey: string,
  signal?: AbortSignal,
): Promise<readonly MappedRoute[]> {
  const query = { cluster_id: cluster, service_key: serviceKey };
  return (await client.get<RoutesAnswer>(`${ROOT}/routes`, query, signal)).routes;
}

export function domain(client: Client, subject: Subject, period: Period, signal?: AbortSignal): Promise<DomainAnswer> {
  return client.get(domainPath(subject.domain), { cluster_id: subject.cluster, ...periodQuery(period) }, signal);
}

export function history(
  client: Client,
  subject: Subject,
  period: Period,
  signal?: AbortSignal,
): Promise<HistoryAnswer> {
  return client.get(domainPath(subject.domain, '/history'), subjectQuery(subject, period), signal);
}

export function latency(
  client: Client,
  subject: Subject,
  period: Period,
  signal?: AbortSignal,
): Promise<LatencyAnswer> {
  return client.get(domainPath(subject.domain, '/latency'), subjectQuery(subject, period), signal);
}

export function budget(client: Client, subject: Subject, signal?: AbortSignal): Promise<BudgetAnswer> {
  const query = { cluster_id: subject.cluster, path_prefix: subject.path };
  return client.get(domainPath(subject.domain, '/budget'), query, signal);
}

export function burnRates(client: Client, subject: Subject, signal?: AbortSignal): Promise<BurnRatesAnswer> {
  return client.get(domainPath(subject.domain, '/burn-rates'), { cluster_id: subject.cluster }, signal);
}

/** Status changes of exactly this domain or route since a time, newest first. */
export async function statusChanges(
  client: Client,
  subject: Subject,
  range: TimeRange,
  from: string,
  signal?: AbortSignal,
): Promise<StatusChange[]> {
  const query = {
    cluster_id: subject.cluster,
    domain: subject.domain,
    path_prefix: subject.path,
    time_range: range,
    from,
    limit: CHANGES_IN_A_PAGE,
  };
  const answer = await client.get<StatusHistoryAnswer>(`${ROOT}/status-history`, query, signal);
  return answer.changes.filter((change) => change.path_prefix === subject.path);
}

export function objectives(client: Client, cluster: string, signal?: AbortSignal): Promise<ObjectivesAnswer> {
  return client.get(`${ROOT}/objectives`, { cluster_id: cluster }, signal);
}

/** `version` is the version that the user saw; null if there was no objective of this name. */
export async function setObjective(
  client: Client,
  subject: ObjectiveSubject,
  name: string,
  body: ObjectiveBody,
  version: number | null,
): Promise<ObjectiveAnswer> {
  const query = objectiveQuery(subject);
  const answer = await client.send<ObjectiveAnswer>('PUT', objectivePath(name), query, body, tag(version));
  if (answer === null) throw new TypeError('an objective that was set answers with itself');
  return answer;
}

export async function deleteObjective(
  client: Client,
  subject: ObjectiveSubject,
  name: string,
  version: number,
): Promise<void> {
  await client.send<never>('DELETE', objectivePath(name), objectiveQuery(subject), null, tag(version));
}

function subjectQuery(subject: Subject, period: Period): Query {
  return { cluster_id: subject.cluster, path_prefix: subject.path, ...periodQuery(period) };
}

function objectivePath(name: string): string {
  return `${ROOT}/objectives/${encodeURIComponent(name)}`;
}

export function objectiveQuery({ cluster, domain, path }: ObjectiveSubject): Query {
  return { cluster_id: cluster, domain, path_prefix: path };
}

/** The ETag of a version. */
export function tag(version: number | null): string {
  return version === null ? '' : `"${version}"`;
}
