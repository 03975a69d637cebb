import { format } from '../format';
import { messages } from '../i18n';
import { now } from '../state/refresh';

interface Props {
  asOf: string | null;
  isStale: boolean;
  isLoading: boolean;
}

/** Shows the age of the figures. */
export function Freshness({ asOf, isStale, isLoading }: Props) {
  const words = messages.value;
  const at = asOf === null ? null : Date.parse(asOf);
  return (
    <p class="freshness" data-testid="freshness" data-as-of={asOf} data-loading={isLoading}>
      <span class={`dot ${isStale ? 'dot-stale' : ''} ${isLoading ? 'dot-loading' : ''}`} aria-hidden="true" />
      {at === null ? (
        words.notRolledUp
      ) : (
        <time dateTime={asOf ?? ''} title={words.dataAsOf(format.value.moment(at))}>
          {words.dataAge(format.value.duration((now.value - at) / 1000))}
        </time>
      )}
    </p>
  );
}
