import type { LatencyAnswer } from '../../api/types';
import { format } from '../../format';
import { messages } from '../../i18n';
import { Panel, PanelSkeleton } from './Panel';

interface Counted {
  name: string;
  count: number;
}

/** Requests by status code and by method. */
export function Counts({ answer }: { answer: LatencyAnswer | null }) {
  const words = messages.value;
  const codes = answer?.codes.map(({ code, count }) => ({ name: code, count }));
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
        .map(({ name, count }) => (
          <li key={name}>
            <span class="bars-name">{name}</span>
            <span class="bars-track" aria-hidden="true">
              <span class={`bars-fill tone-${tone(name)}`} style={{ width: `${(count / most) * 100}%` }} />
            </span>
            <span class="bars-count">{words.ofRequests(f.count(count), f.errorRate(count / total))}</span>
          </li>
        ))}
    </ul>
  );
}

/** Only 5xx counts as an error; 499 and 0 (the client disconnected) do not. */
function codeTone(code: string): string {
  if (code.startsWith('5')) return 'critical';
  if (code.startsWith('4') || code === '0') return 'warning';
  return code.startsWith('2') ? 'healthy' : 'plain';
}
