/** Filters the list of domains and routes. */
import type { DomainReport, MappedRoute, RouteReport, Status } from '../api/types';

export interface Filter {
  /** Part of a domain's name or of a path, in any case; or a service key of Traefik. */
  search: string;
  /** The routes that the API knows under this service key. */
  routed?: readonly MappedRoute[];
  /** Empty means all. */
  statuses: readonly Status[];
}

export interface Found {
  domain: DomainReport;
  routes: readonly RouteReport[];
  /** Whether only some routes match, so that the domain is opened to show them. */
  byRoute: boolean;
}

/** The matching domains, each with its matching routes, or with all routes if only the domain itself matches. */
export function find(domains: readonly DomainReport[], filter: Filter): Found[] {
  const needle = filter.search.trim().toLowerCase();
  const hasStatus = (status: Status): boolean => !filter.statuses.length || filter.statuses.includes(status);
  const found: Found[] = [];
  for (const domain of domains) {
    const isNamed = domain.domain.toLowerCase().includes(needle);
    const named = isNamed
      ? domain.routes
      : domain.routes.filter((route) => matches(route, domain, needle) || isRouted(route, domain, filter));
    const routes = named.filter((route) => hasStatus(route.status));
    if (isNamed && hasStatus(domain.status)) {
      const byRoute = filter.statuses.length > 0 && routes.length > 0 && routes.length < domain.routes.length;
      found.push({ domain, routes: routes.length ? routes : domain.routes, byRoute });
    } else if (routes.length) {
      found.push({ domain, routes, byRoute: true });
    }
  }
  return found;
}

/** The number of domains for each status. */
export function countByStatus(domains: readonly DomainReport[], filter: Filter): ReadonlyMap<Status, number> {
  const counts = new Map<Status, number>();
  for (const { domain, routes } of find(domains, { ...filter, statuses: [] })) {
    for (const status of new Set([domain.status, ...routes.map((route) => route.status)])) {
      counts.set(status, (counts.get(status) ?? 0) + 1);
    }
  }
  return counts;
}

/** `shop.example.com/check` also finds a path of a domain. */
function matches(route: RouteReport, domain: DomainReport, needle: string): boolean {
  return `${domain.domain}${route.path_prefix}`.toLowerCase().includes(needle);
}

function isRouted(route: RouteReport, domain: DomainReport, { routed = [] }: Filter): boolean {
  return routed.some((each) => each.domain === domain.domain && each.path_prefix === route.path_prefix);
}

/** The service key in a search, as in `shop-web-80@kubernetes`; null where it holds none. */
export function serviceKeyIn(search: string): string | null {
  const text = search.trim();
  return /^[^\s@/]+@[a-z]+$/.test(text) ? text : null;
}
