/** When an open page asks the API again: when newer figures can be there, and ever later while they are not. */
import type { Status, TimeRange } from '../api/types';

export const SOONEST_MILLISECONDS = 30_000;
/** The length of a slot: between two rollups there is nothing new. */
const LONGEST_MILLISECONDS = 300_000;
/** Spreads the requests of many pages. */
const JITTER_MILLISECONDS = 5_000;
/** Rollup's schedule is precise to the minute. */
const MOST_LATE_MILLISECONDS = 60_000;
/** How often the list of clusters is read unless the user asks, and while the first snapshot of a cluster is awaited. */
export const CLUSTERS_MILLISECONDS = 600_000;
export const AWAITED_MILLISECONDS = 60_000;
/** The age at which a trend in the list is renewed, as a share of its window: an hour of a day. */
const TREND_AGE_SHARE = 1 / 24;
const HOUR_MILLISECONDS = 3_600_000;
const DAY_MILLISECONDS = 24 * HOUR_MILLISECONDS;

export interface Freshness {
  asOf: string | null;
  /** When newer figures can be there, in milliseconds by this browser's clock. */
  freshUntil: number;
}

/** Times are milliseconds by this browser's clock. */
export class Schedule {
  readonly #random: () => number;
  #shown: (Freshness & { key: string }) | null = null;
  #askedAt: number;
  #jitter = 0;
  /** Requests since figures were last newer. */
  #fruitless = 0;
  /** How long after `freshUntil` newer figures come of late. */
  #late = 0;
  #isOwed = false;

  constructor(now: number, random: () => number = Math.random) {
    this.#askedAt = now;
    this.#random = random;
  }

  /** The page asks. Returns whether something failed to load since the last time. */
  asked(now: number, { byUser = false } = {}): boolean {
    const wasOwed = this.#isOwed;
    this.#isOwed = false;
    this.#askedAt = now;
    this.#jitter = this.#random() * JITTER_MILLISECONDS;
    if (!byUser) this.#fruitless += 1;
    return wasOwed;
  }

  /** Something failed to load. */
  failed(): void {
    this.#isOwed = true;
  }

  /** The page has its figures. `key` identifies what it shows. Returns whether they are newer than those it showed. */
  answered(key: string, answer: Freshness): boolean {
    const before = this.#shown?.key === key ? this.#shown : null;
    if (before?.asOf === answer.asOf) return false;
    if (before) this.#learn(before.freshUntil);
    this.#fruitless = 0;
    this.#shown = { key, ...answer };
    return before !== null;
  }

  /** The page shows something else. */
  left(key: string): void {
    if (this.#shown?.key === key) this.#shown = null;
  }

  /** When to ask again. */
  get dueAt(): number {
    const backedOff = SOONEST_MILLISECONDS * 2 ** Math.max(0, this.#fruitless - 1);
    const earliest = this.#askedAt + Math.min(backedOff, LONGEST_MILLISECONDS);
    if (!this.#shown || this.#isOwed) return earliest;
    const due = this.#shown.freshUntil + (this.#fruitless ? 0 : this.#late) + this.#jitter;
    return Math.max(earliest, Math.min(due, this.#askedAt + 2 * LONGEST_MILLISECONDS));
  }

  /** Figures that took more than one request come as late the next time; others perhaps earlier. */
  #learn(freshUntil: number): void {
    const late = this.#askedAt - freshUntil - this.#jitter;
    this.#late = this.#fruitless > 1 ? Math.min(MOST_LATE_MILLISECONDS, Math.max(this.#late, late)) : this.#late * 0.9;
  }
}

/** What a trend was loaded for. */
export interface TrendMark {
  asOf: string;
  status: Status;
  /** How often the user has asked to refresh. */
  demand: number;
}

/** Whether a trend has to be loaded: it is old, its row has another status, or the user asks for what is newer. */
export function isTrendDue(kept: TrendMark | null, wanted: TrendMark, range: TimeRange): boolean {
  if (!kept) return true;
  if (kept.asOf === wanted.asOf) return false;
  const age = Date.parse(wanted.asOf) - Date.parse(kept.asOf);
  const longest = Number.parseInt(range, 10) * DAY_MILLISECONDS * TREND_AGE_SHARE;
  return !(age < longest) || kept.status !== wanted.status || kept.demand !== wanted.demand;
}

/** How many requests a visible page makes in an hour, if figures come when they can. `trends` are those of a day. */
export function requestsAnHour({ forEachSlot, trends }: { forEachSlot: number; trends: number }): number {
  const times = (milliseconds: number): number => HOUR_MILLISECONDS / milliseconds;
  return (
    times(LONGEST_MILLISECONDS) * forEachSlot +
    times(CLUSTERS_MILLISECONDS) +
    times(DAY_MILLISECONDS * TREND_AGE_SHARE) * trends
  );
}
