import { ApiError } from '../api/errors';
import { messages } from '../i18n';
import { whyFailed } from '../i18n/said/failures';
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
  return <Spoken words={whyFailed(error, messages.value)} within={within} />;
}
