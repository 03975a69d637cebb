/**
 * Refreshes what the page shows, while it is visible: the main figures when a newer snapshot can be there, everything
 * else when more is booked, and all of it on demand.
 */
import { type ReadonlySignal, signal } from '@preact/signals';
import { localTime } from '../api/clock';
import {
  ATTENTION_MILLISECONDS,
  AWAITED_MILLISECONDS,
  CLUSTERS_MILLISECONDS,
  Followers,
  PACE_MILLISECONDS,
  Schedule,
  SOONEST_MILLISECONDS,
} from './schedule';

/** Increases when the page's main figures are to be loaded again. They say whether there is anything new. */
export const looks = signal(0);
/** Increases when everything else that the page shows is to be loaded again. */
export const news = signal(0);
/** Increases when the user asks to refresh, or changes something. */
export const demands = signal(0);
/** Increases when the clusters are to be loaded again. */
export const clusterLooks = signal(0);
/** Whether the page waits for the first snapshot of a cluster. */
export const isAwaitingCluster = signal(false);
/** Whether somebody has used the page lately. */
export const isAttended = signal(true);
/** Whether the browser is online. */
export const isOnline = signal(navigator.onLine);
/** The current time in milliseconds, updated every few seconds, to show the age of figures. */
export const now = signal(Date.now());

const CLOCK_MILLISECONDS = 5_000;
/** What tells that somebody is there. */
const ACTIVITIES = ['pointermove', 'pointerdown', 'wheel', 'keydown'] as const;
const schedule = new Schedule(Date.now());
const followers = new Followers(Date.now());
let usedAt = Date.now();
let clustersAskedAt = Date.now();
let areClustersOwed = false;
let reading = 0;

/** Loads everything again, for the user. */
export function refresh(): void {
  schedule.asked(Date.now(), { byUser: true });
  followers.loaded(Date.now());
  looks.value += 1;
  news.value += 1;
  demands.value += 1;
  readClusters();
}

/** Loads the clusters again, unless they have just been read. */
export function lookAtClusters(): void {
  if (Date.now() - clustersAskedAt >= SOONEST_MILLISECONDS) readClusters();
}

/** What the main figures say: when they were seen, and what else matters to what follows them, such as what burns. */
export const seen = signal<{ asOf: string | null; state: string }>({ asOf: null, state: '' });

/** The fields of an answer that say how fresh it is. */
export interface Dated {
  as_of: string | null;
  booked_until: string | null;
  fresh_until: string;
}

/** The page has its main figures. `key` identifies them. Everything else follows `state`, too, where it is given. */
export function noteFreshness(key: string, answer: Dated, state = ''): void {
  schedule.answered(key, { asOf: answer.as_of, freshUntil: localTime(answer.fresh_until) });
  followers.answered(`${answer.booked_until} ${state}`);
  follow();
  const { asOf, state: before } = seen.peek();
  if (asOf !== answer.as_of || before !== state) seen.value = { asOf: answer.as_of, state };
}

/** The same for figures that do not say how fresh they are: newer ones can be there after a minute. */
export function noteRead(key: string, state: string): void {
  const time = Date.now();
  schedule.answered(key, { asOf: String(time), freshUntil: time + PACE_MILLISECONDS });
  followers.answered(state);
  follow();
}

/** The page no longer shows these figures. */
export function forgetFreshness(key: string): void {
  schedule.left(key);
  followers.loaded(Date.now());
}

/** What follows this signal could not be loaded, and is loaded again soon. */
export function noteFailure(of: ReadonlySignal<number>): void {
  if (of === clusterLooks) areClustersOwed = true;
  // The main figures are loaded again in any case.
  else if (of !== looks) schedule.failed();
}

/** No automatic refresh starts during a request: with a slow API no request would ever finish. */
export function whileReading<T>(work: Promise<T>): Promise<T> {
  reading += 1;
  return work.finally(() => {
    reading -= 1;
  });
}

/** Starts the timer. A hidden page asks for nothing. When it becomes visible again, it asks at once for what is due. */
export function startRefreshing(): void {
  setInterval(look, CLOCK_MILLISECONDS);
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return;
    noteUse();
    look();
  });
  for (const activity of ACTIVITIES) document.addEventListener(activity, noteUse, { passive: true, capture: true });
  window.addEventListener('offline', () => {
    isOnline.value = false;
  });
  window.addEventListener('online', () => {
    isOnline.value = true;
    schedule.failed();
    look();
  });
}

/** Somebody uses the page. What it did not load while nobody did is loaded at once. */
function noteUse(): void {
  usedAt = Date.now();
  if (isAttended.value) return;
  isAttended.value = true;
  follow();
}

function follow(): void {
  if (!followers.isDue(Date.now(), isAttended.value)) return;
  followers.caughtUp(Date.now());
  news.value += 1;
}

function look(): void {
  now.value = Date.now();
  if (now.value - usedAt >= ATTENTION_MILLISECONDS) isAttended.value = false;
  if (reading || document.hidden || !isOnline.value) return;
  if (now.value >= schedule.dueAt) lookForNews();
  const wait = isAwaitingCluster.value || areClustersOwed ? AWAITED_MILLISECONDS : CLUSTERS_MILLISECONDS;
  if (now.value - clustersAskedAt >= wait) readClusters();
}

function lookForNews(): void {
  const isOwed = schedule.asked(Date.now());
  looks.value += 1;
  if (!isOwed) return;
  followers.loaded(Date.now());
  news.value += 1;
}

function readClusters(): void {
  clustersAskedAt = Date.now();
  areClustersOwed = false;
  clusterLooks.value += 1;
}
