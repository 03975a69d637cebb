/** The page's URL. Hash routes work on any static host and contain everything worth linking to. */
import { EVERY_INCIDENT, type IncidentFilter } from '../api/incidents';
import { INCIDENT_KINDS, INCIDENT_STATUSES, SEVERITIES, TIME_RANGES, type TimeRange } from '../api/types';
import { CHOICES, type Choice } from '../list/filter';
import { SORTS, type Sort } from '../list/sort';
import { isMonth } from '../statement/months';

export interface ListRoute {
  page: 'list';
  /** Null means the first cluster that the token may see. */
  cluster: string | null;
  range: TimeRange;
  search: string;
  statuses: readonly Choice[];
  sort: Sort;
}

export interface DetailRoute {
  page: 'detail';
  cluster: string;
  domain: string;
  /** Null for the domain as a whole. */
  path: string | null;
  range: TimeRange;
  /** A window in Unix seconds, used instead of the range. */
  window: { from: number; to: number } | null;
}

export interface InstallRoute {
  page: 'install';
}

export interface IncidentsRoute {
  page: 'incidents';
  cluster: string;
  filter: IncidentFilter;
}

export interface IncidentRoute {
  page: 'incident';
  cluster: string;
  id: string;
}

export interface NotificationsRoute {
  page: 'notifications';
}

export interface StatementRoute {
  page: 'statement';
  cluster: string;
  /** Such as `2026-10`; null for the last one that is over. */
  month: string | null;
}

export type Route =
  | StatementRoute
  | ListRoute
  | DetailRoute
  | InstallRoute
  | IncidentsRoute
  | IncidentRoute
  | NotificationsRoute;

/** The incidents of a cluster, unfiltered. */
export function incidentsOf(cluster: string): IncidentsRoute {
  return { page: 'incidents', cluster, filter: EVERY_INCIDENT };
}

/** web/README.md lists the addresses. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const parts = path.split('/').filter(Boolean).map(decode);
  const asked = new URLSearchParams(query);
  const [first, cluster = null, second, last] = parts;
  if (first === 'install' || first === 'notifications') return { page: first };
  if (first === 'clusters' && cluster && second === 'incidents') {
    if (last) return { page: 'incident', cluster, id: last };
    return { page: 'incidents', cluster, filter: filterOf(asked) };
  }
  if (first === 'clusters' && cluster && second === 'statement') {
    const month = asked.get('month') ?? '';
    return { page: 'statement', cluster, month: isMonth(month) ? month : null };
  }
  const range = oneOf(TIME_RANGES, asked.get('range')) ?? '1d';
  if (first === 'clusters' && cluster && second === 'domains' && last) {
    return { page: 'detail', cluster, domain: last, path: asked.get('path'), range, window: windowOf(asked) };
  }
  return {
    page: 'list',
    cluster: first === 'clusters' ? cluster : null,
    range,
    search: asked.get('q') ?? '',
    statuses: CHOICES.filter((status) => (asked.get('status') ?? '').split(',').includes(status)),
    sort: oneOf(SORTS, asked.get('sort')) ?? 'worst',
  };
}

/** The hash of a route. Defaults are omitted. */
export function formatRoute(route: Route): string {
  if (route.page === 'install' || route.page === 'notifications') return `#/${route.page}`;
  if (route.page === 'incident') return `#/clusters/${encode(route.cluster)}/incidents/${encode(route.id)}`;
  if (route.page === 'incidents') {
    return `#/clusters/${encode(route.cluster)}/incidents${suffix(filterQuery(route.filter))}`;
  }
  if (route.page === 'statement') {
    return `#/clusters/${encode(route.cluster)}/statement${route.month ? `?month=${route.month}` : ''}`;
  }
  const query = new URLSearchParams();
  if (route.range !== '1d') query.set('range', route.range);
  if (route.page === 'detail') {
    if (route.path !== null) query.set('path', route.path);
    if (route.window) {
      query.set('from', String(route.window.from));
      query.set('to', String(route.window.to));
    }
    return `#/clusters/${encode(route.cluster)}/domains/${encode(route.domain)}${suffix(query)}`;
  }
  if (route.search) query.set('q', route.search);
  if (route.statuses.length) query.set('status', route.statuses.join(','));
  if (route.sort !== 'worst') query.set('sort', route.sort);
  return `#/${route.cluster ? `clusters/${encode(route.cluster)}` : ''}${suffix(query)}`;
}

function filterOf(asked: URLSearchParams): IncidentFilter {
  const some = <T extends string>(known: readonly T[], name: string): T[] => {
    const wanted = (asked.get(name) ?? '').split(',');
    return known.filter((each) => wanted.includes(each));
  };
  return {
    statuses: some(INCIDENT_STATUSES, 'status'),
    kinds: some(INCIDENT_KINDS, 'kind'),
    severities: some(SEVERITIES, 'severity'),
    domain: asked.get('domain') || null,
  };
}

function filterQuery({ statuses, kinds, severities, domain }: IncidentFilter): URLSearchParams {
  const query = new URLSearchParams();
  const parts = { status: statuses.join(','), kind: kinds.join(','), severity: severities.join(','), domain };
  for (const [name, value] of Object.entries(parts)) if (value) query.set(name, value);
  return query;
}

function windowOf(asked: URLSearchParams): DetailRoute['window'] {
  const from = Number(asked.get('from'));
  const to = Number(asked.get('to'));
  return Number.isSafeInteger(from) && Number.isSafeInteger(to) && from > 0 && from < to ? { from, to } : null;
}

function oneOf<T extends string>(known: readonly T[], text: string | null): T | undefined {
  return known.find((each) => each === text);
}

function suffix(query: URLSearchParams): string {
  const text = query.toString();
  return text ? `?${text}` : '';
}

const encode = (part: string): string => encodeURIComponent(part);

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
