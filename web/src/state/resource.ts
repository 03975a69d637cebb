/** What is read from the API for a part of the page, and read again at each refresh. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { Latest } from '../api/latest';
import { refreshes, whileReading } from './refresh';
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

/** What was shown last, so that going back shows it at once. */
const shown = new Latest<unknown>(24);

/** `key` names what is asked for: when it changes, what was shown is of something else. A null key asks for nothing. */
export function useResource<T>(key: string | null, load: (signal: AbortSignal) => Promise<T>): Resource<T> {
  const [held, setHeld] = useState<Held<T> | null>(null);
  const loading = useRef(load);
  loading.current = load;
  const count = refreshes.value;

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
        const failure = error instanceof Error ? error : new Error(String(error));
        setHeld({ key, data: before(key), error: failure, isLoading: false });
      },
    );
    return () => abort.abort();
  }, [key, count]);

  if (held && held.key === key) return held;
  return { data: key === null ? null : before(key), error: null, isLoading: key !== null };
}

/** Forget what the last token was shown. */
export function forgetResources(): void {
  shown.clear();
}

/** A key names one kind of answer, so what was kept under it is of its type. */
function before<T>(key: string): T | null {
  return (shown.get(key) as T | undefined) ?? null;
}
