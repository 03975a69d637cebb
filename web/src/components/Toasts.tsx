import { messages } from '../i18n';
import { dismiss, toasts } from '../state/toasts';
import { CloseIcon } from './icons';

export function Toasts() {
  const words = messages.value;
  return (
    <div class="toasts" role="status" aria-live="polite" data-testid="toasts">
      {toasts.value.map(({ id, text, undo }) => (
        <div key={id} class="toast">
          <span>{text(words)}</span>
          {undo && (
            <button
              type="button"
              class="button small"
              onClick={() => {
                dismiss(id);
                void undo();
              }}
            >
              {words.undo}
            </button>
          )}
          <button type="button" class="button icon-button small" aria-label={words.close} onClick={() => dismiss(id)}>
            <CloseIcon />
          </button>
        </div>
      ))}
    </div>
  );
}
