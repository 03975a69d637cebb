/** Why something failed, in the words of the page or of the API. */
import { ApiError, OfflineError } from '../../api/errors';
import type { Messages } from '..';
import { spoken } from '.';
import type { English } from './words';

export function whyFailed(error: Error, words: Messages): string | English {
  if (error instanceof OfflineError) return words.errorOffline;
  if (!(error instanceof ApiError)) return words.errorUnexpected;
  if (error.status === 403) return words.forbiddenCluster;
  if (error.status === 429) return words.errorThrottled;
  return { english: error.message || error.problem.title };
}

/** The same for what can only be text, such as a toast. */
export function explainFailure(error: Error, words: Messages): string {
  return spoken(whyFailed(error, words)).text;
}
