"""The API's answers. Ratios are 0 to 1, latencies are in milliseconds, times are UTC. A figure without data is null."""

from datetime import datetime
from typing import Any, Literal, get_args

import msgspec

from slo.api.tokens import Grant
from slo.counting.histograms import LatencyRange, Percentiles
from slo.objectives.burn_rates import BurnRates
from slo.objectives.error_budget import ErrorBudget
from slo.objectives.forecast import Forecast
from slo.objectives.metrics import Metrics
from slo.objectives.objective import ObjectiveSummary
from slo.objectives.reports import DomainReport, RouteReport, RuleFigures, ServiceReport
from slo.objectives.statement import StatementLine
from slo.objectives.status import Status
from slo.objectives.targets import Target
from slo.objectives.time_series import Point
from slo.times import TimeRange, utc


class WindowAnswer(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """The window of the figures, snapped to stored bounds."""

    start: datetime
    end: datetime


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The fields that every answer about a cluster begins with."""

    cluster_id: str
    as_of: datetime | None
    """The figures include everything observed up to this time; null before the first snapshot."""
    booked_until: datetime | None
    """Figures up to this time are final. Those after it are provisional: snapshots that come late add to them."""
    fresh_until: datetime
    """When newer figures can be there: ask again then, not before. Never in the past: figures that are late are tried
    again within half a minute. A client that gets nothing newer should wait longer each time."""
    last_snapshot_at: datetime
    stale: bool
    """No snapshot has arrived for five minutes, so the figures are old."""
    router_labels: bool | None
    """Whether Traefik exposes router series. Without them, retries count twice and empty services are not counted."""
    warnings: tuple[str, ...]
    """Problems that an operator should fix."""


class GapAnswer(msgspec.Struct, frozen=True, kw_only=True, rename={"start": "from", "end": "to"}):
    """A time in which Traefik pods ran and were not seen. Their requests are counted at its end, if at all."""

    pods: tuple[str, ...]
    """The first few by name."""
    start: datetime
    """When they were seen last."""
    end: datetime | None
    """When they were seen again; null if they were not."""


class WindowedAnswer(Answer, frozen=True, kw_only=True):
    """Figures of a window."""

    time_range: TimeRange | None
    """Null if the request gave `from` or `to`."""
    window: WindowAnswer | None
    """Null before the first rollup."""
    previous_window: WindowAnswer | None
    gaps: tuple[GapAnswer, ...]
    """The longest gaps that ended in the window, or go on at its end: at most 20, oldest first."""


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """A summary of all domains in the cluster, regardless of filters and pages.

    A domain counts once, by its own status: that of all its requests together, however its routes are.
    Averages cover only the domains that have traffic. The P95 is that of all their requests together.
    """

    total_domains: int
    total_routes: int
    healthy: int
    warning: int
    critical: int
    unknown: int
    no_traffic: int
    not_counted: int
    stale: int
    burning: int
    """Domains whose budget burns now so fast that an alert fires."""
    average_availability: float | None
    p95_latency: float | None
    p95_latency_range: LatencyRange | None
    """Bounds of the bucket that it fell into, milliseconds; the upper one is null in the open bucket."""
    average_error_budget_remaining: float | None
    requests_per_sec: float
    total_requests: int
    total_errors: int


class DomainsAnswer(WindowedAnswer, frozen=True, kw_only=True):
    """Domains, each with its routes."""

    overview: Overview
    total: int
    """Number of matching domains on all pages."""
    domains: tuple[DomainReport, ...]
    unattributed: tuple[ServiceReport, ...]
    """Series that belong to no route, by service name; only on the last page."""
    next_cursor: str | None
    """Cursor of the next page; null on the last page."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """The window's figures minus those of the previous window; null where either has none, or was not watched."""

    availability: float | None
    p50_latency: float | None
    p95_latency: float | None
    p99_latency: float | None
    error_rate: float | None
    requests_per_sec: float | None
    total_requests: int | None
    total_errors: int | None


class RouteDetail(RouteReport, frozen=True, kw_only=True):
    """A route with its change, its error budget in requests and time, and what each of its rules served."""

    figures_by_rule: tuple[RuleFigures, ...]
    """One for each rule: a redirect and the site behind it have the same domain and path."""
    change: Change
    error_budget: ErrorBudget | None
    """Null without requests."""


class DomainDetail(DomainReport, frozen=True, kw_only=True):
    """A domain with its change and its error budget in requests and time."""

    change: Change
    error_budget: ErrorBudget | None
    """Null without requests."""
    routes: tuple[RouteDetail, ...]


class DomainAnswer(WindowedAnswer, frozen=True, kw_only=True):
    """One domain."""

    domain: DomainDetail


class HistoryAnswer(WindowedAnswer, frozen=True, kw_only=True):
    """The figures of a domain or a route over time."""

    domain: str
    path_prefix: str | None
    point_seconds: int
    target: Target
    points: tuple[Point, ...]


class BudgetAnswer(Answer, frozen=True, kw_only=True):
    """The error budget of the objective that a domain or a route follows, and its future."""

    domain: str
    path_prefix: str | None
    objective: ObjectiveSummary | None
    """Null if nobody has set one: then the budget is that of the preset over 30 days."""
    target: Target
    period: WindowAnswer
    """Of a rolling period the end is the time of the figures; of a calendar period it is yet to come."""
    coverage: float
    """Ratio of the period so far that was observed."""
    total_requests: int
    total_errors: int
    availability: float | None
    error_budget: ErrorBudget | None
    """Of the whole period, of a calendar period at the rate of requests so far; null without requests."""
    error_budget_remaining: float | None
    times_of_allowance: float | None
    """How many times the allowed errors have happened, if more did than may; null otherwise."""
    forecasts: tuple[Forecast, ...]
    """At the pace of the last hour, and of the last day."""


class Bucket(msgspec.Struct, frozen=True):
    """One bucket of the latency histogram."""

    le: str
    """Upper bound in seconds, as Prometheus writes it; the last one is `+Inf`."""
    count: int
    """Requests that took at most `le`: cumulative."""


class CodeCount(msgspec.Struct, frozen=True):
    """Requests by status code."""

    code: str
    """An HTTP status (`0`: the client left), or a gRPC status as `grpc:14`."""
    count: int


class MethodCount(msgspec.Struct, frozen=True):
    """Requests by method."""

    method: str
    count: int


class LatencyAnswer(WindowedAnswer, frozen=True, kw_only=True):
    """Latencies, status codes and methods of a domain or a route."""

    domain: str
    path_prefix: str | None
    total_requests: int
    observations: int
    """Requests with a latency: all except WebSockets and server-sent events."""
    p50_latency: float | None
    p95_latency: float | None
    p99_latency: float | None
    latency_lower_bounds: tuple[str, ...]
    """Percentiles that fall in the last, open bucket: the true latency may be higher."""
    p95_latency_range: LatencyRange | None
    """Bounds of the bucket that the P95 fell into, milliseconds; the upper one is null in the open bucket."""
    average_latency: float | None
    buckets: tuple[Bucket, ...]
    """If bounds differ between processes, only those that all share."""
    codes: tuple[CodeCount, ...]
    methods: tuple[MethodCount, ...]


class RouteBurnRates(msgspec.Struct, frozen=True, kw_only=True):
    """Burn rates of a route."""

    path_prefix: str
    target: Target
    objective: ObjectiveSummary | None
    period_days: int
    burn_rates: BurnRates


class BurnRatesAnswer(Answer, frozen=True, kw_only=True):
    """Burn rates of a domain and its routes."""

    domain: str
    target: Target
    objective: ObjectiveSummary | None
    """The objective that is followed; null for the preset."""
    period_days: int
    """The length of the objective's period, which the windows scale with."""
    burn_rates: BurnRates
    routes: tuple[RouteBurnRates, ...]


class StatusChange(msgspec.Struct, frozen=True, kw_only=True):
    """A status change, with the figures at that time."""

    at: datetime
    domain: str
    path_prefix: str | None
    """Null for the domain as a whole."""
    time_range: TimeRange
    old_status: Status
    new_status: Status
    availability: float | None
    p95_latency: float | None
    error_budget_remaining: float | None


class StatusHistoryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Status changes, newest first."""

    cluster_id: str
    changes: tuple[StatusChange, ...]
    next_cursor: str | None


class ClusterAnswer(Answer, frozen=True, kw_only=True):
    """One cluster and the state of its monitoring."""

    agent_version: str
    routes_complete: bool
    """Whether the agent could list all objects that declare routes."""
    processes: int
    """Traefik processes in the last snapshot."""
    unreachable: int
    """Traefik pods that did not answer the last scrape."""
    lag_seconds: float | None
    """How many seconds rollup is behind; null before the first rollup, and of a silent cluster that is booked whole."""


class ClustersAnswer(msgspec.Struct, frozen=True):
    """All clusters that the token may read, sorted by id."""

    clusters: tuple[ClusterAnswer, ...]
    push_url: str = ""
    """Where agents push; empty if the stack does not say."""


class MappedRoute(msgspec.Struct, frozen=True, kw_only=True):
    """A route and one of the names that Traefik counts it under."""

    service_key: str
    """The label `service` or `router` of Traefik's metrics, including the provider."""
    domain: str
    path_prefix: str
    ingress_name: str
    namespace: str
    tls: bool
    service_name: str
    service_port: int | str
    created_at: datetime
    """When a snapshot first declared the route."""
    updated_at: datetime
    """When the mapping was last written."""


class RoutesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The route map of a cluster, sorted by service key."""

    cluster_id: str
    routes: tuple[MappedRoute, ...]
    next_cursor: str | None
    """Cursor of the next page; null on the last page."""


class TokenAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The caller's token."""

    scope: Literal["read", "manage"]
    """`read` tokens read figures; `manage` tokens can also set objectives."""
    clusters: tuple[str, ...]
    """The clusters that the token is limited to; empty for all."""
    label: str
    """Who uses the token; objectives record it as `set_by`."""
    expires_at: datetime | None
    """When the token expires; null for never."""


class StatementAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The statement of a closed month. Asked for again, it is the same to the byte, unless a correction is made."""

    cluster_id: str
    month: str
    lines: tuple[StatementLine, ...]
    """One for each objective that held in the month, by domain, path and name."""
    next_cursor: str | None
    """Cursor of the next page; null on the last page."""


def change(current: Metrics, previous: Metrics) -> Change:
    """The figures of one window minus those of the previous one."""
    is_watched = current.coverage > 0 and previous.coverage > 0
    pairs = {name: (getattr(current, name), getattr(previous, name)) for name in Change.__struct_fields__}
    differences: dict[str, Any] = {
        name: now - before if is_watched and now is not None and before is not None else None
        for name, (now, before) in pairs.items()
    }
    return Change(**differences)


def overview(domains: tuple[DomainReport, ...], latencies: Percentiles) -> Overview:
    """Summarise these domains, whose requests together have these latencies."""
    statuses = [domain.status for domain in domains]
    summaries = [domain.summary for domain in domains]
    return Overview(
        total_domains=len(domains),
        total_routes=sum(len(domain.routes) for domain in domains),
        **{status: statuses.count(status) for status in get_args(Status)},
        burning=sum(domain.burning is not None for domain in domains),
        average_availability=_average([summary.availability for summary in summaries]),
        p95_latency=latencies.p95_latency,
        p95_latency_range=latencies.p95_latency_range,
        average_error_budget_remaining=_average([domain.error_budget_remaining for domain in domains]),
        requests_per_sec=sum(summary.requests_per_sec for summary in summaries),
        total_requests=sum(summary.total_requests for summary in summaries),
        total_errors=sum(summary.total_errors for summary in summaries),
    )


def token(caller: Grant) -> TokenAnswer:
    """Describe the token of a caller whose scope is `read` or `manage`."""
    expires_at = None if caller.expires_at is None else utc(caller.expires_at)
    scope: Literal["read", "manage"] = "manage" if caller.scope == "manage" else "read"
    return TokenAnswer(scope=scope, clusters=caller.clusters, label=caller.label, expires_at=expires_at)


def _average(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
