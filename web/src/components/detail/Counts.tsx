import type { LatencyAnswer } from '../../api/types';
import { format } from '../../format';
import { messages } from '../../i18n';
import { codeLabel, grpcTone, isGrpc } from './grpc';
import { Panel, PanelSkeleton } from './Panel';

interface Counted {
  name: string;
  /** What is shown instead of the name. */
  label?: string;
  count: number;
}

/** Requests by status code and by method. */
export function Counts({ answer }: { answer: LatencyAnswer | null }) {
  const words = messages.value;
  const codes = answer?.codes.map(({ code, count }) => ({ name: code, label: codeLabel(code), count }));
  const methods = answer?.methods.map(({ method, count }) => ({ name: method, count }));
  return (
    <div class="stack">
      <Panel title={words.statusCodes} testId="codes">
        {codes ? <Bars items={codes} tone={codeTone} /> : <PanelSkeleton />}
      </Panel>
      <Panel title={words.methods} testId="methods">
        {methods ? <Bars items={methods} tone={() => 'plain'} /> : <PanelSkeleton />}
      </Panel>
    </div>
  );
}

function Bars({ items, tone }: { items: readonly Counted[]; tone: (name: string) => string }) {
  const words = messages.value;
  const f = format.value;
  const total = items.reduce((sum, item) => sum + item.count, 0);
  if (!total) return <p class="hint">{words.noRequests}</p>;
  const most = Math.max(...items.map((item) => item.count));
  return (
    <ul class="bars">
      {[...items]
        .sort((a, b) => b.count - a.count)
        .map(({ name, label, count }) => (
          <li key={name}>
            <span class="bars-name">{label ?? name}</span>
            <span class="bars-track" aria-hidden="true">
              <span class={`bars-fill tone-${tone(name)}`} style={{ width: `${(count / most) * 100}%` }} />
            </span>
            <span class="bars-count">{words.ofRequests(f.count(count), f.errorRate(count / total))}</span>
          </li>
        ))}
    </ul>
  );
}

/** The tone of an HTTP status or a gRPC status. Of HTTP only 5xx is an error; 499 and 0 (the client left) are not. */
function codeTone(code: string): string {
  if (isGrpc(code)) return grpcTone(code);
  if (code.startsWith('5')) return 'critical';
  if (code.startsWith('4') || code === '0') return 'warning';
  return code.startsWith('2') ? 'healthy' : 'plain';
}
