/** Loads data from the API for a component, and loads it again when there may be something new. */
import type { ReadonlySignal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Latest } from '../api/latest';
import {
  type Dated,
  forgetFreshness,
  looks,
  news,
  noteFailure,
  noteFreshness,
  noteRead,
  whileReading,
} from './refresh';
import { endIfRejected } from './session';

export interface Resource<T> {
  /** The last answer for this key. It stays while a newer one loads, or if loading fails. */
  data: T | null;
  error: Error | null;
  isLoading: boolean;
}

interface Held<T> extends Resource<T> {
  key: string;
}

/** The last answers, so that going back shows them at once. */
const shown = new Latest<unknown>(24);

/**
 * The page's main figures: when more is booked, or `state` changes, everything else that the page shows is loaded again.
 * `key` identifies the request.
 */
export function useMainResource<T extends Dated>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  state?: (answer: T) => string,
): Resource<T> {
  const held = useResource(key, load, looks);
  const { data, isLoading } = held;
  useEffect(() => {
    if (data && !isLoading) noteFreshness(key, data, state?.(data));
  }, [key, data, isLoading]);
  useEffect(() => () => forgetFreshness(key), [key]);
  return held;
}

/** The same for answers that do not say how fresh they are, such as incidents. */
export function useUndatedResource<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  state: (answer: T) => string,
): Resource<T> {
  const held = useResource(key, load, looks);
  const { data, isLoading } = held;
  useEffect(() => {
    if (data && !isLoading) noteRead(key, state(data));
  }, [key, data, isLoading]);
  useEffect(() => () => forgetFreshness(key), [key]);
  return held;
}

/**
 * `key` identifies the request; when it changes, the old answer is discarded. A null key sends no request. The answer is
 * loaded again when `again` changes.
 */
export function useResource<T>(
  key: string | null,
  load: (signal: AbortSignal) => Promise<T>,
  again: ReadonlySignal<number> = news,
): Resource<T> {
  const [held, setHeld] = useState<Held<T> | null>(null);
  const loading = useRef(load);
  loading.current = load;
  const count = again.value;

  useEffect(() => {
    if (key === null) return;
    const abort = new AbortController();
    setHeld({ key, data: before(key), error: null, isLoading: true });
    whileReading(loading.current(abort.signal)).then(
      (data) => {
        if (abort.signal.aborted) return;
        shown.set(key, data);
        setHeld({ key, data, error: null, isLoading: false });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        endIfRejected(error);
        noteFailure(again);
        const failure = error instanceof Error ? error : new Error(String(error));
        setHeld({ key, data: before(key), error: failure, isLoading: false });
      },
    );
    return () => abort.abort();
  }, [key, count]);

  if (held && held.key === key) return held;
  return { data: key === null ? null : before(key), error: null, isLoading: key !== null };
}

/** Clears the data of the last token. */
export function forgetResources(): void {
  shown.clear();
}

/** A key identifies one type of answer, so the cached value has that type. */
function before<T>(key: string): T | null {
  return (shown.get(key) as T | undefined) ?? null;
}
