/** Applies the language and appearance to the document, and tells charts whether it is light or dark. */
import { computed, effect, signal } from '@preact/signals';
import { LANGUAGE_TAGS } from '../i18n/languages';
import { language, theme } from './preferences';

const prefersDark = window.matchMedia('(prefers-color-scheme: dark)');
const systemIsDark = signal(prefersDark.matches);
prefersDark.addEventListener('change', (event) => {
  systemIsDark.value = event.matches;
});

export const appearance = computed<'light' | 'dark'>(() => {
  if (theme.value !== 'system') return theme.value;
  return systemIsDark.value ? 'dark' : 'light';
});

const narrow = window.matchMedia('(max-width: 760px)');
/** Whether the viewport is a phone's, with room only for stacked rows. */
export const isNarrow = signal(narrow.matches);
narrow.addEventListener('change', (event) => {
  isNarrow.value = event.matches;
});

export function applyPreferences(): void {
  effect(() => {
    document.documentElement.lang = LANGUAGE_TAGS[language.value];
  });
  effect(() => {
    document.documentElement.dataset.theme = appearance.value;
  });
}
