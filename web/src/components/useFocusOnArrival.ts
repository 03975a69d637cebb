import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** Whoever goes to another page begins at its top, with the keyboard and the screen reader, too. */
export function useFocusOnArrival(main: RefObject<HTMLElement | null>, page: string): void {
  const last = useRef(page);
  useEffect(() => {
    if (last.current === page) return;
    last.current = page;
    main.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [main, page]);
}
