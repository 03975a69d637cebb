/** A time that is not to count, as a form. */
import type { ExclusionBody } from '../api/types';
import type { LaterMessages } from '../i18n/later/en';

const LONGEST_SECONDS = 31 * 86_400;
const MINUTE_MILLISECONDS = 60_000;

export const RECURRENCES = ['once', 'daily', 'weekly', 'monthly', 'byRule'] as const;
export type Recurrence = (typeof RECURRENCES)[number];
const RULES: Readonly<Record<Recurrence, string>> = {
  once: '',
  daily: 'FREQ=DAILY',
  weekly: 'FREQ=WEEKLY',
  monthly: 'FREQ=MONTHLY',
  byRule: '',
};

export interface ExclusionDraft {
  /** As an input of the type `datetime-local` has it, in the page's time zone. */
  from: string;
  to: string;
  recurs: Recurrence;
  rule: string;
  time_zone: string;
  reason: string;
}

export interface ReadExclusion {
  /** Null if a field is invalid. */
  body: ExclusionBody | null;
  errors: ReadonlyMap<string, string>;
}

export function readExclusion(
  draft: ExclusionDraft,
  words: Pick<LaterMessages, 'wrongTime' | 'wrongEnd'>,
  required: string,
  isUtc: boolean,
): ReadExclusion {
  const errors = new Map<string, string>();
  const [from, to] = [draft.from, draft.to].map((text) => Date.parse(`${text}${isUtc ? 'Z' : ''}`));
  const reason = draft.reason.trim();
  const rule = draft.recurs === 'byRule' ? draft.rule.trim() : RULES[draft.recurs];
  if (from === undefined || Number.isNaN(from)) errors.set('from', words.wrongTime);
  if (to === undefined || Number.isNaN(to)) errors.set('to', words.wrongTime);
  if (from === undefined || to === undefined) return { body: null, errors };
  if (to <= from || to - from > LONGEST_SECONDS * 1000) errors.set('to', words.wrongEnd);
  if (draft.recurs === 'byRule' && !rule) errors.set('rule', required);
  if (!reason) errors.set('reason', required);
  if (errors.size) return { body: null, errors };
  const time_zone = rule ? draft.time_zone.trim() : 'UTC';
  return {
    body: { from: new Date(from).toISOString(), to: new Date(to).toISOString(), reason, rule, time_zone },
    errors,
  };
}

/** Unix seconds as an input of the type `datetime-local` has it, in the page's time zone. */
export function fieldTime(seconds: number, isUtc: boolean): string {
  const time = new Date(seconds * 1000);
  const offset = isUtc ? 0 : time.getTimezoneOffset() * MINUTE_MILLISECONDS;
  return new Date(time.getTime() - offset).toISOString().slice(0, 16);
}
