/** Finds the visible rows of a long list, so that only those are rendered. */

export interface Layout {
  /** The top of each row, and the bottom of the last: one more value than rows. */
  offsets: Float64Array;
}

export function layOut<T>(rows: readonly T[], height: (row: T) => number): Layout {
  const offsets = new Float64Array(rows.length + 1);
  rows.forEach((row, index) => {
    offsets[index + 1] = (offsets[index] ?? 0) + height(row);
  });
  return { offsets };
}

export function totalHeight({ offsets }: Layout): number {
  return offsets[offsets.length - 1] ?? 0;
}

/** The first (inclusive) and last (exclusive) row between two heights, plus a margin above and below. */
export function inSight({ offsets }: Layout, top: number, bottom: number, overscan: number): [number, number] {
  const rows = offsets.length - 1;
  const first = rowAt(offsets, top - overscan);
  const last = rowAt(offsets, bottom + overscan);
  return [Math.min(first, rows), Math.min(last + 1, rows)];
}

/** The last row that starts at or above a height. */
function rowAt(offsets: Float64Array, height: number): number {
  let [low, high] = [0, Math.max(0, offsets.length - 2)];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((offsets[middle] ?? 0) <= height) low = middle;
    else high = middle - 1;
  }
  return low;
}
