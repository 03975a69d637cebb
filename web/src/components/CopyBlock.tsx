import { useState } from 'preact/hooks';
import { messages } from '../i18n';

const SAID_MILLISECONDS = 2_000;

/** Text to copy into a terminal or a file. */
export function CopyBlock({ text }: { text: string }) {
  const words = messages.value;
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), SAID_MILLISECONDS);
  };
  return (
    <div class="copy-block">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable block must be focusable by keyboard. */}
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
      {isSecureContext && (
        <button type="button" class="button quiet small" onClick={copy}>
          <span aria-live="polite">{isCopied ? words.copied : words.copy}</span>
        </button>
      )}
    </div>
  );
}
