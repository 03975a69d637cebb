/** The session. The token is stored only for the tab's session, and sent only in the API's Authorization header. */
import { computed, signal } from '@preact/signals';
import { Client } from '../api/client';
import * as api from '../api/endpoints';
import { ApiError } from '../api/errors';
import type { TokenAnswer } from '../api/types';
import { ALL_CLUSTERS } from '../objectives/levels';

const KEY = 'ingress-slo.token';

/** Why the session ended. */
export type Goodbye = 'signed_out' | 'rejected';

export interface Session {
  client: Client;
  /** Null until the API returns the token's permissions. */
  grant: TokenAnswer | null;
}

export const session = signal<Session | null>(null);
export const goodbye = signal<Goodbye | null>(null);
export const mayManage = computed(() => session.value?.grant?.scope === 'manage');

/** Whether the token may set something for a cluster that it sees; `*` is all clusters, present and future. */
export function mayManageIn(cluster: string): boolean {
  return mayManage.value && (cluster !== ALL_CLUSTERS || !session.value?.grant?.clusters.length);
}

/** The API's base URL: the page is served at its root. */
const apiBase = new URL('.', document.baseURI);

const clientOf = (token: string): Client => new Client(apiBase, token);

/** Resumes the session with the token of this tab, if there is one. */
export function resume(): void {
  const token = sessionStorage.getItem(KEY);
  if (!token) return;
  const client = clientOf(token);
  session.value = { client, grant: null };
  api.token(client).then(
    (grant) => {
      if (session.value?.client === client) session.value = { client, grant };
    },
    (error: unknown) => endIfRejected(error),
  );
}

/** Throws ApiError or OfflineError if the API does not accept the token. */
export async function signIn(token: string): Promise<void> {
  const client = clientOf(token);
  const grant = await api.token(client);
  sessionStorage.setItem(KEY, token);
  goodbye.value = null;
  session.value = { client, grant };
}

export function signOut(why: Goodbye = 'signed_out'): void {
  sessionStorage.removeItem(KEY);
  goodbye.value = why;
  session.value = null;
}

/** Ends the session when the token expires or is revoked; the sign-in page says why. */
export function endIfRejected(error: unknown): void {
  if (error instanceof ApiError && error.status === 401 && session.value) signOut('rejected');
}
