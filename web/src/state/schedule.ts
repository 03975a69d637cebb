/** When an open page asks the API again: when newer figures can be there, and ever later while they are not. */
import type { Status, TimeRange } from '../api/types';

export const SOONEST_MILLISECONDS = 30_000;
/** The length of a slot: what follows the main figures is loaded once for each. */
const SLOT_MILLISECONDS = 300_000;
/** The longest time between two requests while nothing newer comes. */
const LONGEST_MILLISECONDS = 300_000;
/** Spreads the requests of many pages. */
const JITTER_MILLISECONDS = 5_000;
/** Agents push once a minute. The main figures are asked for no more often on average, whatever the answers say. */
export const PACE_MILLISECONDS = 60_000;
/** How much earlier than its turn a request may come, after some that were not made or came late. */
const AHEAD_MILLISECONDS = 120_000;
/** How often the list of clusters is read unless the user asks, and while the first snapshot of a cluster is awaited. */
export const CLUSTERS_MILLISECONDS = 600_000;
export const AWAITED_MILLISECONDS = 60_000;
/** How long after its last use a page counts as attended. */
export const ATTENTION_MILLISECONDS = 900_000;
/** How often an unattended page loads at most what follows its main figures. */
const UNATTENDED_MILLISECONDS = 1_800_000;
const HOUR_MILLISECONDS = 3_600_000;
const DAY_MILLISECONDS = 24 * HOUR_MILLISECONDS;
/** The age at which a trend in the list is renewed, as a share of its window: an hour of a day. */
const TREND_AGE_SHARE = 1 / 24;
/** The age below which an unattended page renews no trend. */
const UNATTENDED_TREND_MILLISECONDS = 6 * HOUR_MILLISECONDS;

export interface Freshness {
  asOf: string | null;
  /** When newer figures can be there, in milliseconds by this browser's clock. */
  freshUntil: number;
}

/** When the main figures are asked for. Times are milliseconds by this browser's clock. */
export class Schedule {
  readonly #random: () => number;
  #shown: (Freshness & { key: string }) | null = null;
  #askedAt: number;
  /** The turn of the next request, if each had come in its own. */
  #turnAt: number;
  #jitter = 0;
  /** Requests since figures were last newer. */
  #fruitless = 0;
  #isOwed = false;

  constructor(now: number, random: () => number = Math.random) {
    this.#askedAt = now;
    this.#turnAt = now;
    this.#random = random;
  }

  /** The page asks. Returns whether something failed to load since the last time. */
  asked(now: number, { byUser = false } = {}): boolean {
    const wasOwed = this.#isOwed;
    this.#isOwed = false;
    this.#askedAt = now;
    this.#jitter = this.#random() * JITTER_MILLISECONDS;
    if (byUser) return wasOwed;
    this.#fruitless += 1;
    this.#turnAt = Math.max(this.#turnAt, now) + PACE_MILLISECONDS;
    return wasOwed;
  }

  /** Something failed to load. */
  failed(): void {
    this.#isOwed = true;
  }

  /** The page has its figures. `key` identifies what it shows. */
  answered(key: string, answer: Freshness): void {
    if (this.#shown?.key === key && this.#shown.asOf === answer.asOf) return;
    this.#fruitless = 0;
    this.#shown = { key, ...answer };
  }

  /** The page shows something else. */
  left(key: string): void {
    if (this.#shown?.key === key) this.#shown = null;
  }

  /** When to ask again. */
  get dueAt(): number {
    const backedOff = SOONEST_MILLISECONDS * 2 ** Math.max(0, this.#fruitless - 1);
    const inTurn = this.#turnAt - AHEAD_MILLISECONDS;
    const earliest = Math.max(this.#askedAt + Math.min(backedOff, LONGEST_MILLISECONDS), inTurn);
    if (!this.#shown || this.#isOwed) return earliest;
    const due = this.#shown.freshUntil + this.#jitter;
    return Math.max(earliest, Math.min(due, this.#askedAt + 2 * LONGEST_MILLISECONDS));
  }
}

/** When everything else that the page shows is loaded again: for another state, and seldom while nobody looks. */
export class Followers {
  /** What the main figures say, such as `booked_until`. */
  #state = '';
  /** The state that they were loaded with; null until the main figures say. */
  #loadedWith: string | null = null;
  #loadedAt: number;

  constructor(now: number) {
    this.#loadedAt = now;
  }

  /** They are loaded together with the next main figures. */
  loaded(now: number): void {
    this.#loadedAt = now;
    this.#loadedWith = null;
  }

  /** They are loaded again because they were due. */
  caughtUp(now: number): void {
    this.#loadedAt = now;
    this.#loadedWith = this.#state;
  }

  /** The main figures are there. */
  answered(state: string): void {
    this.#state = state;
    this.#loadedWith ??= state;
  }

  isDue(now: number, isAttended: boolean): boolean {
    if (this.#loadedWith === null || this.#loadedWith === this.#state) return false;
    return isAttended || now - this.#loadedAt >= UNATTENDED_MILLISECONDS;
  }
}

/** What a trend was loaded for. */
export interface TrendMark {
  asOf: string;
  bookedUntil: string | null;
  status: Status;
  /** How often the user has asked to refresh. */
  demand: number;
}

/**
 * Whether a trend has to be loaded: it is old, its row has another status since more was booked, or the user asks for
 * what is newer. While nobody looks, only what is very old is loaded.
 */
export function isTrendDue(kept: TrendMark | null, wanted: TrendMark, range: TimeRange, isAttended: boolean): boolean {
  if (!kept) return true;
  if (kept.asOf === wanted.asOf) return false;
  const age = Date.parse(wanted.asOf) - Date.parse(kept.asOf);
  const longest = Number.parseInt(range, 10) * DAY_MILLISECONDS * TREND_AGE_SHARE;
  if (!isAttended) return !(age < Math.max(longest, UNATTENDED_TREND_MILLISECONDS));
  const hasChanged = kept.status !== wanted.status && kept.bookedUntil !== wanted.bookedUntil;
  return !(age < longest) || hasChanged || kept.demand !== wanted.demand;
}

/** What incidents were read for, and what was found. */
export interface IncidentMark {
  /** Milliseconds by this browser's clock. */
  at: number;
  /** What burns, in any words; empty or without a word if nothing does. */
  burning: string;
  /** How often the user has asked to refresh. */
  demand: number;
  /** Whether some are open. */
  isOpen: boolean;
}

/**
 * Whether incidents have to be read again with the figures that have just come: something begins or ceases to burn, the
 * user asks, or they are old. They grow old soon while something burns or is open, and late while nobody looks.
 */
export function areIncidentsDue(
  kept: IncidentMark | null,
  wanted: Omit<IncidentMark, 'isOpen'>,
  isAttended: boolean,
): boolean {
  if (!kept || kept.burning !== wanted.burning || kept.demand !== wanted.demand) return true;
  const isCalm = !kept.isOpen && !/\w/.test(wanted.burning);
  const soon = isAttended ? SOONEST_MILLISECONDS : SLOT_MILLISECONDS;
  const late = isAttended ? SLOT_MILLISECONDS : HOUR_MILLISECONDS;
  return wanted.at - kept.at >= (isCalm ? late : soon);
}

/** How many requests a visible page makes at most in an hour by itself, while all is calm. `trends` are those of a day. */
export function requestsAnHour({
  followers,
  trends,
  isAttended,
}: {
  followers: number;
  trends: number;
  isAttended: boolean;
}): number {
  const times = (milliseconds: number): number => HOUR_MILLISECONDS / milliseconds;
  return (
    times(PACE_MILLISECONDS) +
    times(CLUSTERS_MILLISECONDS) +
    times(isAttended ? SLOT_MILLISECONDS : HOUR_MILLISECONDS) +
    times(isAttended ? SLOT_MILLISECONDS : UNATTENDED_MILLISECONDS) * followers +
    times(isAttended ? DAY_MILLISECONDS * TREND_AGE_SHARE : UNATTENDED_TREND_MILLISECONDS) * trends
  );
}
