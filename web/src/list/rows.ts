/** Flattens the tree into rows to render. */
import type { DomainReport, RouteReport, ServiceReport } from '../api/types';
import { type Filter, find } from './filter';
import { type Sort, sortDomains, sortRoutes } from './sort';

export interface DomainRow {
  kind: 'domain';
  key: string;
  domain: DomainReport;
  isExpanded: boolean;
  position: number;
  size: number;
}

export interface RouteRow {
  kind: 'route';
  key: string;
  domain: DomainReport;
  route: RouteReport;
  position: number;
  size: number;
}

/** The heading above the series without a route. */
export interface HeadingRow {
  kind: 'heading';
  key: string;
}

export interface ServiceRow {
  kind: 'service';
  key: string;
  service: ServiceReport;
  position: number;
  size: number;
}

export type Row = DomainRow | RouteRow | HeadingRow | ServiceRow;

export interface Tree {
  domains: readonly DomainReport[];
  unattributed: readonly ServiceReport[];
}

export const domainKey = (domain: string): string => `d ${domain}`;
export const routeKey = (domain: string, path: string): string => `r ${domain} ${path}`;

/** The rows to render. A domain is open if `isExpanded` returns true, or if the search matched one of its routes. */
export function rowsOf(tree: Tree, filter: Filter, sort: Sort, isExpanded: (domain: string) => boolean): Row[] {
  const found = new Map(find(tree.domains, filter).map((each) => [each.domain, each]));
  const order = sortDomains([...found.keys()], sort);
  const rows: Row[] = [];
  order.forEach((domain, index) => {
    const { routes = [], byRoute = false } = found.get(domain) ?? {};
    const isOpen = byRoute || isExpanded(domain.domain);
    const place = { position: index + 1, size: order.length };
    rows.push({ kind: 'domain', key: domainKey(domain.domain), domain, isExpanded: isOpen, ...place });
    if (isOpen) rows.push(...routeRows(domain, sortRoutes(routes, sort)));
  });
  return [...rows, ...serviceRows(tree.unattributed, filter)];
}

function routeRows(domain: DomainReport, routes: readonly RouteReport[]): RouteRow[] {
  return routes.map((route, index) => ({
    kind: 'route',
    key: routeKey(domain.domain, route.path_prefix),
    domain,
    route,
    position: index + 1,
    size: routes.length,
  }));
}

/** Series without a route come last. They have no status, so a filter by status hides them. */
function serviceRows(services: readonly ServiceReport[], filter: Filter): Row[] {
  const needle = filter.search.trim().toLowerCase();
  const named = filter.statuses.length
    ? []
    : services.filter((each) => each.service_key.toLowerCase().includes(needle));
  if (!named.length) return [];
  const rows = named.map(
    (service, index): ServiceRow => ({
      kind: 'service',
      key: `s ${service.measured_by} ${service.service_key} ${service.service_name}`,
      service,
      position: index + 1,
      size: named.length,
    }),
  );
  return [{ kind: 'heading', key: 'heading' }, ...rows];
}
