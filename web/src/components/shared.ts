import type { RouteReport } from '../api/types';

/** The other paths of a shared measure; those of the same domain by their path alone. */
export function sharedNames(route: Pick<RouteReport, 'shared_with'>, domain: string): string {
  return route.shared_with.map(([host, path]) => (host === domain ? path : `${host}${path}`)).join(', ');
}
