/** A window of the API in Unix seconds. */
export function unixWindow(window: { from: string; to: string } | null): { from: number; to: number } | null {
  return window && { from: Date.parse(window.from) / 1000, to: Date.parse(window.to) / 1000 };
}
