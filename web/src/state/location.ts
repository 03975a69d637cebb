/** The current route as a signal. */
import { signal } from '@preact/signals';
import { formatRoute, parseRoute, type Route } from './route';

export const route = signal<Route>(parseRoute(location.hash));

window.addEventListener('hashchange', () => {
  route.value = parseRoute(location.hash);
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
