import type { Period } from '../../api/endpoints';
import type { DetailRoute } from '../../state/route';

/** The window to request from the API. */
export function periodOf({ range, window }: DetailRoute): Period {
  return { range, from: window && rfc3339(window.from), to: window && rfc3339(window.to) };
}

/** A time of the API from Unix seconds. */
export function rfc3339(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
