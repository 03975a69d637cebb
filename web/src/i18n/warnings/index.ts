/** Warnings in the current language. Their words are loaded when the first one is shown in a language other than English. */
import { signal } from '@preact/signals';
import { language } from '../../state/preferences';
import { known, translated } from './words';

const sentences = signal<ReturnType<typeof known> | null>(null);
let isAsked = false;

/** What the API said in English, and the language of the text if it is not that of the page. */
export function said(english: string): { text: string; lang: 'en' | undefined } {
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
    // The page is offline or was deployed anew: English is shown, and the next warning asks again.
    isAsked = false;
  }
}
