/** The route that the page is at, as a signal. */
import { signal } from '@preact/signals';
import { formatRoute, parseRoute, type Route } from './route';

export const route = signal<Route>(parseRoute(location.hash));

window.addEventListener('hashchange', () => {
  route.value = parseRoute(location.hash);
});

/** Go somewhere. `replace` leaves no step to go back to: for what changes while one types. */
export function go(to: Route, { replace = false } = {}): void {
  const hash = formatRoute(to);
  if (replace) {
    history.replaceState(null, '', hash);
    route.value = to;
  } else {
    location.hash = hash;
  }
}
