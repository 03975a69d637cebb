/** Saving and deleting a target, each with its undo. */
import type { Client } from '../api/client';
import type { TargetSubject } from '../api/endpoints';
import * as api from '../api/endpoints';
import { ApiError } from '../api/errors';
import type { TargetAnswer, TargetBody } from '../api/types';
import { refresh } from '../state/refresh';
import { toast } from '../state/toasts';
import { bodyOf } from './draft';
import { savedFor } from './effective';

/** Thrown when somebody changed the target since the dialog opened. */
export class ConflictError extends Error {
  /** Null if the target was deleted. */
  readonly theirs: TargetAnswer | null;

  constructor(theirs: TargetAnswer | null) {
    super('the target has changed since');
    this.theirs = theirs;
  }
}

/** Throws ConflictError, ApiError or OfflineError. `seen` is the target when the dialog opened. */
export async function save(
  client: Client,
  subject: TargetSubject,
  body: TargetBody,
  seen: TargetAnswer | null,
): Promise<void> {
  const saved = await orConflict(client, subject, () => api.setTarget(client, subject, body, seen?.version ?? null));
  refresh();
  toast(
    (words) => words.targetSaved,
    undoing(async () => {
      if (seen) await api.setTarget(client, subject, bodyOf(seen), saved.version);
      else await api.deleteTarget(client, subject, saved.version);
    }),
  );
}

/** Throws like `save`. */
export async function remove(client: Client, subject: TargetSubject, seen: TargetAnswer): Promise<void> {
  await orConflict(client, subject, () => api.deleteTarget(client, subject, seen.version));
  refresh();
  toast(
    (words) => words.targetDeleted,
    undoing(async () => {
      await api.setTarget(client, subject, bodyOf(seen), null);
    }),
  );
}

async function orConflict<T>(client: Client, subject: TargetSubject, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isConflict = error instanceof ApiError && [404, 412, 428].includes(error.status);
    if (!isConflict) throw error;
    const { targets } = await api.targets(client, subject.cluster);
    throw new ConflictError(savedFor(targets, subject));
  }
}

function undoing(work: () => Promise<void>): () => Promise<void> {
  return async () => {
    try {
      await work();
      toast((words) => words.undone);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      toast((words) => words.undoFailed(detail));
    }
    refresh();
  };
}
