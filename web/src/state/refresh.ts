/** When figures are read again: every 30 seconds while the page is seen, and by hand. */
import { signal } from '@preact/signals';

export const REFRESH_SECONDS = 30;

/** Grows with each refresh; whoever shows figures reads them again when it does. */
export const refreshes = signal(0);
/** Whether the browser has a network. */
export const isOnline = signal(navigator.onLine);
/** The time now, in milliseconds; moves every few seconds, for the age of what is shown. */
export const now = signal(Date.now());

const CLOCK_MILLISECONDS = 5_000;
let lastRefresh = Date.now();
let reading = 0;

export function refresh(): void {
  lastRefresh = Date.now();
  refreshes.value += 1;
}

/** While something is read, no refresh by itself begins: a slow API would never get to the end of an answer. */
export function whileReading<T>(work: Promise<T>): Promise<T> {
  reading += 1;
  return work.finally(() => {
    reading -= 1;
  });
}

/** Start the clock. Hidden pages rest, and catch up when they are seen again. */
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
