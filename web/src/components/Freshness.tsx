import { localTime } from '../api/clock';
import { format } from '../format';
import { type Messages, messages } from '../i18n';
import { now } from '../state/refresh';

/** Two snapshots may be missing until figures are no longer called live. */
const LIVE_SECONDS = 150;

interface Dated {
  as_of: string | null;
  booked_until: string | null;
  stale: boolean;
}

/** Shows the age of the figures. It grows every few seconds, so it must not be in a live region. */
export function Freshness({ answer, isLoading }: { answer: Dated; isLoading: boolean }) {
  const words = messages.value;
  const { as_of: asOf, stale } = answer;
  const age = asOf === null ? null : (now.value - localTime(asOf)) / 1000;
  const isLive = !stale && age !== null && age <= LIVE_SECONDS;
  return (
    <p class="freshness" data-testid="freshness" data-as-of={asOf} data-live={isLive} data-loading={isLoading}>
      <span class={`dot ${isLive ? '' : 'dot-stale'} ${isLoading ? 'dot-loading' : ''}`} aria-hidden="true" />
      {asOf === null || age === null ? (
        words.notRolledUp
      ) : (
        <time dateTime={asOf} title={finality(asOf, answer.booked_until, words)}>
          {(isLive ? words.liveAge : words.dataAge)(format.value.duration(age))}
        </time>
      )}
    </p>
  );
}

/** What the figures include, and which of them may still grow. */
function finality(asOf: string, bookedUntil: string | null, words: Messages): string {
  const f = format.value;
  const seen = words.dataAsOf(f.moment(Date.parse(asOf)));
  if (bookedUntil === null) return `${seen} ${words.provisional}`;
  if (Date.parse(bookedUntil) >= Date.parse(asOf)) return seen;
  return `${seen} ${words.provisionalSince(f.moment(Date.parse(bookedUntil)))}`;
}
