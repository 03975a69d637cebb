import { serverTime } from '../../api/clock';
import type { IncidentAnswer } from '../../api/types';
import { format } from '../../format';
import { printable } from '../../format/printable';
import { messages } from '../../i18n';
import { countsRequests, kindWord, lengthOf, sentenceOf, subjectName } from '../../incidents/words';
import { now } from '../../state/refresh';
import { formatRoute } from '../../state/route';
import { BudgetBar } from '../BudgetBar';
import { IncidentState, SeverityMark } from './marks';

/** One incident of the list. All of it is a link to its page. */
export function IncidentRow({ incident }: { incident: IncidentAnswer }) {
  const words = messages.value;
  const f = format.value;
  const { kind, status, cluster_id, incident_id } = incident;
  const isOver = status === 'resolved';
  const time = serverTime(now.value);
  const length = f.duration(lengthOf(incident, time));
  return (
    <li
      class={`incident ${isOver ? 'incident-over' : `incident-${incident.severity}`}`}
      data-testid="incident"
      data-key={incident_id}
      data-status={status}
    >
      <div class="incident-what">
        <p class="incident-line">
          <SeverityMark severity={incident.severity} isOver={isOver} />
          <a class="incident-link" href={formatRoute({ page: 'incident', cluster: cluster_id, id: incident_id })}>
            <strong>{kindWord(kind, words)}</strong> <span class="incident-subject">{subjectName(incident)}</span>
          </a>
        </p>
        <p class="incident-sentence">{sentenceOf(incident, words, f, time)}</p>
        <p class="hint">
          <time dateTime={incident.since}>{f.moment(Date.parse(incident.since))}</time>
          {' · '}
          {isOver ? words.incidentLasted(length) : words.incidentLasts(length)}
          {incident.acknowledged_by !== null && (
            <> · {`${words.acknowledgedBy} ${printable(incident.acknowledged_by)}`}</>
          )}
        </p>
      </div>
      <div class="incident-figures">
        <IncidentState status={status} />
        {countsRequests(kind) && (
          <span class="figure" data-testid="incident-counts">
            {`${f.count(incident.errors)} / ${f.count(incident.requests)}`}
          </span>
        )}
        {incident.budget_remaining !== null && (
          <span class="incident-budget">
            <span class="sub">{words.budgetLeft}</span>
            <BudgetBar budget={incident.budget_remaining} />
          </span>
        )}
      </div>
    </li>
  );
}
