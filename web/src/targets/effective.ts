/** Finds the target that applies: the most specific one. */
import type { TargetSubject } from '../api/endpoints';
import type { Target, TargetAnswer, TargetsAnswer } from '../api/types';
import { bodyOf } from './draft';

/** The target that applies to a subject, set there or at a higher level. */
export function effective(answer: TargetsAnswer, subject: TargetSubject): Target {
  const levels = [
    ...(subject.path === null ? [] : [{ source: 'route' as const, at: subject }]),
    ...(subject.domain === null ? [] : [{ source: 'domain' as const, at: { ...subject, path: null } }]),
    { source: 'cluster' as const, at: { ...subject, domain: null, path: null } },
  ];
  for (const { source, at } of levels) {
    const saved = savedFor(answer.targets, at);
    if (saved) {
      const { availability, p95_latency, latency_objective = null, minimum_requests = 0 } = bodyOf(saved);
      return { availability, p95_latency, latency_objective, minimum_requests, source };
    }
  }
  return answer.default;
}

/** The target set for exactly this subject, if any. */
export function savedFor(targets: readonly TargetAnswer[], subject: TargetSubject): TargetAnswer | null {
  const found = targets.find(
    (each) => each.domain === subject.domain && each.path_prefix === subject.path && each.time_range === subject.range,
  );
  return found ?? null;
}
