/** What is read from the API for a part of the page, and read again at each refresh. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { refreshes } from './refresh';
import { endIfRejected } from './session';

export interface Resource<T> {
  /** The last answer for this key; stays while a newer one is on its way, or could not be had. */
  data: T | null;
  error: Error | null;
  isLoading: boolean;
}

interface Held<T> extends Resource<T> {
  key: string;
}

/** `key` names what is asked for: when it changes, what was shown is of something else. A null key asks for nothing. */
export function useResource<T>(key: string | null, load: (signal: AbortSignal) => Promise<T>): Resource<T> {
  const [held, setHeld] = useState<Held<T> | null>(null);
  const loading = useRef(load);
  loading.current = load;
  const count = refreshes.value;

  useEffect(() => {
    if (key === null) return;
    const abort = new AbortController();
    setHeld((before) => ({ key, data: before?.key === key ? before.data : null, error: null, isLoading: true }));
    loading.current(abort.signal).then(
      (data) => {
        if (!abort.signal.aborted) setHeld({ key, data, error: null, isLoading: false });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        endIfRejected(error);
        const failure = error instanceof Error ? error : new Error(String(error));
        setHeld((before) => ({
          key,
          data: before?.key === key ? before.data : null,
          error: failure,
          isLoading: false,
        }));
      },
    );
    return () => abort.abort();
  }, [key, count]);

  return held && held.key === key ? held : { data: null, error: null, isLoading: key !== null };
}
