/** Which target holds: the nearest one. */
import type { TargetSubject } from '../api/endpoints';
import type { Target, TargetAnswer, TargetsAnswer } from '../api/types';
import { bodyOf } from './draft';

/** What holds for a subject now, whether it is set there or farther away. */
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

/** The target that is set for exactly this, if any. */
export function savedFor(targets: readonly TargetAnswer[], subject: TargetSubject): TargetAnswer | null {
  const found = targets.find(
    (each) => each.domain === subject.domain && each.path_prefix === subject.path && each.time_range === subject.range,
  );
  return found ?? null;
}
