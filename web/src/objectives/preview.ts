/** Computes how an objective would change the status and budget of every domain and route it applies to. */
import type {
  DomainReport,
  LatencyObjective,
  LatencyShare,
  RouteReport,
  Status,
  Target,
  TimeRange,
} from '../api/types';
import { budgetLeft } from './exact';
import { type Judged, statusUnder } from './judge';
import { isWide, LEVELS, type Level } from './levels';

/** What a followed objective promises. */
export type Promised = Pick<Target, 'availability' | 'p95_latency' | 'latency_objective'>;

/** The current state of a domain or a route. */
export interface Standing {
  domain: string;
  /** Null for the domain as a whole. */
  path: string | null;
  metrics: Judged;
  target: Target;
  latency: LatencyShare | null;
  status: Status;
  budget: number | null;
}

export interface Effect {
  standing: Standing;
  status: Status;
  budget: number | null;
}

export interface Preview {
  /** All changes, status changes first. */
  effects: Effect[];
  statusChanges: number;
  /** The number of domains and routes that the objective applies to. */
  affected: number;
  /** The number of domains and routes below it with more specific objectives. */
  keepTheirOwn: number;
  /** Whether the latency objective is ignored because of missing figures. */
  withoutLatency: boolean;
}

/** The state of all these domains and routes, with the targets that they are judged by. */
export function standingsOf(domains: readonly DomainReport[], range: TimeRange): Standing[] {
  return domains.flatMap((domain) =>
    [domain, ...domain.routes].flatMap((of): Standing[] => {
      const target = of.targets[range];
      if (!target) return [];
      return [
        {
          domain: domain.domain,
          path: isRoute(of) ? of.path_prefix : null,
          metrics: isRoute(of) ? of.current : of.summary,
          target,
          latency: of.latency,
          status: of.status,
          budget: of.error_budget_remaining,
        },
      ];
    }),
  );
}

/** `shareOf` returns the measured share for a standing, or null if it is unknown. */
export function previewOf(
  standings: readonly Standing[],
  level: Level,
  of: { domain: string; path: string | null },
  body: Promised,
  shareOf: (standing: Standing, objective: LatencyObjective) => LatencyShare | null,
): Preview {
  const below = standings.filter((standing) => isBelow(standing, level, of));
  const held = below.filter((standing) => rank(standing) <= LEVELS.indexOf(level));
  let withoutLatency = false;
  const effects = held.map((standing): Effect => {
    const share = body.latency_objective ? shareOf(standing, body.latency_objective) : null;
    if (body.latency_objective && !share) withoutLatency = true;
    // No objective changes these.
    const isFixed = standing.status === 'stale' || standing.status === 'not_counted';
    return {
      standing,
      status: isFixed ? standing.status : statusUnder(standing.metrics, body, share),
      budget: budgetLeft(standing.metrics.total_requests, standing.metrics.total_errors, body.availability),
    };
  });
  const changed = effects.filter(
    ({ standing, status, budget }) => status !== standing.status || differs(budget, standing.budget),
  );
  const statusChanges = changed.filter(({ standing, status }) => status !== standing.status);
  return {
    effects: [...statusChanges, ...changed.filter((effect) => !statusChanges.includes(effect))],
    statusChanges: statusChanges.length,
    affected: held.length,
    keepTheirOwn: below.length - held.length,
    withoutLatency,
  };
}

const SAME = 1e-9;

function isBelow(standing: Standing, level: Level, of: { domain: string; path: string | null }): boolean {
  if (isWide(level)) return true;
  return standing.domain === of.domain && (level === 'domain' || standing.path === of.path);
}

/** The place of what judges among the levels; -1 for the preset, which every objective holds before. */
function rank({ target: { source } }: Standing): number {
  return source === 'preset' ? -1 : LEVELS.indexOf(source);
}

function differs(a: number | null, b: number | null): boolean {
  return a === null || b === null ? a !== b : Math.abs(a - b) > SAME;
}

function isRoute(of: DomainReport | RouteReport): of is RouteReport {
  return 'path_prefix' in of;
}
