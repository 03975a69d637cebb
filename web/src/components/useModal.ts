import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

const FIELDS = 'input:not([type=hidden]):not(:disabled), select:not(:disabled), textarea:not(:disabled)';

/**
 * Opens a dialog. Its first field gets the focus, or its heading if it has none, which needs a tabindex of -1. The browser
 * keeps the focus inside and gives it back to the opener; if that is gone by then, the page gets it.
 */
export function useModal(dialog: RefObject<HTMLDialogElement | null>): void {
  useLayoutEffect(() => {
    const modal = dialog.current;
    const opener = document.activeElement;
    modal?.showModal();
    if (modal) start(modal);
    return () => {
      if (modal?.open) modal.close();
      if (document.activeElement && document.activeElement !== document.body) return;
      const isThere = opener instanceof HTMLElement && opener.isConnected && opener !== document.body;
      (isThere ? opener : document.querySelector('main'))?.focus({ preventScroll: true });
    };
  }, [dialog]);
}

/** Of radio buttons the chosen one is the field. */
function start(modal: HTMLDialogElement): void {
  const first = modal.querySelector<HTMLElement>(FIELDS);
  const isRadio = first instanceof HTMLInputElement && first.type === 'radio';
  const chosen = isRadio ? modal.querySelector<HTMLElement>(`input[name="${CSS.escape(first.name)}"]:checked`) : null;
  (chosen ?? first ?? modal.querySelector<HTMLElement>('h2'))?.focus();
}
