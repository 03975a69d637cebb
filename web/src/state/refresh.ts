/** Refreshes the figures every 30 seconds while the page is visible, and on demand. */
import { signal } from '@preact/signals';

export const REFRESH_SECONDS = 30;

/** Increases with each refresh; components that show figures load them again. */
export const refreshes = signal(0);
/** Whether the browser is online. */
export const isOnline = signal(navigator.onLine);
/** The current time in milliseconds, updated every few seconds, to show the age of figures. */
export const now = signal(Date.now());

const CLOCK_MILLISECONDS = 5_000;
let lastRefresh = Date.now();
let reading = 0;

export function refresh(): void {
  lastRefresh = Date.now();
  refreshes.value += 1;
}

/** No automatic refresh starts during a request: with a slow API no request would ever finish. */
export function whileReading<T>(work: Promise<T>): Promise<T> {
  reading += 1;
  return work.finally(() => {
    reading -= 1;
  });
}

/** Starts the timer. A hidden page does not refresh, and refreshes when it becomes visible. */
export function startRefreshing(): void {
  const look = (): void => {
    now.value = Date.now();
    const isDue = now.value - lastRefresh >= REFRESH_SECONDS * 1000;
    if (isDue && !reading && !document.hidden && isOnline.value) refresh();
  };
  setInterval(look, CLOCK_MILLISECONDS);
  document.addEventListener('visibilitychange', look);
  window.addEventListener('offline', () => {
    isOnline.value = false;
  });
  window.addEventListener('online', () => {
    isOnline.value = true;
    refresh();
  });
}
