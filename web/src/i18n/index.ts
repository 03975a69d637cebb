/** The texts of the page in the current language. */
import { computed } from '@preact/signals';
import type { Status, TargetSource, TimeRange } from '../api/types';
import { language } from '../state/preferences';
import { en, type Messages } from './en';
import { ja } from './ja';
import type { Language } from './languages';
import { zh } from './zh';

export type { Messages } from './en';

export const DICTIONARIES: Readonly<Record<Language, Messages>> = { en, zh, ja };

export const messages = computed<Messages>(() => DICTIONARIES[language.value]);

export function rangeWord(range: TimeRange, words: Messages): string {
  return { '1d': words.range1d, '7d': words.range7d, '30d': words.range30d }[range];
}

export function statusWord(status: Status, words: Messages): string {
  return words[status];
}

export function sourceWord(source: TargetSource, words: Messages): string {
  const known = {
    preset: words.sourcePreset,
    all: words.sourceAll,
    cluster: words.sourceCluster,
    domain: words.sourceDomain,
    route: words.sourceRoute,
  };
  return known[source];
}
