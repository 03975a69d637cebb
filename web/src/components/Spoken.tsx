import { spoken } from '../i18n/said';
import type { English } from '../i18n/said/words';

/** Stands for a text until it is put there. No text has it. */
const PLACE = '\0';

interface Props {
  words: string | English;
  /** The sentence of the page that the text is in. */
  within?: (text: string) => string;
}

/** A text of the page, or one of the API, which is marked as English if the page cannot say it in its language. */
export function Spoken({ words, within = (text) => text }: Props) {
  const { text, lang } = spoken(words);
  if (!lang) return <>{within(text)}</>;
  const [before, after] = within(PLACE).split(PLACE);
  return (
    <>
      {before}
      <span lang={lang}>{text}</span>
      {after}
    </>
  );
}

interface FieldErrorProps {
  /** Of the field. */
  id: string;
  name: string;
  words: string | English;
}

/** What is wrong with a field, which `aria-describedby` names. */
export function FieldError({ id, name, words }: FieldErrorProps) {
  return (
    <p id={`${id}-error`} class="field-error" data-testid={`error-${name}`}>
      <Spoken words={words} />
    </p>
  );
}
