import type { Promised } from '../../api/types';
import type { Messages } from '../../i18n';
import { latencyTexts, promiseText } from '../objectives/words';

/** What an objective promises, in words. */
export function promisedText(promise: Promised, words: Messages): string {
  return [promiseText(promise.availability, promise, words), ...latencyTexts(promise, words)].join(' · ');
}
