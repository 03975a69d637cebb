/** Saving rules, quiet hours, the digest and thresholds, which are one document with one version. */
import { signal } from '@preact/signals';
import type { Client } from '../api/client';
import { ApiError } from '../api/errors';
import * as api from '../api/notifications';
import type { NotificationsAnswer, NotificationsBody } from '../api/types';

/** What this page saved last. It is shown until the API is asked again, so that the next change builds on it. */
export const saved = signal<NotificationsAnswer | null>(null);

/** The newer of what was read and what was saved here. */
export function latestSettings(read: NotificationsAnswer): NotificationsAnswer {
  return saved.value && saved.value.version > read.version ? saved.value : read;
}

/** What one form changes. */
export type Part = Partial<NotificationsBody>;

/** Thrown when somebody changed the same part since it was read. */
export class SettingsConflictError extends Error {
  readonly theirs: NotificationsAnswer;

  constructor(theirs: NotificationsAnswer) {
    super('the settings have changed since');
    this.theirs = theirs;
  }
}

/**
 * Throws SettingsConflictError, ApiError or OfflineError. `seen` is what the user saw. What others changed in other parts
 * is kept.
 */
export async function saveSettings(client: Client, seen: NotificationsAnswer, part: Part): Promise<void> {
  try {
    saved.value = await api.setNotifications(client, { ...bodyOf(seen), ...part }, seen.version);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 412)) throw error;
    const theirs = await api.notifications(client);
    if (!isSame(theirs, seen, part)) throw new SettingsConflictError(theirs);
    await saveSettings(client, theirs, part);
  }
}

export function bodyOf({ rules, quiet_hours, digest, thresholds }: NotificationsAnswer): NotificationsBody {
  return { rules, quiet_hours, digest, thresholds };
}

/** Whether what this form changes is still as it was. */
function isSame(theirs: NotificationsAnswer, seen: NotificationsAnswer, part: Part): boolean {
  return (Object.keys(part) as (keyof Part)[]).every(
    (name) => JSON.stringify(theirs[name]) === JSON.stringify(seen[name]),
  );
}

/** A list in which the element at `index` has moved by `step`. */
export function moved<T>(list: readonly T[], index: number, step: number): T[] {
  const rest = list.filter((_, at) => at !== index);
  return [...rest.slice(0, index + step), ...list.slice(index, index + 1), ...rest.slice(index + step)];
}

/** Names or patterns that a user typed, separated by commas or spaces. */
export function namesIn(text: string): string[] {
  return text.split(/[,\s]+/).filter(Boolean);
}
