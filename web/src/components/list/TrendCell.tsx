import type { Client } from '../../api/client';
import type { Subject } from '../../api/endpoints';
import type { Status, TimeRange } from '../../api/types';
import { Sparkline } from '../../charts/Sparkline';
import { sparkOf } from '../../charts/spark';
import { messages } from '../../i18n';
import { heldAt } from '../../objectives/held';
import { promises, useHeld } from '../../state/past';
import { useTrend } from '../../state/trends';

const MOST_POINTS = 48;

interface Props {
  client: Client;
  subject: Subject;
  range: TimeRange;
  asOf: string;
  bookedUntil: string | null;
  status: Status;
  /** Whether there is no trend to load. */
  isQuiet: boolean;
}

export function TrendCell({ isQuiet, ...props }: Props) {
  return (
    <div role="gridcell" class="cell cell-trend">
      {isQuiet ? <span class="visually-hidden">{messages.value.trendNone}</span> : <Trend {...props} />}
    </div>
  );
}

function Trend({ client, subject, range, asOf, bookedUntil, status }: Omit<Props, 'isQuiet'>) {
  const words = messages.value;
  const trend = useTrend(client, subject, range, { asOf, bookedUntil, status });
  const held = useHeld(promises.value.get(subject.cluster) ?? null, subject);
  if (!trend) return <span class="bone bone-spark" aria-hidden="true" />;
  const points = sparkOf(
    trend.points,
    (at) => (held && heldAt(held, at)?.target.availability) ?? trend.target.availability,
    MOST_POINTS,
  );
  const below = points.filter((point) => point.isBelow).length;
  return <Sparkline points={points} label={words.trendLabel(below, points.length)} />;
}
