import { localTime } from '../api/clock';
import { OfflineError } from '../api/errors';
import { format } from '../format';
import { messages } from '../i18n';
import { isOnline, now } from '../state/refresh';
import { WhyFailed } from './Failure';
import { WarnIcon } from './icons';
import { Spoken } from './Spoken';
import { StatusShape } from './StatusMark';

interface Watched {
  stale: boolean;
  last_snapshot_at: string;
  warnings: readonly string[];
}

/** Notices about stale figures, lost connections, and warnings for an operator to fix. */
export function Notices({ answer, error }: { answer: Watched; error: Error | null }) {
  const words = messages.value;
  // In minutes, because screen readers are told each change.
  const silence = Math.floor((now.value - localTime(answer.last_snapshot_at)) / 60_000) * 60;
  return (
    <div class="notices">
      <div role="status">
        {!isOnline.value && (
          <p class="notice notice-warn" data-testid="offline">
            {words.offlineNotice}
          </p>
        )}
        {isOnline.value && error && (
          <p class="notice notice-warn" data-testid="refresh-failed">
            {error instanceof OfflineError ? (
              words.unreachableNotice
            ) : (
              <WhyFailed error={error} within={words.refreshFailed} />
            )}
          </p>
        )}
        {answer.stale && (
          <p class="notice" data-testid="stale">
            <StatusShape status="stale" />
            {words.staleNotice(format.value.duration(silence))}
          </p>
        )}
      </div>
      {answer.warnings.length > 0 && (
        <details class="notice warnings" data-testid="warnings">
          <summary>
            <WarnIcon />
            {words.warningsTitle(answer.warnings.length)}
          </summary>
          <ul>
            {answer.warnings.map((warning) => (
              <li key={warning}>
                <Spoken words={{ english: warning }} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
