/** The time axis: ticks on whole hours and days of the zone that is shown, whichever it is. */

import { dateFormat } from '../format/intl';

/** An IANA zone; undefined for the reader's own. */
type Zone = string | undefined;

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;
const STEPS = [
  1,
  5,
  10,
  30,
  MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  14 * DAY,
];

export interface Ticks {
  /** Unix seconds, ascending. */
  at: number[];
  /** Seconds from one to the next, but for a change of the clocks. */
  step: number;
}

/** At most `most` ticks in a window of Unix seconds, both bounds included. */
export function timeTicks(from: number, to: number, most: number, zone: Zone): Ticks {
  const wanted = (to - from) / Math.max(1, most);
  const step = STEPS.find((each) => each >= wanted) ?? 28 * DAY;
  const firstOffset = offsetSeconds(from, zone);
  const at: number[] = [];
  for (let local = Math.ceil((from + firstOffset) / step) * step; ; local += step) {
    const time = local - offsetSeconds(local - firstOffset, zone);
    if (time > to) return { at, step };
    if (time >= from && time > (at.at(-1) ?? Number.NEGATIVE_INFINITY)) at.push(time);
  }
}

/** The day at midnight and where ticks are days apart, the time of day elsewhere. */
export function tickLabel(at: number, step: number, locale: string, zone: Zone): string {
  const isMidnight = (at + offsetSeconds(at, zone)) % DAY === 0;
  const options: Intl.DateTimeFormatOptions =
    step >= DAY || isMidnight
      ? { day: 'numeric', month: 'short' }
      : { hour: '2-digit', minute: '2-digit', ...(step < MINUTE ? { second: '2-digit' } : {}), hourCycle: 'h23' };
  return dateFormat(locale, { ...options, timeZone: zone }).format(at * 1000);
}

/** How far a zone is ahead of UTC at a time. */
export function offsetSeconds(at: number, zone: Zone): number {
  if (zone === 'UTC') return 0;
  const parts = Object.fromEntries(
    partsFormat(zone)
      .formatToParts(at * 1000)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - Math.floor(at);
}

function partsFormat(zone: Zone): Intl.DateTimeFormat {
  return dateFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
}
