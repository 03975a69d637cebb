import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { messages } from '../i18n';
import { CloseIcon } from './icons';
import { useModal } from './useModal';

interface Props {
  title: string;
  subject?: string;
  testId: string;
  onClose: () => void;
  /** Is given what closes the dialog. */
  children: (close: () => void) => ComponentChildren;
}

/** A modal dialog, with the focus in its first field. */
export function Dialog({ title, subject, testId, onClose, children }: Props) {
  const words = messages.value;
  const dialog = useRef<HTMLDialogElement>(null);
  useModal(dialog);
  const close = (): void => dialog.current?.close();
  return (
    <dialog ref={dialog} class="dialog" aria-label={title} data-testid={testId} onClose={onClose}>
      <div class="dialog-head">
        <h2 tabIndex={-1}>{title}</h2>
        {subject && <span class="dialog-subject">{subject}</span>}
        <span class="spacer" />
        <button type="button" class="button icon-button small" aria-label={words.close} onClick={close}>
          <CloseIcon />
        </button>
      </div>
      {children(close)}
    </dialog>
  );
}
