import { useState } from 'preact/hooks';
import { messages } from '../i18n';

const SAID_MILLISECONDS = 2_000;

/** Text to copy into a terminal or a file. Long lines are wrapped, so that all of it can be read. */
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
      <pre>
        {text.split('\n').map((line, index) => (
          <code key={`${index} ${line}`} class="copy-line">
            {line.split(/(?<=\s)(?=\S)/).map((word, at) => (
              <span key={`${at} ${word}`} class="copy-word">
                {word}
              </span>
            ))}
          </code>
        ))}
      </pre>
      {isSecureContext && (
        <button type="button" class="button quiet small" onClick={copy}>
          <span aria-live="polite">{isCopied ? words.copied : words.copy}</span>
        </button>
      )}
    </div>
  );
}
