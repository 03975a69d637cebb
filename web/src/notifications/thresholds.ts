/** Thresholds as a form: ratios in per cent, times in minutes or hours. */
import type { Thresholds } from '../api/types';
import type { Messages } from '../i18n';

export type ThresholdField = keyof Thresholds;
export type ThresholdDraft = Readonly<Record<ThresholdField, string>>;

interface Spec {
  /** What one unit of the form is in the API. */
  unit: number;
  low: number;
  high: number;
  isWhole?: boolean;
}

const MINUTE = 60;
const HOUR = 3_600;
const DAY_MINUTES = 1_440;
const MONTH_HOURS = 720;
const MOST_REQUESTS = 1_000_000;

/** The bounds are those of the API. */
const SPECS: Readonly<Record<ThresholdField, Spec>> = {
  outage_share: { unit: 0.01, low: 5, high: 100 },
  outage_requests: { unit: 1, low: 1, high: MOST_REQUESTS, isWhole: true },
  trickle_share: { unit: 0.01, low: 5, high: 100 },
  trickle_requests: { unit: 1, low: 1, high: MOST_REQUESTS, isWhole: true },
  calm_seconds: { unit: MINUTE, low: 0, high: DAY_MINUTES },
  silent_seconds: { unit: MINUTE, low: 3, high: DAY_MINUTES },
  page_reminder_seconds: { unit: HOUR, low: 0, high: MONTH_HOURS },
  ticket_reminder_seconds: { unit: HOUR, low: 0, high: MONTH_HOURS },
};

export const THRESHOLD_FIELDS = Object.keys(SPECS) as ThresholdField[];

export function thresholdDraft(limits: Thresholds): ThresholdDraft {
  const texts = THRESHOLD_FIELDS.map((field) => [field, String(rounded(limits[field] / SPECS[field].unit))]);
  return Object.fromEntries(texts) as ThresholdDraft;
}

export interface ReadThresholds {
  /** Null if a field is invalid. */
  thresholds: Thresholds | null;
  errors: ReadonlyMap<string, string>;
}

export function readThresholds(draft: ThresholdDraft, words: Messages): ReadThresholds {
  const errors = new Map<string, string>();
  const values = THRESHOLD_FIELDS.map((field) => {
    const { unit, low, high, isWhole } = SPECS[field];
    const text = draft[field].trim().replace(',', '.');
    const value = text ? Number(text) : Number.NaN;
    const [from, to] = [String(low), String(high)];
    if (Number.isNaN(value)) errors.set(field, words.fieldNumber);
    else if (isWhole && !Number.isInteger(value)) errors.set(field, words.fieldWhole(from, to));
    else if (value < low || value > high)
      errors.set(field, (isWhole ? words.fieldWhole : words.fieldBetween)(from, to));
    return [field, unit >= 1 ? Math.round(value * unit) : rounded(value * unit)] as const;
  });
  return { thresholds: errors.size ? null : (Object.fromEntries(values) as Thresholds), errors };
}

/** Without floating-point noise. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}
