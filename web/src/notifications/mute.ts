/** A mute as a form. */
import type { MuteBody } from '../api/types';
import type { Messages } from '../i18n';

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;
const LONGEST_SECONDS = 366 * DAY_SECONDS;
/** Lengths to choose from, in seconds. */
export const MUTE_SECONDS: readonly number[] = [
  HOUR_SECONDS,
  4 * HOUR_SECONDS,
  12 * HOUR_SECONDS,
  DAY_SECONDS,
  7 * DAY_SECONDS,
  30 * DAY_SECONDS,
];

export interface MuteDraft {
  cluster_id: string;
  domain: string;
  path_prefix: string;
  /** Seconds, or empty for `until`. */
  length: string;
  /** As an input of the type `datetime-local` has it, in the page's time zone. */
  until: string;
  reason: string;
}

export interface ReadMute {
  /** Null if a field is invalid. */
  body: MuteBody | null;
  errors: ReadonlyMap<string, string>;
}

/** `now` in milliseconds by the server's clock. */
export function readMute(draft: MuteDraft, words: Messages, now: number, isUtc: boolean): ReadMute {
  const errors = new Map<string, string>();
  const until = draft.length ? now + Number(draft.length) * 1000 : Date.parse(`${draft.until}${isUtc ? 'Z' : ''}`);
  const reason = draft.reason.trim();
  if (!reason) errors.set('reason', words.fieldRequired);
  if (!(until > now && until <= now + LONGEST_SECONDS * 1000)) errors.set('until', words.muteTimeInvalid);
  if (errors.size) return { body: null, errors };
  const body: MuteBody = {
    cluster_id: draft.cluster_id.trim() || '*',
    domain: draft.domain.trim() || '*',
    path_prefix: draft.path_prefix.trim() || null,
    until: new Date(until).toISOString(),
    reason,
  };
  return { body, errors };
}
