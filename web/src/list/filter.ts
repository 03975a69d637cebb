/** Filters the list of domains and routes. */
import { type DomainReport, type MappedRoute, type RouteReport, STATUSES, type Status } from '../api/types';
import { isWorse } from './sort';

/** A domain counts once, by its own status. This finds those with a path that is worse than they are. */
export const WORSE_PATHS = 'worse_paths';
export type Choice = Status | typeof WORSE_PATHS;
export const CHOICES: readonly Choice[] = [...STATUSES, WORSE_PATHS];

export interface Filter {
  /** Part of a domain's name or of a path, in any case; or a service key of Traefik. */
  search: string;
  /** The routes that the API knows under this service key. */
  routed?: readonly MappedRoute[];
  /** Empty means all. */
  statuses: readonly Choice[];
}

export interface Found {
  domain: DomainReport;
  routes: readonly RouteReport[];
  /** Whether only some routes match, so that the domain is opened to show them. */
  byRoute: boolean;
}

/** The matching domains, each with its matching routes, or with all routes if the domain itself matches. */
export function find(domains: readonly DomainReport[], filter: Filter): Found[] {
  const found = searched(domains, filter);
  const { statuses } = filter;
  if (!statuses.length) return found;
  return found.flatMap((each): Found[] => {
    if (statuses.includes(each.domain.status)) return [each];
    const worse = statuses.includes(WORSE_PATHS) ? worseOf(each) : [];
    return worse.length ? [{ domain: each.domain, routes: worse, byRoute: true }] : [];
  });
}

/** How many domains each choice finds. */
export function countByChoice(domains: readonly DomainReport[], filter: Filter): ReadonlyMap<Choice, number> {
  const counts = new Map<Choice, number>();
  const count = (choice: Choice): unknown => counts.set(choice, (counts.get(choice) ?? 0) + 1);
  for (const each of searched(domains, filter)) {
    count(each.domain.status);
    if (worseOf(each).length) count(WORSE_PATHS);
  }
  return counts;
}

function searched(domains: readonly DomainReport[], filter: Filter): Found[] {
  const needle = filter.search.trim().toLowerCase();
  return domains.flatMap((domain): Found[] => {
    if (domain.domain.toLowerCase().includes(needle)) return [{ domain, routes: domain.routes, byRoute: false }];
    const routes = domain.routes.filter((route) => matches(route, domain, needle) || isRouted(route, domain, filter));
    return routes.length ? [{ domain, routes, byRoute: true }] : [];
  });
}

function worseOf({ domain, routes }: Found): RouteReport[] {
  return routes.filter((route) => isWorse(route, domain));
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
