import { budgetText } from './budgetText';

const LOW = 0.25;

/** The remaining error budget as a bar and in per cent. A spent budget is an empty bar, with how many times it is overspent. */
export function BudgetBar({ budget }: { budget: number | null }) {
  const share = Math.min(1, Math.max(0, budget ?? 0));
  const tone = budget === null ? 'none' : budget <= 0 ? 'critical' : budget < LOW ? 'warning' : 'healthy';
  return (
    <span class={`budget budget-${tone}`}>
      <span class="budget-track" aria-hidden="true">
        <span class="budget-fill" style={{ width: `${share * 100}%` }} />
      </span>
      <span class="figure">{budgetText(budget)}</span>
    </span>
  );
}
