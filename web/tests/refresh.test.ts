import { effect } from '@preact/signals';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Dated } from '../src/state/refresh';
import { isTrendDue, requestsAnHour, type TrendMark } from '../src/state/schedule';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const SLOT = 5 * MINUTE;
const DELAY = MINUTE;
const START = Date.UTC(2026, 10, 27);
const DOLLARS_A_REQUEST = 3.5 / 1_000_000;
const DAYS_A_MONTH = 30.4;
const MOST_DOLLARS_A_MONTH = 0.2;

/** Numbers from 0 to 1 that are the same in each run. */
function dice(): () => number {
  let seed = 7;
  return () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
}

/** When rollup has booked a slot, after its delay. */
type Lateness = () => number;
const inTime: Lateness = () => 6 * SECOND;
const always45: Lateness = () => 45 * SECOND;
const anyTimeInAMinute = (): Lateness => {
  const roll = dice();
  return () => 4 * SECOND + roll() * 59 * SECOND;
};
const never: Lateness = () => Number.POSITIVE_INFINITY;

interface Page {
  /** Requests for everything that follows the main figures. */
  followers?: number;
  /** Rows with a trend. */
  trends?: number;
  lateness?: Lateness;
  isFailing?: () => boolean;
}

/** The state modules as a browser has them, freshly loaded. */
async function loaded() {
  vi.resetModules();
  const refresh = await import('../src/state/refresh');
  const clock = await import('../src/api/clock');
  refresh.startRefreshing();
  return { ...refresh, ...clock };
}

/** A page that is opened, and the API that answers it. Counts requests. */
async function open({ followers = 0, trends = 0, lateness = inTime, isFailing = () => false }: Page = {}) {
  const state = await loaded();
  const count = { main: 0, followers: 0, clusters: 0, trends: 0 };
  const booked: { at: number; watermark: number }[] = [];
  for (let watermark = START; watermark < START + 26 * HOUR; watermark += SLOT) {
    booked.push({ at: watermark + DELAY + lateness(), watermark });
  }
  const answer = (): Dated => {
    const watermark = booked.findLast(({ at }) => at <= Date.now())?.watermark ?? START - SLOT;
    const due = watermark + SLOT + DELAY + 10 * SECOND;
    const until = due > Date.now() ? due : (Math.floor(Date.now() / (30 * SECOND)) + 1) * 30 * SECOND;
    return { as_of: new Date(watermark).toISOString(), fresh_until: new Date(until).toISOString() };
  };
  const marks = new Map<number, TrendMark>();
  const loadTrends = (asOf: string): void => {
    for (let row = 0; row < trends; row += 1) {
      const mark: TrendMark = { asOf, status: 'healthy', demand: state.demands.peek() };
      if (!isTrendDue(marks.get(row) ?? null, mark, '1d')) continue;
      marks.set(row, mark);
      count.trends += 1;
    }
  };
  const shown = { asOf: '' };
  effect(() => {
    state.looks.value;
    count.main += 1;
    if (isFailing()) return;
    const fresh = answer();
    setTimeout(() => {
      shown.asOf = fresh.as_of ?? '';
      state.noteFreshness('page', fresh);
      loadTrends(shown.asOf);
    }, 100);
  });
  effect(() => {
    state.news.value;
    count.followers += followers;
  });
  effect(() => {
    state.clusterLooks.value;
    count.clusters += 1;
  });
  const total = (): number => count.main + count.followers + count.clusters + count.trends;
  return { ...state, count, shown, total };
}

const dollarsAMonth = (requestsADay: number): number => requestsADay * DAYS_A_MONTH * DOLLARS_A_REQUEST;

beforeEach(() => {
  vi.useFakeTimers({ now: START + 30 * MINUTE });
  vi.spyOn(Math, 'random').mockImplementation(dice());
  vi.stubGlobal('navigator', { onLine: true });
  vi.stubGlobal('window', new EventTarget());
  vi.stubGlobal('document', Object.assign(new EventTarget(), { hidden: false }));
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const hide = (hidden: boolean): void => {
  Object.assign(document, { hidden });
  document.dispatchEvent(new Event('visibilitychange'));
};

describe('an open page', () => {
  it.each<[string, Page, Parameters<typeof requestsAnHour>[0]]>([
    ['a list with 40 trends', { trends: 40 }, { forEachSlot: 1, trends: 40 }],
    ['a domain', { followers: 4 }, { forEachSlot: 5, trends: 0 }],
    ['a domain, zoomed', { followers: 5 }, { forEachSlot: 6, trends: 0 }],
  ])('asks no more in a day than is stated: %s', async (_, page, stated) => {
    const { total } = await open(page);
    await vi.advanceTimersByTimeAsync(24 * HOUR);
    const first = 1 + (page.followers ?? 0) + (page.trends ?? 0) + 1;
    expect(total()).toBeLessThanOrEqual(24 * requestsAnHour(stated) + first);
    expect(total()).toBeGreaterThan(0.9 * 24 * requestsAnHour(stated));
    expect(dollarsAMonth(24 * requestsAnHour(stated))).toBeLessThanOrEqual(MOST_DOLLARS_A_MONTH);
  });

  it.each([
    ['45 seconds late', always45],
    ['late by up to a minute', anyTimeInAMinute()],
  ])('learns how late rollup is, and asks little more: %s', async (_, lateness) => {
    const { count, total } = await open({ followers: 4, lateness });
    await vi.advanceTimersByTimeAsync(24 * HOUR);
    const slots = (24 * HOUR) / SLOT;
    expect(count.main).toBeGreaterThan(slots - 2);
    expect(count.main).toBeLessThan(1.2 * slots);
    expect(dollarsAMonth(total())).toBeLessThanOrEqual(MOST_DOLLARS_A_MONTH);
  });

  it('shows figures within half a minute of their booking, on average', async () => {
    for (const lateness of [inTime, always45, anyTimeInAMinute()]) {
      vi.setSystemTime(START + 30 * MINUTE);
      const { shown } = await open({ lateness });
      let seconds = 0;
      let behind = 0;
      for (; seconds < 6 * 3600; seconds += 1) {
        await vi.advanceTimersByTimeAsync(SECOND);
        behind += (Date.now() - Date.parse(shown.asOf)) / SECOND;
      }
      const atBest = SLOT / SECOND / 2 + DELAY / SECOND;
      const late = { 6: 6, 45: 45 }[lateness() / SECOND] ?? 33;
      expect(behind / seconds - atBest - late).toBeLessThan(30);
    }
  });

  it('asks for nothing while it is hidden, and at once for what is due when it is seen again', async () => {
    const { total, count } = await open({ followers: 4 });
    hide(true);
    const before = total();
    await vi.advanceTimersByTimeAsync(8 * HOUR);
    expect(total()).toBe(before);
    hide(false);
    await vi.advanceTimersByTimeAsync(SECOND);
    expect(count).toEqual({ main: 2, followers: 8, clusters: 2, trends: 0 });
    hide(true);
    hide(false);
    await vi.advanceTimersByTimeAsync(SECOND);
    expect(count.main).toBe(2);
  });

  it('waits longer each time while there is nothing newer', async () => {
    const { count } = await open({ lateness: never, followers: 4 });
    const times: number[] = [];
    for (let seconds = 0; seconds < 3600; seconds += 5) {
      const before = count.main;
      await vi.advanceTimersByTimeAsync(5 * SECOND);
      if (count.main > before) times.push(seconds);
    }
    const waits = times.map((time, index) => time - (times[index - 1] ?? 0)).slice(1);
    expect(waits.slice(0, 6).map((wait) => Math.round(wait / 30) * 30)).toEqual([30, 60, 120, 240, 300, 300]);
    expect(count.followers).toBe(4);
  });

  it('refreshes at once when the user asks, and not again within half a minute by itself', async () => {
    const { count, refresh } = await open({ followers: 4, lateness: never });
    refresh();
    refresh();
    expect(count).toEqual({ main: 3, followers: 12, clusters: 3, trends: 0 });
    await vi.advanceTimersByTimeAsync(29 * SECOND);
    expect(count.main).toBe(3);
  });

  it('tries again what failed, and ever later while it fails', async () => {
    const { count, noteFailure, news } = await open({ followers: 4 });
    await vi.advanceTimersByTimeAsync(SECOND);
    noteFailure(news);
    await vi.advanceTimersByTimeAsync(36 * SECOND);
    expect(count).toMatchObject({ main: 2, followers: 8 });
    vi.setSystemTime(START + 30 * MINUTE);
    const down = await open({ isFailing: () => true });
    await vi.advanceTimersByTimeAsync(HOUR);
    expect(down.count.main).toBeGreaterThan(10);
    expect(down.count.main).toBeLessThan(20);
  });

  it('follows the clock of the server, not its own', async () => {
    const { looks, noteServerDate, noteFreshness } = await loaded();
    noteServerDate(new Date(Date.now() + 10 * MINUTE).toUTCString());
    const due = new Date(Date.now() + 12 * MINUTE).toISOString();
    noteFreshness('page', { as_of: null, fresh_until: due });
    await vi.advanceTimersByTimeAsync(115 * SECOND);
    expect(looks.value).toBe(0);
    await vi.advanceTimersByTimeAsync(15 * SECOND);
    expect(looks.value).toBe(1);
  });
});

describe('the clusters', () => {
  it('are asked for seldom, when the menu is opened, and often while the first snapshot is awaited', async () => {
    const { count, lookAtClusters, isAwaitingCluster } = await open();
    lookAtClusters();
    expect(count.clusters).toBe(1);
    await vi.advanceTimersByTimeAsync(31 * SECOND);
    lookAtClusters();
    lookAtClusters();
    expect(count.clusters).toBe(2);
    await vi.advanceTimersByTimeAsync(HOUR);
    expect(count.clusters).toBe(2 + 5);
    isAwaitingCluster.value = true;
    await vi.advanceTimersByTimeAsync(HOUR);
    expect(count.clusters).toBeGreaterThanOrEqual(2 + 5 + 55);
  });

  it('are asked for again soon if that fails', async () => {
    const { count, noteFailure, clusterLooks } = await open();
    noteFailure(clusterLooks);
    await vi.advanceTimersByTimeAsync(61 * SECOND);
    expect(count.clusters).toBe(2);
  });
});

describe('a trend', () => {
  const kept: TrendMark = { asOf: '2026-11-27T10:00:00Z', status: 'healthy', demand: 0 };
  const at = (time: string, parts: Partial<TrendMark> = {}): TrendMark => ({ ...kept, asOf: time, ...parts });

  it('is loaded again once a twenty-fourth of it is old', () => {
    expect(isTrendDue(kept, at('2026-11-27T10:55:00Z'), '1d')).toBe(false);
    expect(isTrendDue(kept, at('2026-11-27T11:00:00Z'), '1d')).toBe(true);
    expect(isTrendDue(kept, at('2026-11-27T16:55:00Z'), '7d')).toBe(false);
    expect(isTrendDue(kept, at('2026-11-27T17:00:00Z'), '7d')).toBe(true);
  });

  it('is loaded again at once if the status changes or the user asks, but never for the same figures', () => {
    expect(isTrendDue(null, kept, '1d')).toBe(true);
    expect(isTrendDue(kept, at('2026-11-27T10:05:00Z', { status: 'critical' }), '1d')).toBe(true);
    expect(isTrendDue(kept, at('2026-11-27T10:05:00Z', { demand: 1 }), '1d')).toBe(true);
    expect(isTrendDue(kept, { ...kept, demand: 1, status: 'critical' }, '1d')).toBe(false);
  });
});
