import { useRef } from 'preact/hooks';

/** The last value that was not null: the old figures stay while another window loads. */
export function useLatest<T>(value: T | null, of: string): T | null {
  const latest = useRef<{ of: string; value: T } | null>(null);
  if (value !== null) latest.current = { of, value };
  return latest.current?.of === of ? latest.current.value : null;
}
