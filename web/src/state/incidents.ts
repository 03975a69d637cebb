/** What is open in each cluster: read with fresh figures, as seldom as does no harm. */
import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import type { Client } from '../api/client';
import * as api from '../api/incidents';
import { Latest } from '../api/latest';
import type { IncidentAnswer, IncidentsAnswer } from '../api/types';
import { demands, isAttended, seen, whileReading } from './refresh';
import { useResource } from './resource';
import { formatRoute } from './route';
import { areIncidentsDue, type IncidentMark } from './schedule';

/** The first page: what is open comes first, and more of it is for the page of incidents. */
const MOST_READ = 25;
const MOST_KEPT = 50;

interface Kept {
  mark: IncidentMark;
  answer: IncidentsAnswer;
}

interface Open {
  count: number;
  incidents: readonly IncidentAnswer[];
}

/** Those that are not resolved, by cluster. */
const open = signal<ReadonlyMap<string, Open>>(new Map());
const kept = new Latest<Kept>(MOST_KEPT);

export interface IncidentsOf {
  cluster: string;
  /** Null for the whole cluster. */
  domain: string | null;
  /** Reads those that went on since then, Unix seconds; null for the latest. */
  from: number | null;
  /** Identifies the window, whose beginning moves. */
  window: string;
}

/** The latest incidents of a cluster or a domain; null until loaded. */
export function useIncidents(client: Client, of: IncidentsOf): readonly IncidentAnswer[] | null {
  const key = JSON.stringify([of.cluster, of.domain, of.window]);
  const [, redraw] = useState(0);
  const { asOf, state } = seen.value;
  const demand = demands.value;
  const isSeen = isAttended.value;

  useEffect(() => {
    // A page that nobody has used for a while may be hidden: it asks when it is seen again.
    if (asOf === null || document.hidden) return;
    const mark = { at: Date.now(), burning: state, demand };
    if (!areIncidentsDue(kept.get(key)?.mark ?? null, mark, isSeen)) return;
    const abort = new AbortController();
    const from = of.from === null ? null : new Date(of.from * 1000).toISOString();
    const filter = { ...api.EVERY_INCIDENT, domain: of.domain };
    whileReading(api.incidents(client, of.cluster, filter, { limit: MOST_READ, from }, abort.signal)).then(
      (answer) => {
        kept.set(key, { mark: { ...mark, isOpen: answer.open > 0 }, answer });
        noteIncidents(answer, of.domain);
        redraw((count) => count + 1);
      },
      // Ignored: the page reports failures of its main figures, and is still correct without links to incidents.
      () => undefined,
    );
    return () => abort.abort();
  }, [client, key, asOf, state, demand, isSeen]);

  return kept.get(key)?.answer.incidents ?? null;
}

/** Reads how many are open, for a page that shows no other incidents. A null cluster reads nothing. */
export function useOpenCount(client: Client, cluster: string | null): void {
  const read = useResource(cluster && `open incidents ${cluster}`, (abort) =>
    api.incidents(client, cluster ?? '', api.EVERY_INCIDENT, { limit: MOST_READ }, abort),
  );
  useEffect(() => {
    if (read.data) noteIncidents(read.data);
  }, [read.data]);
}

/** The page has read incidents: all of a cluster, or those of a domain. */
export function noteIncidents(answer: IncidentsAnswer, domain: string | null = null): void {
  const before = open.peek().get(answer.cluster_id)?.incidents ?? [];
  const others = domain === null ? [] : before.filter((each) => each.subject.domain !== domain);
  const found = answer.incidents.filter((each) => each.status !== 'resolved');
  const known: Open = { count: answer.open, incidents: [...found, ...others] };
  open.value = new Map([...open.peek(), [answer.cluster_id, known]]);
}

/** The page has read only some incidents of a cluster. The answer says how many are open all the same. */
export function noteOpenCount({ cluster_id, open: count }: IncidentsAnswer): void {
  const incidents = open.peek().get(cluster_id)?.incidents ?? [];
  open.value = new Map([...open.peek(), [cluster_id, { count, incidents }]]);
}

/** Null until known. */
export function openCount(cluster: string): number | null {
  return open.value.get(cluster)?.count ?? null;
}

/** The address of a domain's open incident; null if none is known. */
export function openIncidentLink(cluster: string, domain: string, path: string | null = null): string | null {
  const found = open.value.get(cluster)?.incidents.find(
    // An incident of one path says nothing of the others.
    (each) => each.subject.domain === domain && (path === null || [null, path].includes(each.path_prefix)),
  );
  return found ? formatRoute({ page: 'incident', cluster, id: found.incident_id }) : null;
}

/** Clears the data of the last token. */
export function forgetIncidents(): void {
  kept.clear();
  open.value = new Map();
}
