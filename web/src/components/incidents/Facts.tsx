import { serverTime } from '../../api/clock';
import type { IncidentAnswer } from '../../api/types';
import { format } from '../../format';
import { printable } from '../../format/printable';
import { type Messages, messages } from '../../i18n';
import { countsRequests, lengthOf, periodText } from '../../incidents/words';
import { now } from '../../state/refresh';
import { budgetText } from '../budgetText';
import { Panel } from '../detail/Panel';

interface Fact {
  label: string;
  value: string;
  detail?: string;
}

/** The figures of an incident, exact. */
export function Facts({ incident }: { incident: IncidentAnswer }) {
  const words = messages.value;
  return (
    <>
      <dl class="fact-cards" data-testid="incident-facts">
        {factsOf(incident, words).map(({ label, value, detail }) => (
          <div key={label} class="card">
            <dt class="card-label">{label}</dt>
            <dd>
              <strong class="fact-value">{value}</strong>
              {detail && <span class="card-detail">{detail}</span>}
            </dd>
          </div>
        ))}
      </dl>
      {incident.domains.length > 0 && (
        <Panel title={words.certificateDomains} testId="certificate-domains">
          <ul class="plain-list">
            {incident.domains.map((domain) => (
              <li key={domain} class="route-name">
                {domain}
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </>
  );
}

function factsOf(incident: IncidentAnswer, words: Messages): Fact[] {
  const f = format.value;
  const at = (time: string): string => f.moment(Date.parse(time));
  const length = f.duration(lengthOf(incident, serverTime(now.value)));
  const over = incident.resolved_at;
  const facts: (Fact | false | null)[] = [
    {
      label: words.incidentSince,
      value: at(incident.since),
      detail: over === null ? words.incidentLasts(length) : words.incidentLasted(length),
    },
    over !== null && { label: words.incidentUntil, value: at(over) },
    ...countFacts(incident, words),
    ...budgetFacts(incident, words),
    incident.expires_at !== null && { label: words.certificateExpires, value: at(incident.expires_at) },
    incident.acknowledged_at !== null && {
      label: words.acknowledgedBy,
      value: printable(incident.acknowledged_by ?? ''),
      detail: at(incident.acknowledged_at),
    },
  ];
  return facts.filter((fact) => fact !== false && fact !== null);
}

function countFacts(incident: IncidentAnswer, words: Messages): (Fact | false)[] {
  const f = format.value;
  const { kind, requests, errors, worst } = incident;
  if (!countsRequests(kind)) return [];
  const share = (failed: number, of: number): string => f.errorRate(of ? failed / of : 0);
  return [
    { label: words.requests, value: f.count(requests) },
    {
      label: kind === 'latency' ? words.incidentSlow : words.incidentFailed,
      value: f.count(errors),
      detail: share(errors, requests),
    },
    worst !== null && {
      label: words.worstMoment,
      value: share(worst.errors, worst.requests),
      detail: `${f.moment(Date.parse(worst.at))} · ${f.count(worst.errors)} / ${f.count(worst.requests)}`,
    },
  ];
}

function budgetFacts(incident: IncidentAnswer, words: Messages): (Fact | false)[] {
  const f = format.value;
  const { budget_remaining, budget_spent } = incident;
  const target = targetText(incident, words);
  return [
    budget_spent !== null && { label: words.incidentBudgetSpent, value: f.budget(budget_spent) },
    budget_remaining !== null && {
      label: words.incidentBudgetLeft,
      value: budgetText(budget_remaining),
      detail: target ? `${words.target}: ${target}` : undefined,
    },
  ];
}

function targetText(incident: IncidentAnswer, words: Messages): string | null {
  if (incident.availability === null || incident.period_days === null) return null;
  const text = words.incidentTarget(format.value.target(incident.availability), periodText(incident, words));
  return incident.objective === '' ? `${text} (${words.preset})` : text;
}
