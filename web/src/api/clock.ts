/** The server's clock as seen from this browser, whose own clock may be minutes off. */

let aheadMilliseconds = 0;

/** `date` is the header `Date` of an answer that has just arrived. */
export function noteServerDate(date: string | null): void {
  const time = Date.parse(date ?? '');
  if (!Number.isNaN(time)) aheadMilliseconds = time - Date.now();
}

/** When this browser's clock shows a time that the server wrote, in milliseconds. */
export function localTime(serverTime: string): number {
  return Date.parse(serverTime) - aheadMilliseconds;
}

/** What the server's clock shows when this browser's shows a time, in milliseconds. */
export function serverTime(localTime: number): number {
  return localTime + aheadMilliseconds;
}
