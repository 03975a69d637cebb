import type { RouteReport } from '../api/types';

/** The other paths of a shared measure. For paths of the same domain, only the path is shown. */
export function sharedNames(route: Pick<RouteReport, 'shared_with'>, domain: string): string {
  return route.shared_with.map(([host, path]) => (host === domain ? path : `${host}${path}`)).join(', ');
}
