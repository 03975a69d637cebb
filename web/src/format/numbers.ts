/** Formats figures. Missing values are a dash, never 0 or 100 %, and nothing is rounded up to 100 %. */
import { numberFormat } from './intl';

export const NOTHING = '—';
const NBSP = '\u00a0';
const MOST_DIGITS = 6;
const MILLISECONDS_TO_SECONDS = 10_000;

/** A success ratio with two decimals, or as many as needed so that 99.996 % is not shown as 100 %. */
export function availability(ratio: number | null, locale: string): string {
  if (ratio === null) return NOTHING;
  if (ratio === 1 || ratio === 0) return percent(ratio, 0, locale);
  return percent(ratio, digitsShort(ratio, 1), locale);
}

/** An error ratio with two decimals, or as many as needed so that a few errors are not shown as 0 %. */
export function errorRate(ratio: number | null, locale: string): string {
  if (ratio === null) return NOTHING;
  if (ratio === 0 || ratio === 1) return percent(ratio, 0, locale);
  return percent(ratio, digitsShort(ratio, 0), locale);
}

/** A target with exactly the decimals it has. */
export function targetAvailability(ratio: number, locale: string): string {
  return numberFormat(locale, { style: 'percent', maximumFractionDigits: MOST_DIGITS }).format(clean(ratio));
}

/** The remaining error budget; negative if overspent. Never rounded to 0 % or 100 %. */
export function budget(ratio: number | null, locale: string): string {
  if (ratio === null) return NOTHING;
  if (ratio > 0 && ratio < 0.01) return `<${NBSP}${percent(0.01, 0, locale)}`;
  if (ratio < 1 && ratio > 0.99) return `>${NBSP}${percent(0.99, 0, locale)}`;
  if (ratio < 0 && ratio > -0.01) return `<${NBSP}${percent(0, 0, locale)}`;
  return minus(percent(ratio, 0, locale));
}

/** A latency in milliseconds, or in seconds from 10 s. A lower bound is marked as such. */
export function latency(milliseconds: number | null, locale: string, { isLowerBound = false } = {}): string {
  if (milliseconds === null) return NOTHING;
  const seconds = milliseconds >= MILLISECONDS_TO_SECONDS;
  const value = seconds ? milliseconds / 1000 : milliseconds;
  const digits = seconds || value < 10 ? 1 : 0;
  const text = numberFormat(locale, { maximumFractionDigits: digits }).format(value);
  return `${isLowerBound ? `>${NBSP}` : ''}${text}${NBSP}${seconds ? 's' : 'ms'}`;
}

/** A short latency: 250 for milliseconds, 2.5 s from one second. */
export function latencyTick(milliseconds: number, locale: string): string {
  if (milliseconds < 1000) return number(milliseconds, locale);
  return `${number(milliseconds / 1000, locale)}${NBSP}s`;
}

/** A number with as few digits as it has. */
export function number(value: number, locale: string): string {
  return numberFormat(locale, { maximumSignificantDigits: 4 }).format(value);
}

/** Requests per second: two decimals below 10, one below 100. */
export function rate(perSecond: number | null, locale: string): string {
  if (perSecond === null) return NOTHING;
  if (perSecond > 0 && perSecond < 0.01) return `<${NBSP}${fixed(0.01, 2, locale)}`;
  const digits = perSecond === 0 || perSecond >= 100 ? 0 : perSecond >= 10 ? 1 : 2;
  return fixed(perSecond, digits, locale);
}

/** A whole number with digit grouping. */
export function count(value: number | null, locale: string): string {
  return value === null ? NOTHING : numberFormat(locale, { maximumFractionDigits: 0 }).format(value);
}

/** A short whole number: 1.2M. */
export function shortCount(value: number | null, locale: string): string {
  if (value === null) return NOTHING;
  if (Math.abs(value) < 10_000) return count(value, locale);
  return numberFormat(locale, { notation: 'compact', maximumSignificantDigits: 3 }).format(value);
}

/** A burn rate: 14.4×. */
export function factor(value: number | null, locale: string): string {
  if (value === null) return NOTHING;
  return `${numberFormat(locale, { maximumFractionDigits: value < 10 ? 2 : 1 }).format(value)}×`;
}

/** A difference with its sign: U+2212 for minus, and no sign for zero. */
export function signed(value: number, text: (magnitude: number) => string): string {
  const magnitude = text(Math.abs(value));
  return value === 0 ? magnitude : `${value > 0 ? '+' : '−'}${magnitude}`;
}

/** A difference of two ratios, in percentage points. */
export function points(difference: number, locale: string): string {
  const size = Math.abs(difference * 100);
  const digits = size === 0 ? 0 : Math.min(MOST_DIGITS, Math.max(2, Math.ceil(-Math.log10(size))));
  return fixed(size, digits, locale);
}

/** U+2212, as wide as a digit. */
function minus(text: string): string {
  return text.replace('-', '−');
}

function digitsShort(ratio: number, limit: number): number {
  for (let digits = 2; digits < MOST_DIGITS; digits += 1) {
    if (Number((ratio * 100).toFixed(digits)) !== limit * 100) return digits;
  }
  return MOST_DIGITS;
}

/** A percentage, truncated if rounding would reach 0 % or 100 %. */
function percent(ratio: number, digits: number, locale: string): string {
  const options: Intl.NumberFormatOptions = {
    style: 'percent',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  };
  const edge = 10 ** -(digits + 2);
  const shown = ratio < 1 && ratio > 1 - edge ? 1 - edge : ratio > 0 && ratio < edge ? edge : ratio;
  return numberFormat(locale, options).format(shown);
}

function fixed(value: number, digits: number, locale: string): string {
  return numberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** Removes floating-point noise: 0.9990000000000001 becomes 0.999. */
function clean(ratio: number): number {
  return Number(ratio.toPrecision(12));
}
