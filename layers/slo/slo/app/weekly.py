"""The weekly report: each Monday, what happened in a cluster in the seven days before."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from slo.api.parameters import WindowParameters
from slo.app.stores import Stores
from slo.app.views import View, Views
from slo.incidents import changes
from slo.incidents.incident import Incident
from slo.notifications.delivery import Order
from slo.notifications.settings import Channel, Digest, Settings
from slo.notifications.weekly import DomainWeek, PathWeek, RouteNews, WeekIncident, WeeklyReport
from slo.objectives.reports import DomainReport
from slo.store.incidents import IncidentStore, Watch
from slo.structs import like
from slo.times import DAY_SECONDS

_WEEK_SECONDS = 7 * DAY_SECONDS
_LATE_SECONDS = DAY_SECONDS
"""A report that is later than this is left out."""
_LISTED = 10
_INCIDENTS = 200


class Weekly:
    """Makes weekly reports."""

    def __init__(self, stores: Stores, views: Views) -> None:
        self._incidents = stores.of(IncidentStore)
        self._views = views

    def due(self, cluster_id: str, watch: Watch, settings: Settings, now: float) -> tuple[tuple[Order, ...], float]:
        """The orders of the report if one is due, and the Monday of the last one. The first Monday only begins."""
        monday = last_monday(settings.digest, now)
        if monday <= watch.weekly_at:
            return (), watch.weekly_at
        channels = _channels(settings)
        if not watch.weekly_at or not channels or now - monday > _LATE_SECONDS:
            return (), monday
        report = self.report(cluster_id, watch, monday)
        date = datetime.fromtimestamp(monday, ZoneInfo(settings.digest.time_zone)).date()
        return tuple(
            Order(
                channel=channel.name,
                kind=channel.kind,
                language=channel.language,
                order_id=f"digest.{cluster_id}.{date.isoformat()}",
                digest=report,
            )
            for channel in channels
        ), monday

    def report(self, cluster_id: str, watch: Watch, end: float) -> WeeklyReport:
        """What happened in the seven days before `end`."""
        view = self._views.of(cluster_id, WindowParameters(time_range="7d"))
        domains = view.reporter().report().domains
        start = end - _WEEK_SECONDS
        stored = self._incidents.newest_first(cluster_id, None, _INCIDENTS)
        by_id = {incident.incident_id: incident for incident in (*stored, *watch.open)}
        lasting = [each for each in by_id.values() if each.resolved_at is None or each.resolved_at > start]
        return WeeklyReport(
            cluster_id=cluster_id,
            start=start,
            end=end,
            domains=tuple(_least_budget(domains)[:_LISTED]),
            paths=tuple(_worst_paths(domains)[:_LISTED]),
            opened=sum(each.opened_at > start for each in lasting),
            resolved=sum(each.resolved_at is not None for each in lasting),
            incidents=tuple(_listed(lasting)[:_LISTED]),
            routes=_news(view, start),
        )


def last_monday(digest: Digest, now: float) -> float:
    """The last Monday at the digest's time, Unix seconds; 0 if there is no digest."""
    if not digest.is_enabled:
        return 0.0
    local = datetime.fromtimestamp(now, ZoneInfo(digest.time_zone))
    hour, minute = map(int, digest.at.split(":"))
    monday = (local - timedelta(days=local.weekday())).replace(hour=hour, minute=minute, second=0, microsecond=0)
    return (monday if monday <= local else monday - timedelta(days=7)).timestamp()


def _channels(settings: Settings) -> list[Channel]:
    """Those that are named, or else all but those that wake people."""
    named, digest = settings.channels, settings.digest
    if digest.channels:
        return [channel for channel in named if channel.is_enabled and channel.name in digest.channels]
    return [channel for channel in named if channel.is_enabled and channel.kind != "pagerduty"]


def _least_budget(domains: Iterable[DomainReport]) -> list[DomainWeek]:
    served = [each for each in domains if each.summary.total_requests]
    return [
        DomainWeek(
            domain=each.domain,
            requests=each.summary.total_requests,
            errors=each.summary.total_errors,
            budget_remaining=each.error_budget_remaining,
        )
        for each in sorted(served, key=lambda each: (each.error_budget_remaining or 0.0, each.domain))
    ]


def _worst_paths(domains: Iterable[DomainReport]) -> list[PathWeek]:
    failing = [(each.domain, route) for each in domains for route in each.routes if route.current.total_errors]
    return [
        PathWeek(
            domain=domain,
            path_prefix=route.path_prefix,
            requests=route.current.total_requests,
            errors=route.current.total_errors,
        )
        for domain, route in sorted(failing, key=lambda item: (-item[1].current.total_errors, item[0]))
    ]


def _listed(incidents: Iterable[Incident]) -> list[WeekIncident]:
    newest = sorted(incidents, key=lambda each: each.opened_at, reverse=True)
    return [like(WeekIncident, each) for each in sorted(newest, key=lambda each: each.resolved_at is not None)]


def _news(view: View, start: float) -> tuple[RouteNews, ...]:
    rows = view.live.ledger.rows if view.live else {}
    found = sorted(changes.changes(view.catalogue, rows, start), key=lambda dated: -dated.at)
    return tuple(like(RouteNews, dated.change, domain=dated.domain) for dated in found[:_LISTED])
