import { useMemo } from 'preact/hooks';
import type { ErrorBudget, HistoryAnswer, Target, TimeRange } from '../../api/types';
import { project } from '../../charts/projection';
import { budgetRange, extentOf, seriesOf } from '../../charts/series';
import { TimeChart } from '../../charts/TimeChart';
import { format } from '../../format';
import { type Messages, messages } from '../../i18n';
import { now } from '../../state/refresh';
import { marksOf } from './marks';
import { Panel, PanelSkeleton } from './Panel';
import type { View } from './view';
import { drawnWindow } from './window';

const BURN_DOWN_PIXELS = 215;

interface Props {
  answer: HistoryAnswer | null;
  view: View;
  range: TimeRange;
}

/** The error budget over time, in requests and in seconds, and when it runs out. */
export function BurnDown({ answer, view, range }: Props) {
  const words = messages.value;
  const target = view.targets[range] ?? null;
  return (
    <Panel title={words.burnDown} testId="burn-down">
      {view.budget && target ? (
        <BudgetWords budget={view.budget} target={target} />
      ) : (
        <p class="hint">{words.budgetNone}</p>
      )}
      {answer ? <BudgetChart answer={answer} budget={view.budget} /> : <PanelSkeleton />}
    </Panel>
  );
}

function BudgetWords({ budget, target }: { budget: ErrorBudget; target: Target }) {
  const words = messages.value;
  const f = format.value;
  return (
    <div class="budget-words">
      <p
        class={budget.remaining_requests < 0 ? 'budget-lead is-critical' : 'budget-lead'}
        data-testid="budget-requests"
      >
        {remainingText(budget, words)}
      </p>
      <p class="hint">
        {words.budgetAllowed(f.count(budget.allowed_errors), f.target(target.availability))}{' '}
        {budget.remaining_seconds > 0 && words.budgetTime(f.duration(budget.remaining_seconds))}
      </p>
      <p data-testid="budget-runs-out">{runsOutText(budget, words)}</p>
    </div>
  );
}

function remainingText({ remaining_requests: left }: ErrorBudget, words: Messages): string {
  if (left < 0) return words.budgetOverspent(format.value.count(-left));
  if (left === 0) return words.budgetNoMoreMayFail;
  return left === 1 ? words.budgetOneMoreMayFail : words.budgetMoreMayFail(format.value.count(left));
}

function runsOutText(budget: ErrorBudget, words: Messages): string {
  if (budget.remaining_requests <= 0) return words.budgetIsSpent;
  if (budget.exhausted_at === null) return words.budgetLasts;
  return words.budgetRunsOut(format.value.moment(Date.parse(budget.exhausted_at)));
}

function BudgetChart({ answer, budget }: { answer: HistoryAnswer; budget: ErrorBudget | null }) {
  const words = messages.value;
  const f = format.value;
  const exhausted = budget?.exhausted_at && Date.parse(budget.exhausted_at) > now.value ? budget.exhausted_at : null;
  const drawn = useMemo(() => {
    const series = seriesOf(answer.points, 'error_budget_remaining');
    return project(series, exhausted === null ? null : Date.parse(exhausted) / 1000);
  }, [answer, exhausted]);
  const lines = useMemo(
    () => [
      { label: words.budgetLeft, values: drawn.seen },
      { label: words.projection, values: drawn.projected, isDashed: true },
    ],
    [drawn, words],
  );
  const marks = useMemo(() => marksOf(answer.points, words, f), [answer, words, f]);
  const extent = extentOf(drawn.seen);
  if (!extent) return <p class="chart-empty">{words.chartEmpty}</p>;
  const window = drawnWindow(answer);
  const end = drawn.times.at(-1);
  return (
    <TimeChart
      label={words.burnDownChart}
      summary={words.chartSummary(f.budget(extent.low), f.budget(extent.high), f.budget(extent.last))}
      times={drawn.times}
      lines={lines}
      target={0}
      range={budgetRange(drawn.seen)}
      window={window && { from: window.from, to: Math.max(window.to, end ?? window.to) }}
      text={f.budget}
      axisText={f.target}
      height={BURN_DOWN_PIXELS}
      gapText={words.chartGap}
      marks={marks}
    />
  );
}
