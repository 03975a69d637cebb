import { effect } from '@preact/signals';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Dated } from '../src/state/refresh';
import { areIncidentsDue, type IncidentMark, isTrendDue, requestsAnHour, type TrendMark } from '../src/state/schedule';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
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

/** When snapshots arrive. */
interface Pushes {
  every: number;
  late: () => number;
}
const punctual: Pushes = { every: MINUTE, late: () => 3 * SECOND };
const upTo = (seconds: number): Pushes => {
  const roll = dice();
  return { every: MINUTE, late: () => SECOND + roll() * seconds * SECOND };
};
const everyOther: Pushes = { every: 2 * MINUTE, late: () => 3 * SECOND };
const none: Pushes = { every: 48 * HOUR, late: () => 47 * HOUR };

interface Page {
  /** Requests for everything that follows the main figures. */
  followers?: number;
  /** Rows with a trend. */
  trends?: number;
  pushes?: Pushes;
  isFailing?: () => boolean;
  /** What burns, in words. */
  burning?: () => string;
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
async function open({
  followers = 0,
  trends = 0,
  pushes = punctual,
  isFailing = () => false,
  burning = () => '',
}: Page = {}) {
  const state = await loaded();
  const count = { main: 0, followers: 0, clusters: 0, trends: 0, incidents: 0 };
  const arrivals: number[] = [START];
  for (let at = START + pushes.every; at < START + 50 * HOUR; at += pushes.every) arrivals.push(at + pushes.late());
  const answer = (): Dated => {
    const time = Date.now();
    const received = arrivals.findLast((at) => at <= time) ?? START;
    const due = Math.floor(received / SECOND) * SECOND + 65 * SECOND;
    const until = due > time ? due : (Math.floor(time / (30 * SECOND)) + 1) * 30 * SECOND;
    const booked = Math.floor((time - DELAY - 6 * SECOND) / SLOT) * SLOT;
    const text = (at: number): string => new Date(at).toISOString();
    return { as_of: text(received), booked_until: text(booked), fresh_until: text(until) };
  };
  const marks = new Map<number, TrendMark>();
  const shown = { asOf: '', bookedUntil: '' };
  const loadTrends = (): void => {
    for (let row = 0; row < trends; row += 1) {
      const mark: TrendMark = { ...shown, status: 'healthy', demand: state.demands.peek() };
      if (!isTrendDue(marks.get(row) ?? null, mark, '1d', state.isAttended.peek())) continue;
      marks.set(row, mark);
      count.trends += 1;
    }
  };
  let read: IncidentMark | null = null;
  const loadIncidents = (): void => {
    const mark = { at: Date.now(), burning: burning(), demand: state.demands.peek() };
    if (!areIncidentsDue(read, mark, state.isAttended.peek())) return;
    read = { ...mark, isOpen: mark.burning !== '' };
    count.incidents += 1;
  };
  effect(() => {
    state.looks.value;
    count.main += 1;
    if (isFailing()) return;
    const fresh = answer();
    setTimeout(() => {
      Object.assign(shown, { asOf: fresh.as_of, bookedUntil: fresh.booked_until });
      state.noteFreshness('page', fresh);
      loadTrends();
      loadIncidents();
    }, 100);
  });
  effect(() => {
    state.news.value;
    count.followers += followers;
  });
  effect(() => {
    if (!state.isAttended.value || !shown.asOf) return;
    loadTrends();
    loadIncidents();
  });
  effect(() => {
    state.clusterLooks.value;
    count.clusters += 1;
  });
  const total = (): number => count.main + count.followers + count.clusters + count.trends + count.incidents;
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

const use = (): void => {
  document.dispatchEvent(new Event('pointermove'));
};

const LIST = { followers: 0, trends: 40 };
const DOMAIN = { followers: 4, trends: 0 };
const ZOOMED = { followers: 5, trends: 0 };
const PAGES = [
  ['a list with 40 trends', LIST],
  ['a domain', DOMAIN],
  ['a domain, zoomed', ZOOMED],
] as const;

describe('an open page', () => {
  it.each(PAGES)('asks no more in a day than is stated: %s', async (_, page) => {
    const stated = 24 * requestsAnHour({ ...page, isAttended: false });
    const { total } = await open(page);
    await vi.advanceTimersByTimeAsync(DAY);
    const opening = 3 + page.followers + page.trends + 4 * (page.followers + 1);
    expect(total()).toBeLessThanOrEqual(stated + opening);
    expect(total()).toBeGreaterThan(0.97 * stated);
    expect(dollarsAMonth(total())).toBeLessThanOrEqual(MOST_DOLLARS_A_MONTH);
  });

  it.each([
    ['twelve seconds', upTo(12)],
    ['a minute', upTo(59)],
    ['two minutes', everyOther],
  ])('costs no more where snapshots come apart by up to %s', async (_, pushes) => {
    for (const [, page] of PAGES) {
      vi.setSystemTime(START + 30 * MINUTE);
      const { total } = await open({ ...page, pushes });
      await vi.advanceTimersByTimeAsync(DAY);
      expect(dollarsAMonth(total())).toBeLessThanOrEqual(MOST_DOLLARS_A_MONTH);
    }
  });

  it('asks no more in an hour of use than is stated', async () => {
    for (const [, page] of PAGES) {
      vi.setSystemTime(START + 30 * MINUTE);
      const { total } = await open(page);
      setInterval(use, 10 * MINUTE);
      await vi.advanceTimersByTimeAsync(8 * HOUR);
      const stated = 8 * requestsAnHour({ ...page, isAttended: true });
      expect(total()).toBeLessThanOrEqual(stated + 3 + page.followers + page.trends);
      expect(total()).toBeGreaterThan(0.97 * stated);
    }
  });

  it('shows figures that are mostly less than a minute old, whether it is used or not', async () => {
    for (const [pushes, most] of [
      [punctual, 45],
      [upTo(12), 60],
    ] as const) {
      vi.setSystemTime(START + 30 * MINUTE);
      const { shown } = await open({ pushes });
      let seconds = 0;
      let behind = 0;
      let longest = 0;
      for (; seconds < 6 * 3600; seconds += 1) {
        await vi.advanceTimersByTimeAsync(SECOND);
        const age = (Date.now() - Date.parse(shown.asOf)) / SECOND;
        behind += age;
        longest = Math.max(longest, age);
      }
      expect(behind / seconds).toBeLessThan(most);
      expect(longest).toBeLessThan(150);
    }
  });

  it('loads everything else once for each slot while it is used', async () => {
    const { count } = await open({ followers: 4 });
    for (let minutes = 0; minutes < 60; minutes += 5) {
      use();
      await vi.advanceTimersByTimeAsync(5 * MINUTE);
    }
    expect(count.followers).toBe(4 + 12 * 4);
  });

  it('loads everything else seldom while nobody uses it, and at once when somebody does', async () => {
    const { count, isAttended } = await open({ followers: 4, trends: 10 });
    await vi.advanceTimersByTimeAsync(16 * MINUTE);
    expect(isAttended.value).toBe(false);
    Object.assign(count, { main: 0, followers: 0, trends: 0, incidents: 0 });
    await vi.advanceTimersByTimeAsync(4 * HOUR);
    expect(count.followers / 4).toBeGreaterThanOrEqual(7);
    expect(count.followers / 4).toBeLessThanOrEqual(8);
    expect(count.main).toBeGreaterThan(235);
    expect(count.trends).toBe(0);
    await vi.advanceTimersByTimeAsync(10 * MINUTE);
    Object.assign(count, { main: 0, followers: 0, trends: 0, incidents: 0 });
    document.dispatchEvent(new Event('keydown'));
    expect(count).toMatchObject({ main: 0, followers: 4, trends: 10, incidents: 1 });
    use();
    expect(count).toMatchObject({ followers: 4, trends: 10 });
  });

  it('loads everything else for another state of the main figures, too', async () => {
    const { news, noteFreshness } = await loaded();
    const time = new Date().toISOString();
    const answer: Dated = { as_of: time, booked_until: time, fresh_until: time };
    noteFreshness('page', answer, 'quiet');
    noteFreshness('page', answer, 'quiet');
    expect(news.value).toBe(0);
    noteFreshness('page', answer, 'burning');
    expect(news.value).toBe(1);
    noteFreshness('page', answer, 'burning');
    expect(news.value).toBe(1);
  });

  it('loads nothing twice when somebody comes back to what is up to date', async () => {
    const { count, refresh } = await open({ followers: 4 });
    await vi.advanceTimersByTimeAsync(20 * MINUTE);
    refresh();
    await vi.advanceTimersByTimeAsync(SECOND);
    Object.assign(count, { followers: 0 });
    use();
    expect(count.followers).toBe(0);
  });

  it('asks for nothing while it is hidden, and at once for what is due when it is seen again', async () => {
    const { total, count } = await open({ followers: 4 });
    await vi.advanceTimersByTimeAsync(SECOND);
    hide(true);
    const before = total();
    await vi.advanceTimersByTimeAsync(8 * HOUR);
    expect(total()).toBe(before);
    hide(false);
    await vi.advanceTimersByTimeAsync(SECOND);
    expect(count).toEqual({ main: 2, followers: 8, clusters: 2, trends: 0, incidents: 2 });
    hide(true);
    hide(false);
    await vi.advanceTimersByTimeAsync(SECOND);
    expect(count.main).toBe(2);
  });

  it('waits longer each time while there is nothing newer', async () => {
    const { count } = await open({ pushes: none, followers: 4 });
    const times: number[] = [];
    for (let seconds = 0; seconds < 3600; seconds += 5) {
      const before = count.main;
      await vi.advanceTimersByTimeAsync(5 * SECOND);
      if (count.main > before) times.push(seconds);
    }
    const waits = times.map((time, index) => time - (times[index - 1] ?? 0)).slice(1);
    expect(waits.slice(0, 6).map((wait) => Math.round(wait / 30) * 30)).toEqual([30, 60, 120, 240, 300, 300]);
    expect(count.followers).toBeLessThanOrEqual(4 * 6);
  });

  it('refreshes at once when the user asks, and not again within half a minute by itself', async () => {
    const { count, refresh } = await open({ followers: 4, pushes: none });
    refresh();
    refresh();
    expect(count).toEqual({ main: 3, followers: 12, clusters: 3, trends: 0, incidents: 0 });
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
    noteFreshness('page', { as_of: null, booked_until: null, fresh_until: due });
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

describe('incidents', () => {
  it('are read seldom while all is calm, and with each of the figures while something burns and somebody looks', async () => {
    let text = '';
    const { count } = await open({ burning: () => text });
    await vi.advanceTimersByTimeAsync(8 * HOUR);
    expect(count.incidents).toBeLessThanOrEqual(3 + 8);
    text = 'shop.example.com page';
    count.incidents = 0;
    await vi.advanceTimersByTimeAsync(90 * SECOND);
    expect(count.incidents).toBe(1);
    await vi.advanceTimersByTimeAsync(HOUR);
    expect(count.incidents).toBeLessThanOrEqual(1 + 12);
    use();
    Object.assign(count, { main: 0, incidents: 0 });
    await vi.advanceTimersByTimeAsync(10 * MINUTE);
    expect(count.incidents).toBe(count.main);
  });

  const calm: IncidentMark = { at: START, burning: '', demand: 0, isOpen: false };
  it.each([
    [calm, 4 * MINUTE, true, false],
    [calm, 5 * MINUTE, true, true],
    [calm, 59 * MINUTE, false, false],
    [calm, 60 * MINUTE, false, true],
    [{ ...calm, isOpen: true }, MINUTE, true, true],
    [{ ...calm, isOpen: true }, 4 * MINUTE, false, false],
    [{ ...calm, isOpen: true }, 5 * MINUTE, false, true],
  ] as const)('%o are read again after %i ms: attended %s, due %s', (kept, age, isSeen, isDue) => {
    expect(areIncidentsDue(kept, { ...kept, at: START + age }, isSeen)).toBe(isDue);
  });

  it('are read at once when something begins to burn, or the user asks', () => {
    expect(areIncidentsDue(null, calm, false)).toBe(true);
    expect(areIncidentsDue(calm, { ...calm, burning: 'page' }, false)).toBe(true);
    expect(areIncidentsDue(calm, { ...calm, demand: 1 }, false)).toBe(true);
    expect(areIncidentsDue({ ...calm, burning: ',,' }, { ...calm, burning: ',,', at: START + MINUTE }, true)).toBe(
      false,
    );
  });
});

describe('a trend', () => {
  const kept: TrendMark = {
    asOf: '2026-11-27T10:00:00Z',
    bookedUntil: '2026-11-27T09:55:00Z',
    status: 'healthy',
    demand: 0,
  };
  const at = (time: string, parts: Partial<TrendMark> = {}): TrendMark => ({
    ...kept,
    asOf: `2026-11-27T${time}Z`,
    ...parts,
  });
  const later = { bookedUntil: '2026-11-27T10:00:00Z' };

  it('is loaded again once a twenty-fourth of it is old', () => {
    expect(isTrendDue(kept, at('10:59:00', later), '1d', true)).toBe(false);
    expect(isTrendDue(kept, at('11:00:00', later), '1d', true)).toBe(true);
    expect(isTrendDue(kept, at('16:59:00', later), '7d', true)).toBe(false);
    expect(isTrendDue(kept, at('17:00:00', later), '7d', true)).toBe(true);
  });

  it('is loaded again if the user asks, but never for the same figures', () => {
    expect(isTrendDue(null, kept, '1d', true)).toBe(true);
    expect(isTrendDue(kept, at('10:01:00', { demand: 1 }), '1d', true)).toBe(true);
    expect(isTrendDue(kept, { ...kept, demand: 1, status: 'critical' }, '1d', true)).toBe(false);
  });

  it('is loaded again for another status, at most once for each slot', () => {
    expect(isTrendDue(kept, at('10:01:00', { status: 'critical' }), '1d', true)).toBe(false);
    expect(isTrendDue(kept, at('10:05:00', { status: 'critical', ...later }), '1d', true)).toBe(true);
  });

  it('is loaded again after six hours where nobody looks', () => {
    expect(isTrendDue(null, kept, '1d', false)).toBe(true);
    expect(isTrendDue(kept, at('15:59:00', { status: 'critical', ...later }), '1d', false)).toBe(false);
    expect(isTrendDue(kept, at('16:00:00', later), '1d', false)).toBe(true);
    expect(isTrendDue(kept, at('16:00:00', later), '30d', false)).toBe(false);
  });
});
