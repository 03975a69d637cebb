"""Views: what a cluster looked like in a window, as of the watermark."""

from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from slo.answers import WindowAnswer
from slo.catalogue import Catalogue
from slo.errors import NotFoundError
from slo.ledger import Difference, Ledger, difference
from slo.objectives import STALE_SECONDS
from slo.parameters import WindowParameters, invalid
from slo.reports import RETIRED_GRACE_SECONDS, Reporter
from slo.rollup import DAY_SECONDS
from slo.snapshots import NO_ROUTER_LABELS
from slo.store.catalogues import CatalogueStore
from slo.store.clusters import ClusterState, ClusterStore
from slo.store.ledgers import LedgerStore
from slo.store.targets import TargetStore
from slo.targets import Targets
from slo.windows import TimeRange, Window, between, days, ending_at, nearest, utc

LONGEST_WINDOW_SECONDS = 90 * DAY_SECONDS
_READERS = 8
"""Items that one request reads side by side: most of an answer's time is waiting for DynamoDB."""


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster in a window and in the one before it."""

    state: ClusterState
    catalogue: Catalogue
    targets: Targets
    time_range: TimeRange
    """Whose targets hold."""
    is_free: bool
    """Whether the window was asked for by its bounds."""
    current: Difference
    previous: Difference
    ledgers: dict[int, Ledger]
    """Those that were read, by time."""
    is_stale: bool
    retired_grace_seconds: int = RETIRED_GRACE_SECONDS

    def reporter(self) -> Reporter:
        """Computes the report of this view."""
        return Reporter(
            self.catalogue,
            self.current,
            self.previous,
            time_range=self.time_range,
            targets=self.targets,
            is_stale=self.is_stale,
            retired_grace_seconds=self.retired_grace_seconds,
        )

    def header(self) -> dict[str, Any]:
        """What an answer says first, as a WindowedAnswer."""
        return {
            **cluster_header(self.state, is_stale=self.is_stale),
            "time_range": None if self.is_free else self.time_range,
            "window": _window(self.current),
            "previous_window": _window(self.previous),
        }


class Views:
    """Loads views."""

    def __init__(
        self,
        *,
        clusters: ClusterStore,
        catalogues: CatalogueStore,
        ledgers: LedgerStore,
        targets: TargetStore,
        slot_seconds: int,
        clock: Callable[[], float],
        retired_grace_seconds: int = RETIRED_GRACE_SECONDS,
    ) -> None:
        self._clusters = clusters
        self._catalogues = catalogues
        self._ledgers = ledgers
        self._targets = targets
        self.slot_seconds = slot_seconds
        self._retired_grace_seconds = retired_grace_seconds
        self._clock = clock
        self._readers = ThreadPoolExecutor(_READERS)

    def state(self, cluster_id: str) -> ClusterState:
        """The cluster's state. Raises NotFoundError."""
        state = self._clusters.get(cluster_id)
        if state is None:
            raise NotFoundError(f"No snapshot of cluster {cluster_id!r} has come yet. Install its agent first.")
        return state

    def is_stale(self, state: ClusterState) -> bool:
        """Whether the cluster has been silent for five minutes."""
        return self._clock() - state.received_at > STALE_SECONDS

    def of(
        self, cluster_id: str, asked: WindowParameters, *, as_of: int | None = None, last: Iterable[int] = ()
    ) -> View:
        """The view that was asked for; `as_of` is an earlier watermark, of which the first page was.

        `last` are lengths in seconds for which `last` will be asked: their ledgers are read along.

        Raises NotFoundError (unknown cluster) or BadRequestError (naming the field).
        """
        state = self.state(cluster_id)
        if as_of is not None and as_of <= state.watermark:
            state = msgspec.structs.replace(state, watermark=as_of)
        if asked.start is None and asked.end is None:
            window, previous = ending_at(state.watermark, days(asked.time_range) * DAY_SECONDS, self.slot_seconds)
            return self.between(state, window, previous, asked.time_range, last=last)
        window, previous = self._free_window(state, asked)
        return self.between(state, window, previous, nearest(window.seconds), is_free=True, last=last)

    def between(
        self,
        state: ClusterState,
        window: Window,
        previous: Window,
        time_range: TimeRange,
        *,
        is_free: bool = False,
        last: Iterable[int] = (),
    ) -> View:
        """The view of these windows."""
        saved = self._readers.submit(lambda: Targets(self._targets.of(state.cluster_id)))
        read = self._readers.submit(self._catalogues.of_version, state.cluster_id, state.catalogue_version)
        further = {time for each in self._last(state, last) for time in (each.start, each.end)}
        ledgers = self.ledgers_at(state.cluster_id, {previous.start, window.start, window.end, *further})
        start = ledgers[window.start]
        return View(
            state=state,
            catalogue=read.result(),
            targets=saved.result(),
            time_range=time_range,
            is_free=is_free,
            current=difference(start, ledgers[window.end], window.start, window.end),
            previous=difference(ledgers[previous.start], start, previous.start, previous.end),
            ledgers=ledgers,
            is_stale=self.is_stale(state),
            retired_grace_seconds=self._retired_grace_seconds,
        )

    def last(self, view: View, seconds: Iterable[int]) -> list[Difference]:
        """What happened in the last so many seconds before the watermark, for lengths that the view was loaded with."""
        return [
            difference(view.ledgers[each.start], view.ledgers[each.end], each.start, each.end)
            for each in self._last(view.state, seconds)
        ]

    def _last(self, state: ClusterState, seconds: Iterable[int]) -> list[Window]:
        return [ending_at(state.watermark, length, self.slot_seconds)[0] for length in seconds]

    def ledgers_at(self, cluster_id: str, times: Collection[int]) -> dict[int, Ledger]:
        """The ledgers that hold at these times; none was booked before 1970."""
        stored = self._ledgers.stored_at(cluster_id, {time for time in times if time > 0})
        missing = [time for time in times if time not in stored]
        earlier = self._readers.map(lambda time: self._ledgers.at(cluster_id, max(0, time)), missing)
        return stored | dict(zip(missing, earlier, strict=True))

    def _free_window(self, state: ClusterState, asked: WindowParameters) -> tuple[Window, Window]:
        end = state.watermark if asked.end is None else asked.end.timestamp()
        start = end - days(asked.time_range) * DAY_SECONDS if asked.start is None else asked.start.timestamp()
        if end - start > LONGEST_WINDOW_SECONDS:
            raise invalid("from", f"A window may have at most {LONGEST_WINDOW_SECONDS // DAY_SECONDS} days.")
        window, previous = between(start, end, state.watermark, self.slot_seconds)
        if window.start < 0 or window.seconds <= 0:
            raise invalid(
                "from",
                "Nothing is left of the window after snapping to the bounds that are kept; begin it earlier: figures "
                f"go up to {utc(state.watermark).isoformat()}.",
            )
        return window, previous


def cluster_header(state: ClusterState, *, is_stale: bool) -> dict[str, Any]:
    """What an answer about a cluster says first, as an Answer."""
    labels = (NO_ROUTER_LABELS,) if state.router_labels is False else ()
    return {
        "cluster_id": state.cluster_id,
        "as_of": utc(state.watermark) if state.watermark else None,
        "last_snapshot_at": utc(state.received_at),
        "stale": is_stale,
        "router_labels": state.router_labels,
        "warnings": (*labels, *state.warnings),
    }


def _window(part: Difference) -> WindowAnswer | None:
    return WindowAnswer(utc(max(0, part.start)), utc(part.end)) if part.end > 0 else None
