/** The current route as a signal. */
import { effect, signal } from '@preact/signals';
import { formatRoute, parseRoute, type Route } from './route';

export const route = signal<Route>(parseRoute(location.hash));

/** The cluster of the page, or of the last one that had one. */
export const lastCluster = signal<string | null>(null);

window.addEventListener('hashchange', () => {
  route.value = parseRoute(location.hash);
});

effect(() => {
  const at = route.value;
  if ('cluster' in at && at.cluster !== null) lastCluster.value = at.cluster;
});

/** Navigates to a route. `replace` adds no history entry, for changes while the user types. */
export function go(to: Route, { replace = false } = {}): void {
  const hash = formatRoute(to);
  if (replace) {
    history.replaceState(null, '', hash);
    route.value = to;
  } else {
    location.hash = hash;
  }
}
