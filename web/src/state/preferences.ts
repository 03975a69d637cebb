/** How somebody likes to see the page: kept in this browser, never sent anywhere. */
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
/** Which domains are open, as `{cluster}/{domain}`. */
export const expanded = kept<ReadonlySet<string>>(
  'expanded',
  (text) => new Set(text ? text.split('\n') : []),
  (keys) => [...keys].join('\n'),
);

/** A signal that reads and writes localStorage; where that is forbidden, it lives as long as the page. */
function kept<T>(name: string, read: (text: string | null) => T, write: (value: T) => string = String): Signal<T> {
  const key = `ingress-slo.${name}`;
  const first = storage()?.getItem(key) ?? null;
  const value = signal(read(first));
  let isFirst = true;
  effect(() => {
    const text = write(value.value);
    // What the browser prefers stays what the browser prefers until somebody chooses.
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
