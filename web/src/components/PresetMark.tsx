import { messages } from '../i18n';

/** Marks a figure of the preset, which judges the status and promises nothing. */
export function PresetMark() {
  const words = messages.value;
  return (
    <>
      {' '}
      <span class="preset" title={words.presetHint} data-testid="preset">
        {words.preset}
      </span>
    </>
  );
}
