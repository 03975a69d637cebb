/** Small answers of the API to test with; each test says only what it is about. */
import type { DomainReport, MappedRoute, Metrics, Point, RouteReport, ServiceReport, Target } from '../src/api/types';

export const TARGET: Target = {
  availability: 0.99,
  p95_latency: 300,
  latency_objective: null,
  minimum_requests: 100,
  source: 'default',
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
