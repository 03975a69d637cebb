import { useRef } from 'preact/hooks';

/** The last value that there was of something: what was shown stays while another window of the same is on its way. */
export function useLatest<T>(value: T | null, of: string): T | null {
  const latest = useRef<{ of: string; value: T } | null>(null);
  if (value !== null) latest.current = { of, value };
  return latest.current?.of === of ? latest.current.value : null;
}
