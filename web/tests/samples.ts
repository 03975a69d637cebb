/** Small answers of the API to test with; each test says only what it is about. */
import type {
  ChannelAnswer,
  DeliveryAnswer,
  DomainReport,
  IncidentAnswer,
  MappedRoute,
  Metrics,
  ObjectiveAnswer,
  Point,
  RouteReport,
  ServiceReport,
  Target,
} from '../src/api/types';

export const TARGET: Target = {
  availability: 0.99,
  p95_latency: 300,
  latency_objective: null,
  minimum_requests: 100,
  source: 'preset',
};

export function metrics(parts: Partial<Metrics> = {}): Metrics {
  return {
    availability: 1,
    p50_latency: 10,
    p95_latency: 50,
    p99_latency: 90,
    error_rate: 0,
    requests_per_sec: 1,
    total_requests: 86_400,
    total_errors: 0,
    coverage: 1,
    latency_lower_bounds: [],
    p95_latency_range: [0, 100],
    ...parts,
  };
}

export function route(path: string, parts: Partial<RouteReport> = {}): RouteReport {
  return {
    path_prefix: path,
    ingress_name: 'web',
    namespace: 'shop',
    service_key: 'shop-web-80@kubernetes',
    service_name: 'web',
    service_port: 80,
    tls: true,
    rules: [],
    not_counted: '',
    measured_by: 'router',
    shared: false,
    shared_with: [],
    current: metrics(),
    previous: metrics(),
    targets: { '1d': TARGET, '7d': TARGET, '30d': TARGET },
    objective: null,
    latency: null,
    status: 'healthy',
    error_budget_remaining: 1,
    retired_at: null,
    burning: null,
    ...parts,
  };
}

export function domain(name: string, parts: Partial<DomainReport> = {}): DomainReport {
  return {
    domain: name,
    tls: true,
    status: 'healthy',
    error_budget_remaining: 1,
    summary: metrics(),
    previous: metrics(),
    targets: { '1d': TARGET, '7d': TARGET, '30d': TARGET },
    objective: null,
    latency: null,
    routes: [route('/')],
    burning: null,
    ...parts,
  };
}

export function service(key: string): ServiceReport {
  return {
    service_key: key,
    service_name: key,
    measured_by: 'service',
    current: metrics(),
    previous: metrics(),
  };
}

/** A point of 5 minutes; `at` in Unix seconds. */
export function point(at: number, parts: Partial<Point> = {}): Point {
  return {
    timestamp: new Date(at * 1000).toISOString(),
    seconds: 300,
    has_data: true,
    availability: 1,
    p50_latency: 10,
    p95_latency: 50,
    p99_latency: 90,
    error_rate: 0,
    requests_per_sec: 1,
    total_requests: 300,
    total_errors: 0,
    error_budget_remaining: 1,
    requests_after_gap: 0,
    errors_after_gap: 0,
    excluded_seconds: 0,
    ...parts,
  };
}

/** A point of which nothing was seen. */
export function gap(at: number): Point {
  return point(at, {
    has_data: false,
    availability: null,
    p50_latency: null,
    p95_latency: null,
    p99_latency: null,
    error_rate: null,
    requests_per_sec: null,
    total_requests: null,
    total_errors: null,
  });
}

export function mapping(serviceKey: string, domain: string, path: string): MappedRoute {
  return {
    service_key: serviceKey,
    domain,
    path_prefix: path,
    ingress_name: 'web',
    namespace: 'shop',
    tls: true,
    service_name: 'web',
    service_port: 80,
    created_at: '2026-11-01T00:00:00Z',
    updated_at: '2026-11-01T00:00:00Z',
  };
}

/** An open outage of a domain. */
export function incident(parts: Partial<IncidentAnswer> = {}): IncidentAnswer {
  return {
    incident_id: '20261127T100000Z-1',
    cluster_id: 'production',
    kind: 'outage',
    status: 'open',
    severity: 'page',
    subject: { domain: 'shop.example.com', pod: null, certificate: null },
    path_prefix: null,
    since: '2026-11-27T10:00:00Z',
    opened_at: '2026-11-27T10:01:00Z',
    acknowledged_at: null,
    acknowledged_by: null,
    resolved_at: null,
    period: null,
    objective: null,
    requests: 12_034,
    errors: 9_120,
    worst: null,
    routes: [],
    failing_routes: 0,
    availability: 0.999,
    period_days: 30,
    latency_threshold: null,
    budget_remaining: 0.5,
    budget_spent: 0.1,
    threshold: null,
    expires_at: null,
    domains: [],
    changes: [],
    steps: [],
    ...parts,
  };
}

export function channel(parts: Partial<ChannelAnswer> = {}): ChannelAnswer {
  return {
    name: 'on-call',
    kind: 'webhook',
    language: 'en',
    is_enabled: true,
    disabled_because: null,
    changed_by: 'admin',
    changed_at: '2026-11-27T09:00:00Z',
    last_delivered_at: null,
    last_failed_at: null,
    last_error: null,
    failing_since: null,
    pending: null,
    ...parts,
  };
}

export function delivery(parts: Partial<DeliveryAnswer> = {}): DeliveryAnswer {
  return {
    order_id: 'test.1',
    channel: 'on-call',
    incident_id: null,
    cluster_id: null,
    what: 'test',
    attempts: 1,
    status: 'delivered',
    first_attempt_at: '2026-11-27T10:00:00Z',
    delivered_at: '2026-11-27T10:00:00Z',
    last_error: null,
    ...parts,
  };
}

/** An objective of a domain over the last 30 days, which is followed. */
export function objective(parts: Partial<ObjectiveAnswer> = {}): ObjectiveAnswer {
  return {
    cluster_id: 'production',
    domain: 'shop.example.com',
    path_prefix: null,
    name: 'monthly',
    period: '30d',
    time_zone: 'UTC',
    availability: 0.999,
    p95_latency: 200,
    latency_objective: null,
    minimum_requests: 100,
    owner: 'payments',
    channel: '',
    is_followed: true,
    origin: 'page',
    version: 1,
    set_by: 'mira',
    set_at: '2026-11-24T00:00:00Z',
    ...parts,
  };
}
