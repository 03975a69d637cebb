/** The API operations about times that do not count, and about who set what. */
import type { Level } from '../objectives/levels';
import type { Client, Query } from './client';
import { type ObjectiveSubject, objectiveQuery, ROOT } from './endpoints';
import type { ExclusionAnswer, ExclusionBody, ObjectiveChange, ObjectiveChangesAnswer } from './types';

const MOST_CHANGES = 500;

/** Everything that is excluded in a cluster, what begins last first. */
export async function exclusions(
  client: Client,
  cluster: string,
  signal?: AbortSignal,
): Promise<readonly ExclusionAnswer[]> {
  const query = { cluster_id: cluster };
  return (await client.get<{ exclusions: ExclusionAnswer[] }>(`${ROOT}/exclusions`, query, signal)).exclusions;
}

/** Returns its id, to undo it. */
export async function addExclusion(client: Client, subject: ObjectiveSubject, body: ExclusionBody): Promise<string> {
  const made = await client.send<ExclusionAnswer>('POST', `${ROOT}/exclusions`, objectiveQuery(subject), body);
  if (made === null) throw new TypeError('an exclusion that was made answers with itself');
  return made.exclusion_id;
}

export async function removeExclusion(client: Client, cluster: string, id: string): Promise<void> {
  await client.send<never>('DELETE', `${ROOT}/exclusions/${encodeURIComponent(id)}`, { cluster_id: cluster }, null);
}

/** All changes of objectives and exclusions that concern a subject or what is above it, newest first. */
export async function allChanges(
  client: Client,
  subject: ObjectiveSubject,
  signal?: AbortSignal,
): Promise<readonly ObjectiveChange[]> {
  const found: ObjectiveChange[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: ObjectiveChangesAnswer = await changes(client, { ...objectiveQuery(subject), cursor }, signal);
    found.push(...page.changes);
    cursor = page.next_cursor;
  }
  return found;
}

/** The newest changes of what is set at a level of a subject, newest first. */
export async function changesAt(
  level: Level,
  client: Client,
  subject: ObjectiveSubject,
  signal?: AbortSignal,
): Promise<readonly ObjectiveChange[]> {
  return (await changes(client, { ...objectiveQuery(subject), level }, signal)).changes;
}

function changes(client: Client, query: Query, signal?: AbortSignal): Promise<ObjectiveChangesAnswer> {
  return client.get(`${ROOT}/objective-changes`, { ...query, limit: MOST_CHANGES }, signal);
}
