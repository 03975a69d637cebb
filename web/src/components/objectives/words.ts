/** What an objective promises, in words. */
import type { LatencyObjective, ObjectiveAnswer, ObjectiveSummary, Target } from '../../api/types';
import { format } from '../../format';
import type { Messages } from '../../i18n';
import type { Disagreement } from '../../objectives/origins';
import { periodWord } from '../../objectives/period';

type Figures = Pick<Target, 'p95_latency' | 'latency_objective'>;

/** `99.9% in the last 30 days`. */
export function promiseText(availability: number, of: { period: string; time_zone: string }, words: Messages): string {
  return words.objectiveIn(format.value.target(availability), periodWord(of, words));
}

/** What is promised about latency, as `P95 ≤ 300 ms` and `99% under 300 ms`. */
export function latencyTexts({ p95_latency, latency_objective }: Figures, words: Messages): string[] {
  return [
    ...(p95_latency === null ? [] : [`${words.p95} ${words.atMost(format.value.latency(p95_latency))}`]),
    ...(latency_objective ? [latencyObjectiveText(latency_objective, words)] : []),
  ];
}

export function latencyObjectiveText({ share, threshold }: LatencyObjective, words: Messages): string {
  return words.latencyObjectiveMet(format.value.target(share), format.value.latency(threshold));
}

/** What a domain or a route is judged by, in a sentence; `objective` is null for the preset. */
export function heldText(target: Target, objective: ObjectiveSummary | null, words: Messages): string {
  const f = format.value;
  if (!objective) {
    const [p95 = ''] = latencyTexts(target, words);
    return words.presetJudges(f.target(target.availability), p95);
  }
  return words.objectiveHeld(objective.name, promiseText(target.availability, objective, words));
}

/** Which origin holds, and what the others promise. */
export function disagreementText({ holds, others }: Disagreement, words: Messages): string {
  return [words.originHolds(originWord(holds, words), wholePromise(holds, words)), othersText(others, words)].join(' ');
}

/** What origins promise that do not hold. */
export function othersText(others: readonly ObjectiveAnswer[], words: Messages): string {
  return others.map((each) => words.originPromises(originWord(each, words), wholePromise(each, words))).join(' ');
}

export function wholePromise(objective: ObjectiveAnswer, words: Messages): string {
  return [promiseText(objective.availability, objective, words), ...latencyTexts(objective, words)].join(', ');
}

function originWord({ origin }: ObjectiveAnswer, words: Messages): string {
  return { annotation: words.originAnnotation, file: words.originFile, page: words.originPage }[origin];
}
