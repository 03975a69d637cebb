/** The API operations about incidents. */
import type { Client } from './client';
import { ROOT } from './endpoints';
import type { IncidentAnswer, IncidentKind, IncidentStatus, IncidentsAnswer, Severity } from './types';

/** Which incidents are asked for. Empty lists and null mean all. */
export interface IncidentFilter {
  statuses: readonly IncidentStatus[];
  kinds: readonly IncidentKind[];
  severities: readonly Severity[];
  domain: string | null;
}

export const EVERY_INCIDENT: IncidentFilter = { statuses: [], kinds: [], severities: [], domain: null };

interface Part {
  limit: number;
  /** `next_cursor` of the page before. */
  cursor?: string | null;
  /** RFC 3339: only those that went on after this time. */
  from?: string | null;
}

/** A page of incidents: first those that are open, pages before tickets, then the others, newest first. */
export function incidents(
  client: Client,
  cluster: string,
  filter: IncidentFilter,
  { limit, cursor, from }: Part,
  signal?: AbortSignal,
): Promise<IncidentsAnswer> {
  const query = {
    cluster_id: cluster,
    status: filter.statuses.join(','),
    kind: filter.kinds.join(','),
    severity: filter.severities.join(','),
    domain: filter.domain,
    from,
    limit,
    cursor,
  };
  return client.get(`${ROOT}/incidents`, query, signal);
}

export function incident(client: Client, cluster: string, id: string, signal?: AbortSignal): Promise<IncidentAnswer> {
  return client.get(incidentPath(id), { cluster_id: cluster }, signal);
}

/** Of several people, the first counts. */
export async function acknowledge(client: Client, cluster: string, id: string): Promise<void> {
  await client.send<IncidentAnswer>('POST', incidentPath(id, '/acknowledge'), { cluster_id: cluster }, null);
}

function incidentPath(id: string, rest = ''): string {
  return `${ROOT}/incidents/${encodeURIComponent(id)}${rest}`;
}
