import type { StatementLine } from '../../api/types';
import { format } from '../../format';
import { printable } from '../../format/printable';
import { messages } from '../../i18n';
import { statementMessages } from '../../i18n/statement';
import { budgetText } from '../budgetText';
import { promisedText } from './promised';

/** One row for each objective. */
export function StatementTable({ lines }: { lines: readonly StatementLine[] }) {
  const words = messages.value;
  const said = statementMessages.value;
  return (
    <div class="table-scroll">
      <table>
        <thead>
          <tr>
            {[said.subject, words.objective, said.promised, said.reached, said.result].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
            {[words.requests, words.errors, said.allowed, words.budgetLeft, said.observed].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <Row key={JSON.stringify([line.domain, line.path_prefix, line.objective.name])} line={line} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ line }: { line: StatementLine }) {
  const { objective } = line;
  const { count, availability, errorRate } = format.value;
  return (
    <tr data-testid="statement-line">
      <th scope="row">{printable(`${line.domain}${line.path_prefix ?? ''}`)}</th>
      <td>{printable(objective.owner ? `${objective.name} (${objective.owner})` : objective.name)}</td>
      <td>{promisedText(objective.promise, messages.value)}</td>
      <td>{[availability(line.availability), ...latencyReached(line)].join(' · ')}</td>
      <td data-kept={String(line.is_kept)}>{resultWord(line)}</td>
      <td>{count(line.total_requests)}</td>
      <td>{count(line.total_errors)}</td>
      <td>{count(line.allowed_errors)}</td>
      <td>{budgetText(line.error_budget_remaining)}</td>
      <td>{errorRate(line.coverage)}</td>
    </tr>
  );
}

function resultWord({ is_kept }: StatementLine): string {
  const said = statementMessages.value;
  return is_kept === null ? said.untold : is_kept ? said.kept : said.missed;
}

function latencyReached(line: StatementLine): string[] {
  const { availability, latency } = format.value;
  const found: string[] = [];
  const { share, measured_threshold } = line.latency ?? { share: null, measured_threshold: null };
  if (share !== null && measured_threshold !== null) {
    found.push(statementMessages.value.under(availability(share), latency(measured_threshold)));
  }
  if (line.objective.promise.p95_latency !== null) {
    found.push(`P95 ${latency(line.p95_latency, line.p95_is_lower_bound)}`);
  }
  return found;
}
