/** Sorts domains and their routes. */
import type { DomainReport, Metrics, RouteReport, Status } from '../api/types';

export type Sort = 'worst' | 'name' | 'availability' | 'p95' | 'errors' | 'requests' | 'budget';

export const SORTS: readonly Sort[] = ['worst', 'name', 'availability', 'p95', 'errors', 'requests', 'budget'];

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
  const compare = COMPARES[sort];
  return items
    .map((item) => ({ item, standing: standing(item) }))
    .sort((a, b) => compare(a.standing, b.standing) || byName(a.standing, b.standing))
    .map(({ item }) => item);
}

const byName: Compare<Standing> = (a, b) =>
  Number(a.name === ANY_DOMAIN) - Number(b.name === ANY_DOMAIN) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

/** Missing values come last in either order. */
function by(value: (standing: Standing) => number | null, direction: 1 | -1): Compare<Standing> {
  return (a, b) => {
    const [first, second] = [value(a), value(b)];
    if (first === null || second === null) return Number(first === null) - Number(second === null);
    return (first - second) * direction;
  };
}

const byBudget = by((standing) => standing.budget, 1);

const COMPARES: Readonly<Record<Sort, Compare<Standing>>> = {
  worst: (a, b) => a.gravity - b.gravity || GRAVITY[a.status] - GRAVITY[b.status] || byBudget(a, b),
  name: byName,
  availability: by((standing) => standing.metrics.availability, 1),
  p95: by((standing) => standing.metrics.p95_latency, -1),
  errors: by((standing) => standing.metrics.error_rate, -1),
  requests: by((standing) => standing.metrics.requests_per_sec, -1),
  budget: byBudget,
};

/** The number of routes with a worse status than the domain. */
export function worseRoutes(domain: DomainReport): number {
  return domain.routes.filter((route) => GRAVITY[route.status] < Math.min(GRAVITY[domain.status], GRAVITY.stale))
    .length;
}
