/** The API operations about times that do not count, and about who set what. */
import type { Client } from './client';
import { type ObjectiveSubject, objectiveQuery, ROOT } from './endpoints';
import type { ExclusionAnswer, ExclusionBody, ObjectiveChange } from './types';

const MOST_CHANGES = 200;

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

/** Changes of objectives and exclusions that concern a subject or what is above it, newest first. */
export async function objectiveChanges(
  client: Client,
  subject: ObjectiveSubject,
  signal?: AbortSignal,
): Promise<readonly ObjectiveChange[]> {
  const query = { ...objectiveQuery(subject), limit: MOST_CHANGES };
  return (await client.get<{ changes: ObjectiveChange[] }>(`${ROOT}/objective-changes`, query, signal)).changes;
}
