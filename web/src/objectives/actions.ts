/** Saving and deleting an objective, each with its undo. */
import type { Client } from '../api/client';
import type { ObjectiveSubject } from '../api/endpoints';
import * as api from '../api/endpoints';
import { ApiError } from '../api/errors';
import type { ObjectiveAnswer, ObjectiveBody } from '../api/types';
import { explainFailure } from '../i18n/said/failures';
import { refresh } from '../state/refresh';
import { toast } from '../state/toasts';
import { bodyOf } from './draft';
import { named } from './followed';

/** Thrown when somebody changed the objective since the dialog opened. */
export class ConflictError extends Error {
  /** Null if the objective was deleted. */
  readonly theirs: ObjectiveAnswer | null;

  constructor(theirs: ObjectiveAnswer | null) {
    super('the objective has changed since');
    this.theirs = theirs;
  }
}

/** What the dialog knows of the subject and the objective. */
export interface Seen {
  subject: ObjectiveSubject;
  /** The objective when the form opened; null for a new one. */
  saved: ObjectiveAnswer | null;
  /** The name of the objective that the subject followed when the form opened. */
  followed: string | null;
}

/** Throws ConflictError, ApiError or OfflineError. */
export async function save(client: Client, seen: Seen, name: string, body: ObjectiveBody): Promise<void> {
  const { subject, saved, followed } = seen;
  const made = await orConflict(client, subject, name, () =>
    api.setObjective(client, subject, name, body, saved?.version ?? null),
  );
  // Without a mark the longest period is followed. Only a mark may change which one it is.
  if (made.is_followed && !body.is_followed) await keepFollowed(client, subject, followed);
  refresh();
  const before = saved && bodyOf(saved);
  toast(
    (words) => words.objectiveSaved(name),
    saved && !before
      ? null
      : undoing(async () => {
          if (before) await api.setObjective(client, subject, name, before, made.version);
          else await api.deleteObjective(client, subject, name, made.version);
          await keepFollowed(client, subject, followed);
        }),
  );
}

/** Throws like `save`. */
export async function remove(client: Client, { subject, saved, followed }: Seen): Promise<void> {
  if (!saved) return;
  const { name, version } = saved;
  await orConflict(client, subject, name, () => api.deleteObjective(client, subject, name, version));
  refresh();
  const before = bodyOf(saved);
  toast(
    (words) => words.objectiveDeleted(name),
    before &&
      undoing(async () => {
        await api.setObjective(client, subject, name, before, null);
        await keepFollowed(client, subject, followed);
      }),
  );
}

/** Marks the objective that was followed before, if another one has taken its place. */
async function keepFollowed(client: Client, subject: ObjectiveSubject, name: string | null): Promise<void> {
  if (name === null) return;
  const { objectives } = await api.objectives(client, subject.cluster);
  const wanted = named(objectives, subject, name);
  const body = wanted && !wanted.is_followed ? bodyOf(wanted) : null;
  if (wanted && body) await api.setObjective(client, subject, name, { ...body, is_followed: true }, wanted.version);
}

async function orConflict<T>(
  client: Client,
  subject: ObjectiveSubject,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isConflict = error instanceof ApiError && [404, 412, 428].includes(error.status);
    if (!isConflict) throw error;
    const { objectives } = await api.objectives(client, subject.cluster);
    throw new ConflictError(named(objectives, subject, name));
  }
}

function undoing(work: () => Promise<void>): () => Promise<void> {
  return async () => {
    try {
      await work();
      toast((words) => words.undone);
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      toast((words) => words.undoFailed(explainFailure(failure, words)));
    }
    refresh();
  };
}
