import type { BurnRates, BurnRatesAnswer, ObjectiveSummary, Target } from '../../api/types';
import { format } from '../../format';
import { type Messages, messages } from '../../i18n';
import { heldText } from '../objectives/words';
import { Panel, PanelSkeleton } from './Panel';

type Alert = BurnRates['alerts'][number];

/** The burn rates of each pair of windows, and the alerts they would fire. */
export function Burn({ answer, path }: { answer: BurnRatesAnswer | null; path: string | null }) {
  const words = messages.value;
  const of = path === null ? answer : (answer?.routes.find((route) => route.path_prefix === path) ?? null);
  return (
    <Panel title={words.burnRates} testId="burn-rates">
      {of ? (
        <BurnTable rates={of.burn_rates} target={of.target} objective={of.objective} days={of.period_days} />
      ) : answer ? (
        <p class="hint">{words.burnSummaryNoData}</p>
      ) : (
        <PanelSkeleton />
      )}
    </Panel>
  );
}

interface BurnProps {
  rates: BurnRates;
  target: Target;
  /** Null for the preset. */
  objective: ObjectiveSummary | null;
  /** The length of the objective's period. */
  days: number;
}

function BurnTable({ rates, target, objective, days }: BurnProps) {
  const words = messages.value;
  const f = format.value;
  const rateOf = (seconds: number): string => {
    const window = rates.windows.find((each) => each.window_seconds === seconds);
    return f.factor(window?.has_data ? window.burn_rate : null);
  };
  const summary = {
    page: words.burnSummaryPage,
    ticket: words.burnSummaryTicket,
    none: words.burnSummaryNone,
    no_data: words.burnSummaryNoData,
  }[rates.state];
  return (
    <>
      <p class={`burn-summary burn-${rates.state}`} data-testid="burn-state" data-state={rates.state}>
        {summary}
      </p>
      <p class="hint" data-testid="burn-objective">
        {heldText(target, objective, words)} {words.burnRatesHow(f.count(days))}
      </p>
      <table class="burn-table">
        <thead>
          <tr>
            <th scope="col">{words.burnLong}</th>
            <th scope="col">{words.burnShort}</th>
            <th scope="col">{words.burnThreshold}</th>
            <th scope="col">{words.burnSeverity}</th>
            <th scope="col">{words.burnState}</th>
          </tr>
        </thead>
        <tbody>
          {rates.alerts.map((alert) => (
            <tr key={alert.long_seconds} data-state={alert.state}>
              <td>
                <span class="figure">{rateOf(alert.long_seconds)}</span>
                <span class="sub">{f.duration(alert.long_seconds)}</span>
              </td>
              <td>
                <span class="figure">{rateOf(alert.short_seconds)}</span>
                <span class="sub">{f.duration(alert.short_seconds)}</span>
              </td>
              <td>{f.factor(alert.factor)}</td>
              <td>{alert.severity === 'page' ? words.burnPage : words.burnTicket}</td>
              <td>
                <span class={`burn-state burn-state-${alert.state}`}>{stateText(alert, target, words)}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function stateText(alert: Alert, target: Target, words: Messages): string {
  const known: Record<Alert['state'], string> = {
    firing: words.burnFiring,
    ok: words.burnOk,
    too_few_requests: words.burnTooFew(format.value.count(target.minimum_requests)),
    too_new: words.burnTooNew,
    no_data: words.burnNoData,
  };
  return known[alert.state];
}
