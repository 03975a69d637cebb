/** The months of statements, as `2026-10`. */
const MONTHS_KEPT = 13;

/** The months that are over in UTC and whose days are kept, the last one first. */
export function closedMonths(now: number): string[] {
  const today = new Date(now);
  return Array.from({ length: MONTHS_KEPT }, (_, number) =>
    new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - 1 - number, 1)).toISOString().slice(0, 7),
  );
}

export function isMonth(text: string): boolean {
  return /^2\d{3}-(0[1-9]|1[0-2])$/.test(text);
}
