import type { ExcludedTime } from '../../charts/excluded';
import { format } from '../../format';
import { printable } from '../../format/printable';
import { messages } from '../../i18n';

/** How much of the window does not count, when and why. */
export function Excluded({ times }: { times: readonly ExcludedTime[] }) {
  const words = messages.value;
  const f = format.value;
  if (!times.length) return null;
  return (
    <details class="notice gaps" data-testid="excluded">
      <summary>
        <span class="hatch" aria-hidden="true" />
        {words.excludedOf(f.duration(times.reduce((total, { seconds }) => total + seconds, 0)))}
      </summary>
      <ul>
        {times.map(({ from, to, reasons }) => (
          <li key={from}>
            {words.zoomed(f.moment(from * 1000), f.moment(to * 1000))} ·{' '}
            {words.excluded(reasons.map(printable).join(', '))}
          </li>
        ))}
      </ul>
    </details>
  );
}
