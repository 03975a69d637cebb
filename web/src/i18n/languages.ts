/** The languages of the page, and which one a browser would like. */

export type Language = 'en' | 'zh' | 'ja';

export const LANGUAGES: readonly Language[] = ['en', 'zh', 'ja'];
/** Each language's own name for itself, and its tag for the document and for numbers and dates. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', zh: '简体中文', ja: '日本語' };
export const LANGUAGE_TAGS: Readonly<Record<Language, string>> = { en: 'en', zh: 'zh-Hans', ja: 'ja' };

export function isLanguage(text: string): text is Language {
  return LANGUAGES.some((language) => language === text);
}

/** The first of a browser's languages that there is; English where there is none. */
export function preferredLanguage(wanted: readonly string[]): Language {
  const found = wanted.map((tag) => tag.toLowerCase().split('-')[0] ?? '').find(isLanguage);
  return found ?? 'en';
}
