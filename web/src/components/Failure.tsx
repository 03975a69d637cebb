import { ApiError, OfflineError } from '../api/errors';
import { type Messages, messages } from '../i18n';
import { spoken } from '../i18n/said';
import type { English } from '../i18n/said/words';
import { refresh } from '../state/refresh';
import { WarnIcon } from './icons';
import { Spoken } from './Spoken';

/** Shown instead of content that failed to load, with the reason and a retry button. */
export function Failure({ error, detail }: { error: Error; detail?: string }) {
  const words = messages.value;
  const request = error instanceof ApiError ? error.problem.request_id : '';
  return (
    <div class="state" role="alert" data-testid="failure">
      <span class="state-icon">
        <WarnIcon />
      </span>
      <h2>{words.loadFailed}</h2>
      <p>{detail ?? <WhyFailed error={error} />}</p>
      {request && <p class="hint">{words.requestId(request)}</p>}
      <div class="state-ways">
        <button type="button" class="button" onClick={refresh}>
          {words.tryAgain}
        </button>
        {error instanceof ApiError && error.status === 404 && (
          <a class="button" href="#/install">
            {words.addCluster}
          </a>
        )}
      </div>
    </div>
  );
}

/** Why something failed, within a sentence of the page if there is one. */
export function WhyFailed({ error, within }: { error: Error; within?: (why: string) => string }) {
  return <Spoken words={why(error, messages.value)} within={within} />;
}

/** Why something failed, for what can only be text. */
export function explainFailure(error: Error, words: Messages): string {
  return spoken(why(error, words)).text;
}

function why(error: Error, words: Messages): string | English {
  if (error instanceof OfflineError) return words.errorOffline;
  if (!(error instanceof ApiError)) return words.errorUnexpected;
  if (error.status === 403) return words.forbiddenCluster;
  if (error.status === 429) return words.errorThrottled;
  return { english: error.message || error.problem.title };
}
