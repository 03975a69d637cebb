/** Sorts domains and their routes. */
import type { DomainReport, Metrics, RouteReport, Status } from '../api/types';

export type Order = 'ascending' | 'descending';

/** What comes first without a sign: what most people look for. */
const FIRST = {
  worst: 'descending',
  name: 'ascending',
  availability: 'ascending',
  p95: 'descending',
  errors: 'descending',
  requests: 'descending',
  budget: 'ascending',
} as const satisfies Record<string, Order>;

export type SortKey = keyof typeof FIRST;
/** A leading minus turns the order round. */
export type Sort = SortKey | `-${SortKey}`;

export const SORTS: readonly Sort[] = (Object.keys(FIRST) as SortKey[]).flatMap((key): Sort[] => [key, `-${key}`]);

/** In which order a column is; null if the list is sorted by another one. */
export function orderOf(sort: Sort, key: SortKey): Order | null {
  if (sort === key) return FIRST[key];
  if (sort !== `-${key}`) return null;
  return FIRST[key] === 'ascending' ? 'descending' : 'ascending';
}

/** The sort after a press on a column's header. */
export function pressed(sort: Sort, key: SortKey): Sort {
  return sort === key ? `-${key}` : key;
}

/** Worst first. What is not counted comes before what is healthy: nobody knows how it is. */
const GRAVITY: Readonly<Record<Status, number>> = {
  critical: 0,
  warning: 1,
  unknown: 2,
  stale: 3,
  not_counted: 4,
  healthy: 5,
  no_traffic: 6,
};

/** The domain `*` (rules without a host) comes last. */
const ANY_DOMAIN = '*';

interface Standing {
  name: string;
  status: Status;
  /** The worst status of the domain and its routes. */
  gravity: number;
  metrics: Metrics;
  budget: number | null;
}

type Compare<T> = (a: T, b: T) => number;
type Sign = 1 | -1;

export function sortDomains(domains: readonly DomainReport[], sort: Sort): DomainReport[] {
  return sorted(domains, sort, (domain) => ({
    name: domain.domain,
    status: domain.status,
    gravity: Math.min(GRAVITY[domain.status], ...domain.routes.map((route) => GRAVITY[route.status])),
    metrics: domain.summary,
    budget: domain.error_budget_remaining,
  }));
}

export function sortRoutes(routes: readonly RouteReport[], sort: Sort): RouteReport[] {
  return sorted(routes, sort, (route) => ({
    name: route.path_prefix,
    status: route.status,
    gravity: GRAVITY[route.status],
    metrics: route.current,
    budget: route.error_budget_remaining,
  }));
}

function sorted<T>(items: readonly T[], sort: Sort, standing: (item: T) => Standing): T[] {
  const isReversed = sort.startsWith('-');
  const compare = COMPARES[(isReversed ? sort.slice(1) : sort) as SortKey](isReversed ? -1 : 1);
  return items
    .map((item) => ({ item, standing: standing(item) }))
    .sort((a, b) => compare(a.standing, b.standing) || byName(1)(a.standing, b.standing))
    .map(({ item }) => item);
}

const byName =
  (sign: Sign): Compare<Standing> =>
  (a, b) =>
    Number(a.name === ANY_DOMAIN) - Number(b.name === ANY_DOMAIN) ||
    (a.name < b.name ? -sign : a.name > b.name ? sign : 0);

/** Missing values come last in either order. */
function by(value: (standing: Standing) => number | null, natural: Sign): (sign: Sign) => Compare<Standing> {
  return (sign) => (a, b) => {
    const [first, second] = [value(a), value(b)];
    if (first === null || second === null) return Number(first === null) - Number(second === null);
    return (first - second) * natural * sign;
  };
}

const byBudget = by((standing) => standing.budget, 1);
/** What has no traffic has no status to speak of. */
const gravityOf = (gravity: number): number | null => (gravity === GRAVITY.no_traffic ? null : gravity);
const byWorst = by((standing) => gravityOf(standing.gravity), 1);
const byStatus = by((standing) => gravityOf(GRAVITY[standing.status]), 1);

const COMPARES: Readonly<Record<SortKey, (sign: Sign) => Compare<Standing>>> = {
  worst: (sign) => (a, b) => byWorst(sign)(a, b) || byStatus(sign)(a, b) || byBudget(sign)(a, b),
  name: byName,
  availability: by((standing) => standing.metrics.availability, 1),
  p95: by((standing) => standing.metrics.p95_latency, -1),
  errors: by((standing) => standing.metrics.error_rate, -1),
  requests: by((standing) => standing.metrics.requests_per_sec, -1),
  budget: byBudget,
};

/** Whether something is known to be wrong with a route that is not wrong with its domain as a whole. */
export function isWorse(route: RouteReport, domain: DomainReport): boolean {
  return GRAVITY[route.status] < Math.min(GRAVITY[domain.status], GRAVITY.stale);
}

/** The number of routes with a worse status than the domain. */
export function worseRoutes(domain: DomainReport): number {
  return domain.routes.filter((route) => isWorse(route, domain)).length;
}
