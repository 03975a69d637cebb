/** What the API says, in the current language. The words are loaded when the first of it is shown in another than English. */
import { signal } from '@preact/signals';
import { language } from '../../state/preferences';
import { type English, known, translated } from './words';

const sentences = signal<ReturnType<typeof known> | null>(null);
let isAsked = false;

/** A text, and its language if it is not that of the page. */
export interface Said {
  text: string;
  lang: 'en' | undefined;
}

/** What the page says itself, or what the API said in English. */
export function spoken(words: string | English): Said {
  return typeof words === 'string' ? { text: words, lang: undefined } : said(words.english);
}

/** What the API said in English. */
export function said(english: string): Said {
  if (language.value === 'en') return { text: english, lang: undefined };
  if (!sentences.value) void load();
  const text = sentences.value && translated(english, sentences.value, language.value);
  return text ? { text, lang: undefined } : { text: english, lang: 'en' };
}

async function load(): Promise<void> {
  if (isAsked) return;
  isAsked = true;
  try {
    sentences.value = known((await import('./sentences.json')).default);
  } catch {
    // The page is offline or was deployed anew: English is shown, and the next text asks again.
    isAsked = false;
  }
}
