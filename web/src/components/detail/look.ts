import type { Extent, Figure } from '../../charts/series';
import type { format } from '../../format';
import type { Messages } from '../../i18n';
import { budgetText } from '../budgetText';

export interface Look {
  title: string;
  short: string;
  text: (value: number) => string;
  axis: (value: number) => string;
}

/** How a figure over time is named and written. */
export function lookOf(figure: Figure, words: Messages, f: typeof format.value): Look {
  const latency = (value: number): string => f.latency(value);
  const looks: Record<Figure, Look> = {
    availability: {
      title: words.chartAvailability,
      short: words.availability,
      text: f.availability,
      axis: f.target,
    },
    p95_latency: { title: words.chartP95, short: words.p95, text: latency, axis: latency },
    error_rate: { title: words.chartErrors, short: words.errorRate, text: f.errorRate, axis: f.target },
    requests_per_sec: { title: words.chartRequests, short: words.requestsPerSecond, text: f.rate, axis: f.number },
    error_budget_remaining: { title: words.burnDownChart, short: words.budgetLeft, text: budgetText, axis: f.target },
  };
  return looks[figure];
}

/** What a chart shows, in words. */
export function extentText({ low, high, last }: Extent, { text }: Look, words: Messages): string {
  return words.chartSummary(text(low), text(high), text(last));
}
