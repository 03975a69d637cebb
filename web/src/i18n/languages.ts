/** The languages of the page, and the choice by the browser's preferences. */

export type Language = 'en' | 'zh' | 'ja';

export const LANGUAGES: readonly Language[] = ['en', 'zh', 'ja'];
/** The name of each language in that language, and its tag for the document and Intl. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', zh: '简体中文', ja: '日本語' };
export const LANGUAGE_TAGS: Readonly<Record<Language, string>> = { en: 'en', zh: 'zh-Hans', ja: 'ja' };

export function isLanguage(text: string): text is Language {
  return LANGUAGES.some((language) => language === text);
}

/** The first supported language of the browser's list; English if there is none. */
export function preferredLanguage(wanted: readonly string[]): Language {
  const found = wanted.map((tag) => tag.toLowerCase().split('-')[0] ?? '').find(isLanguage);
  return found ?? 'en';
}
