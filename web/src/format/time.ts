/** Formats times and durations, in UTC or in the browser's time zone. */
import { dateFormat, numberFormat } from './intl';

/** An IANA time zone; undefined for the browser's. */
export type Zone = 'UTC' | undefined;

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

/** Date and time to the minute. */
export function moment(milliseconds: number, locale: string, zone: Zone): string {
  const options: Intl.DateTimeFormatOptions = { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' };
  return dateFormat(locale, { ...options, timeZone: zone }).format(milliseconds);
}

/** Time of day to the second. */
export function timeOfDay(milliseconds: number, locale: string, zone: Zone): string {
  return dateFormat(locale, { timeStyle: 'medium', hourCycle: 'h23', timeZone: zone }).format(milliseconds);
}

/** The day, with the name of the month. */
export function day(milliseconds: number, locale: string, zone: Zone): string {
  const options: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'long', timeZone: zone };
  return dateFormat(locale, options).format(milliseconds);
}

type Unit = 'second' | 'minute' | 'hour' | 'day';

/** A duration in its largest unit, and the next one if useful: 1 h 20 min. */
export function duration(seconds: number, locale: string): string {
  const total = Math.max(0, Math.round(seconds));
  if (total < MINUTE) return unit(total, 'second', locale);
  if (total < HOUR) return twoUnits(total, MINUTE, 'minute', 1, 'second', locale, total < 10 * MINUTE);
  if (total < DAY) return twoUnits(total, HOUR, 'hour', MINUTE, 'minute', locale, true);
  return twoUnits(total, DAY, 'day', HOUR, 'hour', locale, total < 10 * DAY);
}

/** How long an outage may last: in whole minutes, which compare, or finer below ten. */
export function outage(seconds: number, locale: string): string {
  if (seconds < 10 * MINUTE) return duration(seconds, locale);
  const options: Intl.NumberFormatOptions = { style: 'unit', unit: 'minute', unitDisplay: 'long' };
  return numberFormat(locale, { ...options, maximumFractionDigits: 0 }).format(seconds / MINUTE);
}

function twoUnits(
  total: number,
  size: number,
  name: Unit,
  smallSize: number,
  smallName: Unit,
  locale: string,
  withSmall: boolean,
): string {
  const large = Math.floor(total / size);
  const small = Math.floor((total % size) / smallSize);
  const first = unit(large, name, locale);
  return withSmall && small ? `${first} ${unit(small, smallName, locale)}` : first;
}

function unit(value: number, name: Unit, locale: string): string {
  return numberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'short' }).format(value);
}
