import type { IncidentAnswer, Severity } from '../../api/types';
import { messages } from '../../i18n';
import { incidentStatusWord, severityWord } from '../../incidents/words';
import { FlameIcon } from '../icons';
import { StatusShape } from '../StatusMark';

/** A severity as colour, shape and word. */
export function SeverityMark({ severity, isOver = false }: { severity: Severity; isOver?: boolean }) {
  return (
    <span class={`severity severity-${severity} ${isOver ? 'severity-over' : ''}`} data-severity={severity}>
      <FlameIcon isFilled={severity === 'page'} />
      {severityWord(severity, messages.value)}
    </span>
  );
}

const SHAPES = { open: 'critical', acknowledged: 'warning', resolved: 'healthy' } as const;

/** Open, acknowledged or resolved, as colour, shape and word. */
export function IncidentState({ status }: { status: IncidentAnswer['status'] }) {
  const shape = SHAPES[status];
  return (
    <span class={`status status-${shape}`} data-testid="incident-status" data-status={status}>
      <StatusShape status={shape} />
      <span class="status-word">{incidentStatusWord(status, messages.value)}</span>
    </span>
  );
}
