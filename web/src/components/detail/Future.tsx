import type { BudgetAnswer, Forecast } from '../../api/types';
import { format } from '../../format';
import { type Messages, messages } from '../../i18n';
import { periodWord } from '../../objectives/period';
import { PanelSkeleton } from './Panel';

/** What the API judges by where nobody has set an objective. */
const PRESET = { period: '30d', time_zone: 'UTC' };

/** The budget of the objective's own period, whatever window the page shows, and what becomes of it. */
export function Future({ answer }: { answer: BudgetAnswer | null }) {
  const words = messages.value;
  const f = format.value;
  if (!answer) return <PanelSkeleton />;
  const { objective, target, error_budget: budget } = answer;
  const length = periodWord(objective ?? PRESET, words);
  return (
    <div class="budget-words">
      <p class="hint" data-testid="budget-objective">
        {objective
          ? words.budgetOfObjective(objective.name, f.target(target.availability), length)
          : words.budgetOfPreset(f.target(target.availability), length)}
      </p>
      {budget ? (
        <>
          <p
            class={budget.remaining_requests < 0 ? 'budget-lead is-critical' : 'budget-lead'}
            data-testid="budget-requests"
          >
            {remainingText(answer, words)}
          </p>
          <p class="hint">
            {words.budgetAllowed(f.count(budget.allowed_errors), f.target(target.availability))}{' '}
            {budget.remaining_seconds > 0 && words.budgetTime(f.duration(budget.remaining_seconds))}
          </p>
        </>
      ) : (
        <p class="hint">{words.budgetNone}</p>
      )}
      <ul class="budget-future" data-testid="budget-future">
        {answer.forecasts.map((forecast) => (
          <li key={forecast.pace} data-outcome={forecast.outcome}>
            {forecastText(forecast, words)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function remainingText({ error_budget: budget, times_of_allowance: times }: BudgetAnswer, words: Messages): string {
  const left = budget?.remaining_requests ?? 0;
  if (left < 0) return words.budgetOverspent(format.value.count(-left), format.value.factor(times));
  if (left === 0) return words.budgetNoMoreMayFail;
  return left === 1 ? words.budgetOneMoreMayFail : words.budgetMoreMayFail(format.value.count(left));
}

function forecastText(forecast: Forecast, words: Messages): string {
  const f = format.value;
  const at = (time: string | null): string => (time === null ? '' : f.moment(Date.parse(time)));
  const what = {
    lasts: () => words.forecastLasts,
    runs_out: () => words.forecastRunsOut(at(forecast.exhausted_at)),
    exhausted: () =>
      forecast.recovers_at === null ? words.forecastSpent : words.forecastRecovers(at(forecast.recovers_at)),
    unknown: () => becauseText(forecast, words),
  }[forecast.outcome]();
  const pace = forecast.pace === 'hour' ? words.paceHour : words.paceDay;
  const observed = forecast.observed < 1 ? words.paceObserved(f.availability(forecast.observed)) : '';
  return words.forecast(`${pace}${observed}`, what);
}

function becauseText({ because, earliest_at }: Forecast, words: Messages): string {
  if (because === 'no_requests') return words.forecastNoRequests;
  if (because === 'not_observed') return words.forecastNotObserved;
  return words.forecastChance(earliest_at === null ? '' : format.value.moment(Date.parse(earliest_at)));
}
