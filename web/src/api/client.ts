/** HTTP client for the API that serves the page. */

import { noteServerDate } from './clock';
import { ApiError, OfflineError, problemOf } from './errors';
import { Latest } from './latest';

export type Query = Readonly<Record<string, string | number | null | undefined>>;

interface Kept {
  etag: string;
  body: unknown;
}

const MOST_KEPT = 400;

/** Calls the API with one token. Caches answers with their ETag, so that unchanged ones are not sent again. */
export class Client {
  readonly #base: URL;
  readonly #token: string;
  readonly #kept = new Latest<Kept>(MOST_KEPT);

  constructor(base: URL, token: string) {
    this.#base = base;
    this.#token = token;
  }

  /** Throws ApiError or OfflineError; AbortError if `signal` aborts. */
  async get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
    const url = this.#url(path, query);
    const kept = this.#kept.get(url);
    const response = await this.#fetch(url, { signal, headers: kept ? { 'If-None-Match': kept.etag } : {} });
    if (response.status === 304 && kept) return kept.body as T;
    const body = (await response.json()) as T;
    const etag = response.headers.get('ETag');
    if (etag) this.#kept.set(url, { etag, body });
    return body;
  }

  /** Sends a change. Returns null if the answer has no body. Throws like `get`. */
  async send<T>(
    method: 'PUT' | 'POST' | 'DELETE',
    path: string,
    query: Query,
    body: unknown,
    ifMatch = '',
  ): Promise<T | null> {
    const response = await this.#fetch(this.#url(path, query), {
      method,
      body: body === null ? null : JSON.stringify(body),
      headers: {
        ...(body === null ? {} : { 'Content-Type': 'application/json' }),
        ...(ifMatch ? { 'If-Match': ifMatch } : {}),
      },
    });
    return response.status === 204 ? null : ((await response.json()) as T);
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    const headers = { ...init.headers, Authorization: `Bearer ${this.#token}` };
    let response: Response;
    try {
      response = await fetch(url, { ...init, headers, cache: 'no-store', credentials: 'omit', redirect: 'error' });
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') throw error;
      throw new OfflineError(error);
    }
    noteServerDate(response.headers.get('Date'));
    if (response.ok || response.status === 304) return response;
    throw new ApiError(await problemOf(response));
  }

  #url(path: string, query: Query): string {
    const url = new URL(path, this.#base);
    for (const [name, value] of Object.entries(query)) {
      if (value !== null && value !== undefined && value !== '') url.searchParams.set(name, String(value));
    }
    return url.href;
  }
}
