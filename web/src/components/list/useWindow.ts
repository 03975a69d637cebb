import type { RefObject } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { inSight, layOut, totalHeight } from '../../list/windowing';

const OVERSCAN_PIXELS = 400;
/** The height that the sticky bars cover at the top of the viewport. */
const COVERED_PIXELS = 108;
const MARGIN_PIXELS = 8;

export interface RowWindow {
  first: number;
  /** Exclusive. */
  last: number;
  total: number;
  topOf: (index: number) => number;
  /** Scrolls until a row is visible. */
  reveal: (index: number) => void;
}

/** The visible rows of a list that scrolls with the page. Memoize `height`: a new function lays out all rows again. */
export function useWindow<T>(
  container: RefObject<HTMLElement | null>,
  rows: readonly T[],
  height: (row: T) => number,
): RowWindow {
  const layout = useMemo(() => layOut(rows, height), [rows, height]);
  const [range, setRange] = useState<[number, number]>([0, 0]);

  useEffect(() => {
    const look = (): void => {
      const top = container.current?.getBoundingClientRect().top ?? 0;
      const next = inSight(layout, -top, window.innerHeight - top, OVERSCAN_PIXELS);
      setRange((before) => (before[0] === next[0] && before[1] === next[1] ? before : next));
    };
    look();
    window.addEventListener('scroll', look, { passive: true });
    window.addEventListener('resize', look);
    return () => {
      window.removeEventListener('scroll', look);
      window.removeEventListener('resize', look);
    };
  }, [container, layout]);

  const topOf = (index: number): number => layout.offsets[index] ?? 0;
  const reveal = (index: number): void => {
    const top = container.current?.getBoundingClientRect().top ?? 0;
    const above = top + topOf(index) - COVERED_PIXELS - MARGIN_PIXELS;
    const below = top + topOf(index + 1) + MARGIN_PIXELS - window.innerHeight;
    if (above < 0) window.scrollBy({ top: above });
    else if (below > 0) window.scrollBy({ top: below });
  };
  return { first: range[0], last: Math.min(range[1], rows.length), total: totalHeight(layout), topOf, reveal };
}
