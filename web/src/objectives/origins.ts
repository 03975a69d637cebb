/** Where the origins of objectives disagree: Kubernetes, a file and the page promise different things for one subject. */
import type { ObjectiveAnswer } from '../api/types';
import { goesBefore, ORIGINS } from './followed';

export interface Disagreement {
  /** The followed one. */
  holds: ObjectiveAnswer;
  /** One of each other origin that promises something else, the strongest origin first. */
  others: ObjectiveAnswer[];
}

/**
 * `objectives` are all of one subject. An origin agrees if one of its objectives promises what the followed one does; else
 * the one that would be followed if there were no other origin speaks for it. Null if all agree.
 */
export function disagreementOf(objectives: readonly ObjectiveAnswer[]): Disagreement | null {
  const holds = objectives.find((each) => each.is_followed);
  if (!holds) return null;
  const others = ORIGINS.flatMap((origin) => {
    const own = objectives.filter((each) => each.origin === origin);
    const [first, ...rest] = own;
    if (!first || own.some((each) => promise(each) === promise(holds))) return [];
    return [rest.reduce((best, each) => (goesBefore(each, best) ? each : best), first)];
  });
  return others.length ? { holds, others } : null;
}

function promise({ availability, p95_latency, latency_objective, period, time_zone }: ObjectiveAnswer): string {
  const latency = latency_objective && [latency_objective.share, latency_objective.threshold];
  return JSON.stringify([availability, p95_latency, latency, period, time_zone]);
}
