import { useEffect, useRef } from 'preact/hooks';
import type { ObjectiveAnswer, ObjectiveBody } from '../../api/types';
import { format } from '../../format';
import { messages } from '../../i18n';
import { laterMessages } from '../../i18n/later';
import { periodWord } from '../../objectives/period';
import { latencyObjectiveText } from './words';

interface Props {
  /** Null if the objective was deleted. */
  theirs: ObjectiveAnswer | null;
  yours: ObjectiveBody;
  onTake: () => void;
  onKeep: () => void;
}

/** Shown when two people changed the same objective: both values and a choice. */
export function Conflict({ theirs, yours, onTake, onKeep }: Props) {
  const words = messages.value;
  const later = laterMessages.value;
  const f = format.value;
  const section = useRef<HTMLElement>(null);
  useEffect(() => section.current?.scrollIntoView({ block: 'center' }), []);
  return (
    <section ref={section} class="conflict" role="alert" data-testid="conflict">
      <h3>{later.conflictObjective}</h3>
      <table>
        <thead>
          <tr>
            <td />
            <th scope="col">{words.availability}</th>
            <th scope="col">{later.objectivePeriodField}</th>
            <th scope="col">{words.p95}</th>
            <th scope="col">{words.latencyObjective}</th>
            <th scope="col">{later.objectiveMinimumField}</th>
          </tr>
        </thead>
        <tbody>
          {theirs ? (
            <Row name={words.conflictTheirs} objective={theirs} />
          ) : (
            <tr>
              <th scope="row">{words.conflictTheirs}</th>
              <td colSpan={5}>{words.conflictGone}</td>
            </tr>
          )}
          <Row name={words.conflictYours} objective={yours} />
        </tbody>
      </table>
      {theirs && <p class="hint">{words.objectiveSetBy(theirs.set_by, f.moment(Date.parse(theirs.set_at)))}</p>}
      <div class="dialog-buttons">
        <button type="button" class="button" onClick={onTake}>
          {words.conflictTakeTheirs}
        </button>
        <button type="button" class="button danger" onClick={onKeep}>
          {words.conflictKeepYours}
        </button>
      </div>
    </section>
  );
}

function Row({ name, objective }: { name: string; objective: ObjectiveAnswer | ObjectiveBody }) {
  const words = messages.value;
  const f = format.value;
  const { availability, period = '30d', time_zone = 'UTC', p95_latency = null, latency_objective } = objective;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{f.target(availability)}</td>
      <td>{periodWord({ period, time_zone }, words)}</td>
      <td>{f.latency(p95_latency)}</td>
      <td>{latency_objective ? latencyObjectiveText(latency_objective, words) : words.none}</td>
      <td>{f.count(objective.minimum_requests ?? null)}</td>
    </tr>
  );
}
