import { useEffect, useState } from 'preact/hooks';
import { messages } from '../../i18n';

const ASKED_MILLISECONDS = 5_000;

interface Props {
  /** What is removed, for screen readers. */
  of: string;
  word?: string;
  onRemove: () => void;
}

/** Removes at the second press within a few seconds. */
export function RemoveButton({ of, word, onRemove }: Props) {
  const words = messages.value;
  const [isAsking, setAsking] = useState(false);
  useEffect(() => {
    if (!isAsking) return;
    const timer = setTimeout(() => setAsking(false), ASKED_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [isAsking]);
  const text = isAsking ? words.removeReally : (word ?? words.remove);
  return (
    <button
      type="button"
      class="button small quiet danger"
      aria-label={`${text}: ${of}`}
      data-testid="remove"
      onClick={() => {
        if (isAsking) onRemove();
        setAsking(!isAsking);
      }}
    >
      {text}
    </button>
  );
}
