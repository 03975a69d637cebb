import type { Burning } from '../api/types';
import { messages } from '../i18n';
import { FlameIcon } from './icons';

interface Props {
  severity: Burning | null;
  withWord?: boolean;
  /** The address of the incident; null if none is known. */
  href?: string | null;
  /** -1 in a tree, whose rows have the focus. */
  tabIndex?: number;
}

/** Says that a budget burns now. The severity is a colour, a filled or an empty flame, and words for screen readers. */
export function BurnMark({ severity, withWord = true, href = null, tabIndex }: Props) {
  const words = messages.value;
  if (!severity) return null;
  const text = { page: words.burningPage, ticket: words.burningTicket }[severity];
  const mark = { class: `burning burning-${severity}`, 'data-testid': 'burning', 'data-severity': severity };
  const content = (
    <>
      <FlameIcon isFilled={severity === 'page'} />
      {withWord && <span aria-hidden="true">{words.burningNow}</span>}
      <span class="visually-hidden">{text}</span>
    </>
  );
  return href === null ? (
    <span {...mark} title={text}>
      {content}
    </span>
  ) : (
    <a {...mark} href={href} tabIndex={tabIndex} title={`${text}. ${words.openIncident}`}>
      {content}
    </a>
  );
}
