/** The user's preferences, stored in this browser and never sent. */
import { effect, type Signal, signal } from '@preact/signals';
import { isLanguage, type Language, preferredLanguage } from '../i18n/languages';

export type Theme = 'system' | 'light' | 'dark';
export type Clock = 'local' | 'utc';

export const THEMES: readonly Theme[] = ['system', 'light', 'dark'];
export const CLOCKS: readonly Clock[] = ['local', 'utc'];

export const theme = kept<Theme>('theme', (text) => THEMES.find((each) => each === text) ?? 'system');
export const clock = kept<Clock>('clock', (text) => CLOCKS.find((each) => each === text) ?? 'local');
export const language = kept<Language>('language', (text) =>
  text !== null && isLanguage(text) ? text : preferredLanguage(navigator.languages),
);
/** The open domains, as `{cluster}/{domain}`. */
export const expanded = kept<ReadonlySet<string>>(
  'expanded',
  (text) => new Set(text ? text.split('\n') : []),
  (keys) => [...keys].join('\n'),
);

/** A signal stored in localStorage. If storage is blocked, it lasts as long as the page. */
function kept<T>(name: string, read: (text: string | null) => T, write: (value: T) => string = String): Signal<T> {
  const key = `ingress-slo.${name}`;
  const first = storage()?.getItem(key) ?? null;
  const value = signal(read(first));
  let isFirst = true;
  effect(() => {
    const text = write(value.value);
    // Stored only once the user chooses, so that a default keeps following the browser.
    if (!isFirst) storage()?.setItem(key, text);
    isFirst = false;
  });
  return value;
}

function storage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
