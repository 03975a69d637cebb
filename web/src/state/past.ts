/** What was promised when: read where objectives have ever changed. */
import { signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { Client } from '../api/client';
import * as endpoints from '../api/endpoints';
import { allChanges } from '../api/exclusions';
import { type Held, heldOver, type Known } from '../objectives/held';
import { demands } from './refresh';
import { useResource } from './resource';

/** Null until loaded, and where nobody has changed an objective. Read anew on demand: others seldom change one meanwhile. */
export function useKnown(client: Client, subject: endpoints.ObjectiveSubject): Known | null {
  const { cluster, domain, path } = subject;
  const key = `promises ${JSON.stringify([cluster, domain, path])}`;
  return useResource<Known | null>(key, (signal) => read(client, subject, signal), demands).data;
}

/** What is known of all subjects of a cluster, by cluster; for the rows of the list. */
export const promises = signal<ReadonlyMap<string, Known>>(new Map());

/** Reads it once for all rows. */
export function usePromises(client: Client, cluster: string): void {
  const known = useKnown(client, { cluster, domain: null, path: null });
  useEffect(() => {
    if (known) promises.value = new Map([...promises.peek(), [cluster, known]]);
  }, [known, cluster]);
}

/** What held for a subject over time, the oldest first; null until loaded, and where it never changed. */
export function useHeld(known: Known | null, { cluster, domain, path }: endpoints.ObjectiveSubject): Held[] | null {
  return useMemo(() => known && heldOver(known, { cluster, domain, path }), [known, cluster, domain, path]);
}

async function read(client: Client, subject: endpoints.ObjectiveSubject, signal: AbortSignal): Promise<Known | null> {
  const changes = await allChanges(client, subject, signal);
  if (!changes.some(({ before, after }) => before || after)) return null;
  return { answer: await endpoints.objectives(client, subject.cluster, signal), changes };
}

/** Clears the data of the last token. */
export function forgetPromises(): void {
  promises.value = new Map();
}
