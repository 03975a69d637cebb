"""Queries: the answers to readers, as of the watermark."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from slo.catalogue import Catalogue
from slo.errors import BadRequestError, NotFoundError
from slo.ledger import Difference, difference
from slo.objectives import STALE_SECONDS
from slo.reports import DomainReport, Report, Reporter, ServiceReport
from slo.rollup import DAY_SECONDS
from slo.store.catalogues import CatalogueStore
from slo.store.clusters import ClusterState, ClusterStore
from slo.store.ledgers import LedgerStore
from slo.targets import Targets
from slo.windows import TIME_RANGES, TimeRange, Window, days, ending_at


class WindowAnswer(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """The time that the figures are of, after snapping to what is kept."""

    start: datetime
    end: datetime


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What every answer about a cluster says first."""

    cluster_id: str
    time_range: TimeRange
    window: WindowAnswer | None
    """None before the first rollup."""
    previous_window: WindowAnswer | None
    as_of: datetime | None
    """Everything that was seen up to here is in the figures; None before the first rollup."""
    last_snapshot_at: datetime
    stale: bool
    """No snapshot for five minutes: the figures are old."""
    router_labels: bool | None
    """Whether Traefik shows router series; without them, retries and empty services are not seen."""
    warnings: tuple[str, ...]


class DomainsAnswer(Answer, frozen=True, kw_only=True):
    """`GET /api/v2/slo/domains`."""

    domains: tuple[DomainReport, ...]
    unattributed: tuple[ServiceReport, ...]
    """Series that no route claims, under the names of their services."""


class DomainAnswer(Answer, frozen=True, kw_only=True):
    """`GET /api/v2/slo/domains/{domain}`."""

    domain: DomainReport


class _View(msgspec.Struct, frozen=True):
    """What a cluster looks like in a window."""

    state: ClusterState
    catalogue: Catalogue
    current: Difference
    previous: Difference


class Query:
    """Answers readers."""

    def __init__(
        self,
        *,
        clusters: ClusterStore,
        catalogues: CatalogueStore,
        ledgers: LedgerStore,
        slot_seconds: int,
        clock: Callable[[], float],
    ) -> None:
        self._clusters = clusters
        self._catalogues = catalogues
        self._ledgers = ledgers
        self._slot_seconds = slot_seconds
        self._clock = clock

    def domains(self, cluster_id: str, time_range: str) -> DomainsAnswer:
        """All domains of a cluster. Raises BadRequestError (unknown time range) or NotFoundError (unknown cluster)."""
        checked = _time_range(time_range)
        view = self._view(cluster_id, checked)
        report = self._reporter(view, checked).report()
        return DomainsAnswer(**self._header(view, checked), domains=report.domains, unattributed=report.unattributed)

    def domain(self, cluster_id: str, domain: str, time_range: str) -> DomainAnswer:
        """One domain. Raises as `domains`, and NotFoundError for an unknown domain."""
        checked = _time_range(time_range)
        view = self._view(cluster_id, checked)
        try:
            report = self._reporter(view, checked).domain(domain)
        except KeyError as error:
            raise NotFoundError(f"Cluster {cluster_id!r} has no domain {domain!r}.") from error
        return DomainAnswer(**self._header(view, checked), domain=report)

    def report(self, cluster_id: str, window: Window) -> Report:
        """All domains of a cluster in a window that holds everything up to the watermark."""
        state = self._state(cluster_id)
        start, end = (self._ledgers.at(cluster_id, time) for time in (window.start, state.watermark))
        current = difference(start, end, window.start, window.end)
        previous = difference(start, start, window.start, window.start)
        return self._reporter(_View(state, self._catalogues.get(cluster_id), current, previous), "1d").report()

    def _state(self, cluster_id: str) -> ClusterState:
        state = self._clusters.get(cluster_id)
        if state is None:
            raise NotFoundError(f"No snapshot of cluster {cluster_id!r} has come yet. Install its agent first.")
        return state

    def _view(self, cluster_id: str, time_range: TimeRange) -> _View:
        state = self._state(cluster_id)
        window, previous = ending_at(state.watermark, days(time_range) * DAY_SECONDS, self._slot_seconds)
        return self._view_of(state, window, previous)

    def _view_of(self, state: ClusterState, window: Window, previous: Window) -> _View:
        before, start, end = (
            self._ledgers.at(state.cluster_id, max(0, time)) for time in (previous.start, window.start, window.end)
        )
        return _View(
            state=state,
            catalogue=self._catalogues.get(state.cluster_id),
            current=difference(start, end, window.start, window.end),
            previous=difference(before, start, previous.start, previous.end),
        )

    def _reporter(self, view: _View, time_range: TimeRange) -> Reporter:
        return Reporter(
            view.catalogue,
            view.current,
            view.previous,
            time_range=time_range,
            targets=Targets(),
            is_stale=self._is_stale(view.state),
        )

    def _is_stale(self, state: ClusterState) -> bool:
        return self._clock() - state.received_at > STALE_SECONDS

    def _header(self, view: _View, time_range: TimeRange) -> dict[str, Any]:
        state = view.state
        return {
            "cluster_id": state.cluster_id,
            "time_range": time_range,
            "window": _window(view.current),
            "previous_window": _window(view.previous),
            "as_of": _utc(state.watermark) if state.watermark else None,
            "last_snapshot_at": _utc(state.received_at),
            "stale": self._is_stale(state),
            "router_labels": state.router_labels,
            "warnings": state.warnings,
        }


def _time_range(text: str) -> TimeRange:
    for known in TIME_RANGES:
        if text == known:
            return known
    raise BadRequestError(f"time_range must be one of {', '.join(TIME_RANGES)}, not {text!r}.")


def _window(part: Difference) -> WindowAnswer | None:
    return WindowAnswer(_utc(part.start), _utc(part.end)) if part.end > 0 else None


def _utc(time: float) -> datetime:
    return datetime.fromtimestamp(max(0.0, time), UTC)
