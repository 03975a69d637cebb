import type {
  Burning,
  Change,
  DomainDetail,
  ErrorBudget,
  LatencyShare,
  Metrics,
  ObjectiveSummary,
  RouteDetail,
  Status,
  Target,
} from '../../api/types';

/** The common fields of a domain and a route. */
export interface View {
  status: Status;
  burning: Burning | null;
  current: Metrics;
  previous: Metrics;
  change: Change;
  targets: Readonly<Record<string, Target>>;
  /** What is followed; null for the preset. */
  objective: ObjectiveSummary | null;
  latency: LatencyShare | null;
  budgetLeft: number | null;
  budget: ErrorBudget | null;
  /** Null for the domain as a whole. */
  route: RouteDetail | null;
}

/** Null if the domain has no such path. */
export function viewOf(domain: DomainDetail, path: string | null): View | null {
  const route = path === null ? null : (domain.routes.find((each) => each.path_prefix === path) ?? null);
  if (path !== null && !route) return null;
  const of = route ?? domain;
  return {
    status: of.status,
    burning: of.burning,
    current: route?.current ?? domain.summary,
    previous: of.previous,
    change: of.change,
    targets: of.targets,
    objective: of.objective,
    latency: of.latency,
    budgetLeft: of.error_budget_remaining,
    budget: of.error_budget,
    route,
  };
}
