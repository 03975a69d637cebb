import { useEffect, useRef } from 'preact/hooks';
import type { TargetAnswer, TargetBody } from '../../api/types';
import { format } from '../../format';
import { type Messages, messages } from '../../i18n';

interface Props {
  /** Null if the target was deleted. */
  theirs: TargetAnswer | null;
  yours: TargetBody;
  onTake: () => void;
  onKeep: () => void;
}

/** Shown when two people changed the same target: both values and a choice. */
export function Conflict({ theirs, yours, onTake, onKeep }: Props) {
  const words = messages.value;
  const f = format.value;
  const section = useRef<HTMLElement>(null);
  useEffect(() => section.current?.scrollIntoView({ block: 'center' }), []);
  return (
    <section ref={section} class="conflict" role="alert" data-testid="conflict">
      <h3>{words.conflictTitle}</h3>
      <table>
        <thead>
          <tr>
            <td />
            <th scope="col">{words.availability}</th>
            <th scope="col">{words.p95}</th>
            <th scope="col">{words.targetObjective}</th>
            <th scope="col">{words.targetMinimumField}</th>
          </tr>
        </thead>
        <tbody>
          {theirs ? (
            <Row name={words.conflictTheirs} target={theirs} />
          ) : (
            <tr>
              <th scope="row">{words.conflictTheirs}</th>
              <td colSpan={4}>{words.conflictGone}</td>
            </tr>
          )}
          <Row name={words.conflictYours} target={yours} />
        </tbody>
      </table>
      {theirs && <p class="hint">{words.targetSetBy(theirs.set_by, f.moment(Date.parse(theirs.set_at)))}</p>}
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

function Row({ name, target }: { name: string; target: TargetBody }) {
  const words = messages.value;
  const f = format.value;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{f.target(target.availability)}</td>
      <td>{f.latency(target.p95_latency)}</td>
      <td>{objectiveText(target, words)}</td>
      <td>{f.count(target.minimum_requests ?? null)}</td>
    </tr>
  );
}

function objectiveText({ latency_objective: objective }: TargetBody, words: Messages): string {
  if (!objective) return words.none;
  return words.latencyObjectiveMet(format.value.target(objective.share), format.value.latency(objective.threshold));
}
