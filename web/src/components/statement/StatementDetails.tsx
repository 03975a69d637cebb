import type { ComponentChildren } from 'preact';
import type { IncidentKind, Severity, StatementExclusion, StatementLine } from '../../api/types';
import { format } from '../../format';
import { printable } from '../../format/printable';
import { messages, sourceWord } from '../../i18n';
import { statementMessages } from '../../i18n/statement';
import { kindWord, severityWord } from '../../incidents/words';
import { promisedText } from './promised';

const at = (time: string): string => format.value.moment(Date.parse(time));

/** How a line was measured, and what happened to it: changes, incidents, what was left out, corrections. */
export function StatementDetails({ line }: { line: StatementLine }) {
  const said = statementMessages.value;
  const words = messages.value;
  const measured = { router: said.measuredRouter, service: said.measuredService };
  return (
    <section class="card">
      <h2>{printable(`${line.domain}${line.path_prefix ?? ''} · ${line.objective.name}`)}</h2>
      <p class="hint">
        {[
          `${at(line.from)} – ${at(line.to)}`,
          sourceWord(line.objective.level, words),
          line.measured_by ? measured[line.measured_by] : said.untold,
          ...(line.shared ? [said.shared] : []),
        ].join(' · ')}
      </p>
      <Part title={said.changes}>
        {line.changes.map(({ at: time, by, before, after }) => (
          <li key={time}>
            {[
              at(time),
              said.by(printable(by)),
              changeText(before && promisedText(before, words), after && promisedText(after, words)),
            ].join(' · ')}
          </li>
        ))}
      </Part>
      <Part title={said.incidents}>
        {line.incidents.map((each) => (
          <li key={each.incident_id}>
            {[
              `${kindWord(each.kind as IncidentKind, words) ?? each.kind} ${printable(each.path_prefix ?? '')}`.trim(),
              severityWord(each.severity as Severity, words),
              `${at(each.since)} – ${each.until === null ? said.wentOn : at(each.until)}`,
              `${words.errors} ${format.value.count(each.errors)}`,
            ].join(' · ')}
          </li>
        ))}
      </Part>
      <Part title={said.exclusions}>
        {line.exclusions.map((each) => (
          <li key={each.exclusion_id}>{excludedText(each)}</li>
        ))}
      </Part>
      {line.exclusions_in_hours && <p class="hint">{said.inHours}</p>}
      <Part title={said.corrections}>
        {line.corrections.map((each) => (
          <li key={`${each.what} ${each.exclusion_id}`}>
            {[at(each.corrected_at), said.by(printable(each.corrected_by)), said[each.what]].join(' · ')}
            {': '}
            {excludedText(each)}
          </li>
        ))}
      </Part>
    </section>
  );
}

function Part({ title, children }: { title: string; children: ComponentChildren[] }) {
  if (!children.length) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul>{children}</ul>
    </>
  );
}

function changeText(before: string | null, after: string | null): string {
  const said = statementMessages.value;
  if (after === null) return said.deleted(before ?? '');
  return before === null ? said.set(after) : `${before} → ${after}`;
}

function excludedText(each: StatementExclusion): string {
  const said = statementMessages.value;
  const again = each.rule ? [`${said.times(each.occurrences)} (${printable(each.rule)})`] : [];
  return [
    `${at(each.from)} – ${at(each.to)}`,
    ...again,
    printable(each.reason),
    `${said.by(printable(each.by))}, ${at(each.at)}`,
  ].join(' · ');
}
