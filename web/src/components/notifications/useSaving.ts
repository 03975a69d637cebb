import { useState } from 'preact/hooks';
import { ApiError } from '../../api/errors';
import type { NotificationsAnswer } from '../../api/types';
import { type English, inEnglish } from '../../i18n/said/words';
import { SettingsConflictError } from '../../notifications/settings';
import { refresh } from '../../state/refresh';
import { endIfRejected } from '../../state/session';

export interface Saving {
  isSaving: boolean;
  /** What the API refused, by field. */
  refused: ReadonlyMap<string, English>;
  failure: Error | null;
  /** What somebody else has saved meanwhile. */
  conflict: NotificationsAnswer | null;
  attempt: (work: () => Promise<void>) => Promise<void>;
  /** The user has changed a field. */
  changed: () => void;
}

const NOTHING: ReadonlyMap<string, English> = new Map();

/** Sends what a form holds, and keeps what came of it. The form stays open unless it was saved. */
export function useSaving(onSaved: () => void): Saving {
  const [isSaving, setSaving] = useState(false);
  const [refused, setRefused] = useState(NOTHING);
  const [failure, setFailure] = useState<Error | null>(null);
  const [conflict, setConflict] = useState<NotificationsAnswer | null>(null);
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    setSaving(true);
    setFailure(null);
    setConflict(null);
    setRefused(NOTHING);
    try {
      await work();
      refresh();
      onSaved();
    } catch (error) {
      endIfRejected(error);
      if (error instanceof SettingsConflictError) setConflict(error.theirs);
      else if (error instanceof ApiError && error.fields.size) setRefused(inEnglish(error.fields));
      else setFailure(error instanceof Error ? error : new Error(String(error)));
    }
    setSaving(false);
  };
  return { isSaving, refused, failure, conflict, attempt, changed: () => setRefused(NOTHING) };
}
