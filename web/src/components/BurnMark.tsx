import type { Burning } from '../api/types';
import { messages } from '../i18n';
import { FlameIcon } from './icons';

/** Says that a budget burns now. The severity is a colour, a filled or an empty flame, and words for screen readers. */
export function BurnMark({ severity, withWord = true }: { severity: Burning | null; withWord?: boolean }) {
  const words = messages.value;
  if (!severity) return null;
  const text = { page: words.burningPage, ticket: words.burningTicket }[severity];
  return (
    <span class={`burning burning-${severity}`} title={text} data-testid="burning" data-severity={severity}>
      <FlameIcon isFilled={severity === 'page'} />
      {withWord && <span aria-hidden="true">{words.burningNow}</span>}
      <span class="visually-hidden">{text}</span>
    </span>
  );
}
