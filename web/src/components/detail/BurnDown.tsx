import { useMemo } from 'preact/hooks';
import type { BudgetAnswer, HistoryAnswer } from '../../api/types';
import { budgetRange, extentOf, seriesOf } from '../../charts/series';
import { TimeChart } from '../../charts/TimeChart';
import { format } from '../../format';
import { messages } from '../../i18n';
import { budgetText } from '../budgetText';
import { Future } from './Future';
import { Panel, PanelSkeleton } from './Panel';
import { allMarks, type Past } from './past';
import { drawnWindow, unixWindow } from './window';

const BURN_DOWN_PIXELS = 215;

interface Props {
  answer: HistoryAnswer | null;
  budget: BudgetAnswer | null;
  past: Past;
}

/** What is left of the objective's budget and what becomes of it; below, how the window that is shown spent its own. */
export function BurnDown({ answer, budget, past }: Props) {
  const words = messages.value;
  return (
    <Panel title={words.burnDown} testId="burn-down">
      <Future answer={budget} />
      {answer ? <BudgetChart answer={answer} past={past} /> : <PanelSkeleton />}
    </Panel>
  );
}

function BudgetChart({ answer, past }: { answer: HistoryAnswer; past: Past }) {
  const words = messages.value;
  const f = format.value;
  const series = useMemo(() => seriesOf(answer.points, 'error_budget_remaining'), [answer]);
  const lines = useMemo(() => [{ label: words.budgetLeft, values: series.values }], [series, words]);
  const marks = useMemo(
    () => allMarks(answer.points, past, unixWindow(answer.window), words, f),
    [answer, past, words, f],
  );
  const extent = extentOf(series.values);
  if (!extent) return <p class="chart-empty">{words.chartEmpty}</p>;
  return (
    <TimeChart
      label={words.burnDownChart}
      summary={words.chartSummary(budgetText(extent.low), budgetText(extent.high), budgetText(extent.last))}
      times={series.times}
      lines={lines}
      target={0}
      range={budgetRange(series.values)}
      window={drawnWindow(answer)}
      text={budgetText}
      axisText={f.target}
      height={BURN_DOWN_PIXELS}
      gapText={words.chartGap}
      marks={marks}
    />
  );
}
