"""Query: answers readers, as of the watermark."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from slo.api import answers
from slo.api.pages import Cursor, page
from slo.api.parameters import DomainsParameters, RouteParameters, WindowParameters, statuses
from slo.app.burning import Burning, burn_rates
from slo.app.views import View, Views, known_domain, known_entries
from slo.counting.codes import by_number
from slo.counting.counts import total
from slo.counting.histograms import percentiles
from slo.counting.windows import Window
from slo.objectives.burn_rates import windows_of
from slo.objectives.error_budget import ErrorBudget, error_budget
from slo.objectives.metrics import Metrics, histogram, served
from slo.objectives.reports import DomainReport, Report, Reporter, RouteReport
from slo.objectives.status import Status
from slo.objectives.targets import Target
from slo.structs import like

_WORST_FIRST: tuple[Status, ...] = (
    "critical",
    "warning",
    "unknown",
    "stale",
    "not_counted",
    "healthy",
    "no_traffic",
)


class Query:
    """Answers readers. Every method can raise NotFoundError and BadRequestError."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._burning = Burning(views)

    def domains(self, cluster_id: str, asked: DomainsParameters) -> answers.DomainsAnswer:
        """A page of the cluster's domains."""
        cursor = Cursor.read(asked.cursor)
        view = self._views.of(cluster_id, asked, as_of=cursor.as_of if cursor else None)
        reading = self._burning.reading(view)
        reporter = view.reporter()
        report = reporter.report()
        every = self._burning.marked(view, reporter, report.domains, reading.result())
        found = _sorted(_matching(every, asked), asked.sort)
        names = [domain.domain for domain in found]
        domains, following = page(found, names, cursor, asked.limit, view.state.watermark)
        return answers.DomainsAnswer(
            **view.header(),
            overview=answers.overview(every, reporter.percentiles()),
            total=len(found),
            domains=domains,
            unattributed=() if following else report.unattributed,
            next_cursor=following,
        )

    def domain(self, cluster_id: str, domain: str, asked: WindowParameters) -> answers.DomainAnswer:
        """One domain, with its change and error budget."""
        view = self._views.of(cluster_id, asked)
        reporter = view.reporter()
        name = known_domain(reporter, domain)
        reading = self._burning.reading(view)
        found = reporter.domain(name)
        [report] = self._burning.marked(view, reporter, [found], reading.result())
        return answers.DomainAnswer(**view.header(), domain=_detail(report, reporter, view))

    def latency(self, cluster_id: str, domain: str, asked: RouteParameters) -> answers.LatencyAnswer:
        """Latencies, codes and methods of a domain or a route."""
        view = self._views.of(cluster_id, asked)
        reporter = view.reporter()
        name = known_domain(reporter, domain)
        seen = served(known_entries(reporter, name, asked.path_prefix), view.current)
        counts = total(msgspec.structs.replace(counts, buckets=[]) for _, counts in seen)
        latencies = histogram(seen)
        observations = latencies.observations
        bounds = [*(f"{bound:g}" for bound in latencies.bounds), "+Inf"]
        return like(
            answers.LatencyAnswer,
            percentiles(latencies),
            **view.header(),
            domain=name,
            path_prefix=asked.path_prefix,
            total_requests=counts.requests,
            observations=observations,
            average_latency=counts.duration_microseconds / 1000 / observations if observations else None,
            buckets=tuple(map(answers.Bucket, bounds, latencies.counts)),
            codes=tuple(answers.CodeCount(code, count) for code, count in _by_code(counts.codes)),
            methods=tuple(answers.MethodCount(method, count) for method, count in sorted(counts.methods.items())),
        )

    def burn_rates(self, cluster_id: str, domain: str) -> answers.BurnRatesAnswer:
        """Burn rates of a domain and of each of its routes."""
        view = self._views.of(cluster_id, WindowParameters())
        reporter = view.reporter()
        name = known_domain(reporter, domain)
        followed = {path: view.objectives.followed(name, path or "") for path in (None, *reporter.paths(name))}
        periods = {each.period.days for each in followed.values()}
        lengths = sorted({seconds for period_days in periods for seconds in windows_of(period_days)})
        windows = dict(zip(lengths, self._views.last(view, lengths), strict=True))

        def burning(path: str | None) -> dict[str, Any]:
            own = followed[path]
            rates = burn_rates(reporter.entries(name, path), windows, own.target, own.period.days)
            return {
                "target": own.target,
                "objective": own.objective,
                "period_days": own.period.days,
                "burn_rates": rates,
            }

        return answers.BurnRatesAnswer(
            **view.cluster_header(),
            **burning(None),
            domain=name,
            routes=tuple(
                answers.RouteBurnRates(path_prefix=path, **burning(path)) for path in followed if path is not None
            ),
        )

    def report(self, cluster_id: str, window: Window) -> Report:
        """All domains of a cluster from the window's start to the watermark, reported as if over the whole window."""
        state = self._views.state(cluster_id)
        view = self._views.booked(
            state, Window(window.start, state.watermark), Window(window.start, window.start), "1d"
        )
        whole = msgspec.structs.replace(view.current, end=window.end)
        return msgspec.structs.replace(view, current=whole).reporter().report()


def _by_code(codes: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(codes.items(), key=lambda item: by_number(item[0]))


def _matching(domains: Iterable[DomainReport], asked: DomainsParameters) -> list[DomainReport]:
    wanted, text = statuses(asked.status), asked.search.lower()
    return [
        domain
        for domain in domains
        if not wanted or domain.status in wanted
        if text in domain.domain.lower() or any(text in route.path_prefix.lower() for route in domain.routes)
    ]


def _sorted(domains: list[DomainReport], sort: str) -> list[DomainReport]:
    """Domains without a value come last in both directions. Domains with equal values stay sorted by name."""
    name, is_reversed = sort.removeprefix("-"), sort.startswith("-")
    if name == "name":
        return domains[::-1] if is_reversed else domains
    values = {domain.domain: _sort_value(domain, name) for domain in domains}
    known = [domain for domain in domains if values[domain.domain] is not None]
    unknown = [domain for domain in domains if values[domain.domain] is None]
    return sorted(known, key=lambda domain: values[domain.domain] or 0, reverse=is_reversed) + unknown


def _sort_value(domain: DomainReport, name: str) -> float | None:
    if name == "status":
        worst = min(_WORST_FIRST.index(status) for status in (domain.status, *(r.status for r in domain.routes)))
        return _WORST_FIRST.index(domain.status) * len(_WORST_FIRST) + worst
    value: float | None = getattr(domain if name == "error_budget_remaining" else domain.summary, name)
    return value


def _detail(report: DomainReport, reporter: Reporter, view: View) -> answers.DomainDetail:
    def budget(metrics: Metrics, target: Target) -> ErrorBudget | None:
        if not metrics.total_requests:
            return None
        return error_budget(metrics.total_requests, metrics.total_errors, target, per_second=metrics.requests_per_sec)

    def route(own: RouteReport) -> answers.RouteDetail:
        return like(
            answers.RouteDetail,
            own,
            figures_by_rule=reporter.rules(report.domain, own.path_prefix),
            change=answers.change(own.current, own.previous),
            error_budget=budget(own.current, own.targets[view.time_range]),
        )

    return like(
        answers.DomainDetail,
        report,
        routes=tuple(map(route, report.routes)),
        change=answers.change(report.summary, report.previous),
        error_budget=budget(report.summary, report.targets[view.time_range]),
    )
