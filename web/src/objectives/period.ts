/** The periods of objectives: their order, their words, and the name that a new objective gets. */
import type { Length, ObjectiveAnswer } from '../api/types';
import type { Messages } from '../i18n';

/** The periods that an objective may be set for. `1d` is only read, from what earlier versions stored. */
export const LENGTHS: readonly SettableLength[] = ['7d', '28d', '30d', 'week', 'month', 'quarter'];
export type SettableLength = Exclude<Length, '1d'>;

const CALENDAR: ReadonlySet<string> = new Set<Length>(['week', 'month', 'quarter']);
const NAMES: Readonly<Record<SettableLength, string>> = {
  '7d': 'weekly',
  '28d': 'four-weekly',
  '30d': 'monthly',
  week: 'weekly',
  month: 'monthly',
  quarter: 'quarterly',
};

/** Whether a period begins anew at fixed times, so that it needs a time zone. */
export function isCalendar(length: string): boolean {
  return CALENDAR.has(length);
}

export function isSettable(length: string): length is SettableLength {
  return LENGTHS.some((each) => each === length);
}

/** The word of the period alone; an unknown one as the API says it. */
export function lengthWord(length: string, words: Messages): string {
  const known: Readonly<Record<string, string>> = {
    '1d': words.period1d,
    '7d': words.period7d,
    '28d': words.period28d,
    '30d': words.period30d,
    week: words.periodWeek,
    month: words.periodMonth,
    quarter: words.periodQuarter,
  };
  return known[length] ?? length;
}

/** The word of the period, with its time zone if it has one. */
export function periodWord(of: { period: string; time_zone: string }, words: Messages): string {
  const word = lengthWord(of.period, words);
  return isCalendar(of.period) ? words.periodIn(word, of.time_zone) : word;
}

/** A name for a new objective of this period, which no other one of the subject has. */
export function proposedName(length: string, others: readonly Pick<ObjectiveAnswer, 'name'>[]): string {
  const taken = new Set(others.map((each) => each.name));
  const name = isSettable(length) ? NAMES[length] : 'objective';
  if (!taken.has(name)) return name;
  let number = 2;
  while (taken.has(`${name}-${number}`)) number += 1;
  return `${name}-${number}`;
}

/** Whether this is an IANA name that the browser knows; the API has the last word. */
export function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

export function browserTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}
