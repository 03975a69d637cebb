import { useState } from 'preact/hooks';
import type { Point } from '../../api/types';
import { countedAfterGaps } from '../../charts/gaps';
import { format } from '../../format';
import { messages } from '../../i18n';

/** The data of the charts as a table, newest first. */
export function TrendTable({ points }: { points: readonly Point[] }) {
  const words = messages.value;
  const f = format.value;
  const [isOpen, setOpen] = useState(false);
  const hasLate = countedAfterGaps(points) !== null;
  return (
    <details class="as-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{words.asTable}</summary>
      {isOpen && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable block must be focusable by keyboard.
        <div class="table-scroll" tabIndex={0} role="region" aria-label={words.asTable}>
          <table>
            <thead>
              <tr>
                <th scope="col">{words.time}</th>
                <th scope="col">{words.availability}</th>
                <th scope="col">{words.p50}</th>
                <th scope="col">{words.p95}</th>
                <th scope="col">{words.p99}</th>
                <th scope="col">{words.errorRate}</th>
                <th scope="col">{words.requests}</th>
                {hasLate && <th scope="col">{words.afterGap}</th>}
                <th scope="col">{words.budgetLeft}</th>
              </tr>
            </thead>
            <tbody>
              {[...points].reverse().map((point) => (
                <tr key={point.timestamp}>
                  <th scope="row">{f.moment(Date.parse(point.timestamp))}</th>
                  <td>{f.availability(point.availability)}</td>
                  <td>{f.latency(point.p50_latency)}</td>
                  <td>{f.latency(point.p95_latency)}</td>
                  <td>{f.latency(point.p99_latency)}</td>
                  <td>{f.errorRate(point.error_rate)}</td>
                  <td>{f.count(point.total_requests)}</td>
                  {hasLate && (
                    <td>
                      {point.requests_after_gap > 0 &&
                        words.requestsFailed(f.count(point.requests_after_gap), f.count(point.errors_after_gap))}
                    </td>
                  )}
                  <td>{f.budget(point.error_budget_remaining)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
