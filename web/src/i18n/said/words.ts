/**
 * Says in another language what the API says in English: warnings, why requests are not counted, what it refuses, and why
 * something was not delivered.
 *
 * `sentences.json` has every sentence of agent and API, with a name in braces for each part that differs. A Python test
 * compares it with their source, so that a new sentence cannot be forgotten. What is not known is shown as it is: the words
 * of another version's agent, of Traefik, or of a library.
 */
import type { Language } from '../languages';

/** A text of the API, which is not in the page's language yet. */
export interface English {
  readonly english: string;
}

export type Sentence = Readonly<Record<Language, string>>;
type Patterns = readonly (readonly [RegExp, Sentence])[];
/** First those that begin with words: one that begins with any text would swallow what is before it. */
type Known = readonly [Patterns, Patterns];

const NAMES = /\{(\w+)\}/g;
const DEEPEST = 4;

export function known(sentences: readonly Sentence[]): Known {
  const patterns = (some: readonly Sentence[]): Patterns => some.map((each) => [patternOf(each.en), each]);
  const isLoose = ({ en }: Sentence): boolean => en.startsWith('{');
  return [patterns(sentences.filter((each) => !isLoose(each))), patterns(sentences.filter(isLoose))];
}

/**
 * The text in a language; null if it is not known. A part can be a sentence, too, or a list of them: why a rule is refused,
 * or what uses a channel. What is before the last sentence may be anything, such as the names of the objects that it is
 * about, or another sentence.
 */
export function translated(text: string, sentences: Known, language: Language, depth = 0): string | null {
  if (depth > DEEPEST) return null;
  const deeper = (of: string): string | null => translated(of, sentences, language, depth + 1);
  const part = (of: string): string => deeper(of) ?? of.replace(/[^, ][^,]*/g, (each) => deeper(each) ?? each);
  const whole = (of: string, patterns: Patterns): string | null => {
    for (const [pattern, sentence] of patterns) {
      const found = pattern.exec(of);
      if (found) return sentence[language].replace(NAMES, (_, name: string) => part(found.groups?.[name] ?? ''));
    }
    return null;
  };
  for (const patterns of sentences) {
    const found = whole(text, patterns);
    if (found !== null) return found;
    for (const { 0: between, index } of text.matchAll(/[:.] /g)) {
      const last = whole(text.slice(index + between.length), patterns);
      if (last === null) continue;
      const sentence = between === '. ' ? deeper(text.slice(0, index + 1)) : null;
      return `${sentence ?? `${part(text.slice(0, index))}${between}`}${last}`;
    }
  }
  return null;
}

/** Marks what the API says of fields, so that it can be shown where the page says what is wrong in its own words. */
export function inEnglish(fields: ReadonlyMap<string, string>): ReadonlyMap<string, English> {
  return new Map([...fields].map(([field, english]) => [field, { english }]));
}

/** A count is digits, and anything else any text. The first letter may be small or capital. */
function patternOf(english: string): RegExp {
  const parts = english
    .split(/(\{\w+\})/)
    .map((part) =>
      /^\{\w+\}$/.test(part)
        ? part === '{count}'
          ? '(?<count>[\\d,.]*\\d)'
          : `(?<${part.slice(1, -1)}>.+?)`
        : quoted(part),
    );
  return new RegExp(`^${parts.join('')}$`, 'is');
}

function quoted(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
