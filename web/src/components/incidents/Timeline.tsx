import type { IncidentAnswer, IncidentStep } from '../../api/types';
import { format } from '../../format';
import { printable } from '../../format/printable';
import { messages } from '../../i18n';
import { countsRequests, severityWord, stepWord } from '../../incidents/words';
import { budgetText } from '../budgetText';
import { Panel } from '../detail/Panel';

/** What happened to the incident, oldest first, with the figures of then. */
export function Timeline({ incident }: { incident: IncidentAnswer }) {
  const words = messages.value;
  return (
    <Panel title={words.timeline} testId="timeline">
      <ol class="timeline">
        {incident.steps.map((step) => (
          <Step key={`${step.at} ${step.what}`} step={step} incident={incident} />
        ))}
      </ol>
    </Panel>
  );
}

function Step({ step, incident }: { step: IncidentStep; incident: IncidentAnswer }) {
  const words = messages.value;
  const f = format.value;
  const figures = [
    countsRequests(incident.kind) && words.requestsFailed(f.count(step.requests), f.count(step.errors)),
    step.budget_remaining !== null && `${words.budgetLeft} ${budgetText(step.budget_remaining)}`,
  ].filter(Boolean);
  return (
    <li class={`step step-${step.what} severity-${step.severity}`} data-testid={`step-${step.what}`}>
      <span class="step-dot" aria-hidden="true" />
      <div>
        <p>
          <strong>{stepWord(step.what, words)}</strong>
          {step.what === 'opened' && <> · {severityWord(step.severity, words)}</>}
          {step.by !== null && <> · {printable(step.by)}</>}
        </p>
        <p class="hint">
          <time dateTime={step.at}>{f.moment(Date.parse(step.at))}</time>
          {figures.length > 0 && <> · {figures.join(' · ')}</>}
        </p>
      </div>
    </li>
  );
}
