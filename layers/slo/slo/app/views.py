"""Views: a cluster's state and figures in a window, as of the last snapshot."""

from collections.abc import Iterable, Mapping, Sequence, Set
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any

import msgspec

from slo.api import not_found
from slo.api.answers import WindowAnswer
from slo.api.parameters import WindowParameters, invalid
from slo.app.corrected_ledgers import Booked, CorrectedLedgers, left_out
from slo.app.freshness import Freshness
from slo.app.live_ledgers import LiveLedgers
from slo.app.noticed import gaps, noticed
from slo.app.stores import Stores
from slo.counting.catalogue import Catalogue, Entry
from slo.counting.corrections import Excluded, excluded_seconds
from slo.counting.ledger import Difference, Ledger, difference
from slo.counting.live import Live
from slo.counting.windows import Window, between, ending_at
from slo.objectives.burn_rates import LONGEST_BURN_SECONDS
from slo.objectives.exclusions import Exclusion
from slo.objectives.objective import Objectives
from slo.objectives.reports import RETIRED_GRACE_SECONDS, Reporter
from slo.objectives.status import STALE_SECONDS
from slo.store.catalogues import CatalogueStore
from slo.store.clusters import ClusterState, ClusterStore
from slo.store.ledgers import LedgerStore
from slo.store.objectives import ObjectiveStore
from slo.times import DAY_SECONDS, HOUR_SECONDS, TIME_RANGES, TimeRange, days, nearest, utc
from slo.traefik.domains import find
from slo.traefik.snapshots import NO_ROUTER_LABELS

LONGEST_WINDOW_SECONDS = 90 * DAY_SECONDS
_READERS = 8
"""Items that one request reads in parallel: most of the time of a query is spent waiting for DynamoDB."""
_REMEMBERED = 4
"""Clusters whose ledgers a warm function caches. Until the next rollup, repeated queries and pages read none."""
_REMEMBERED_LEDGERS = 24
"""Of one cluster, or more while they have few rows: where a window ended, another one begins hours later."""
_REMEMBERED_ROWS = 60_000
"""Of all ledgers of a cluster that has more of them; about 50 MB."""
_RECENT_SECONDS = HOUR_SECONDS
"""What was written longer ago is the same in each copy that DynamoDB has, so a read of any copy will do."""
_REMEMBERED_DIFFERENCES = 32
"""Repeated queries compute none."""
_NOTHING = difference(Ledger(), Ledger(), 0, 0)


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster in a window and in the window before it."""

    state: ClusterState
    catalogue: Catalogue
    objectives: Objectives
    exclusions: tuple[Exclusion, ...]
    excluded: tuple[Excluded, ...]
    """What is left out of the figures, since `excluded_since`."""
    excluded_since: int
    time_range: TimeRange
    """The one that was asked for, or the nearest one."""
    is_free: bool
    """Whether the request gave the window's bounds."""
    current: Difference
    previous: Difference
    booked_until: int
    """The watermark. `state.watermark` is the end of the figures."""
    live: Live | None
    """What is not booked yet; None if the figures end at the watermark."""
    is_stale: bool
    fresh_until: datetime
    retired_grace_seconds: int = RETIRED_GRACE_SECONDS

    def reporter(self) -> Reporter:
        """The reporter of this view."""
        return Reporter(
            self.catalogue,
            self.current,
            self.previous,
            time_range=self.time_range,
            objectives=self.objectives,
            is_stale=self.is_stale,
            retired_grace_seconds=self.retired_grace_seconds,
        )

    def header(self) -> dict[str, Any]:
        """The fields of WindowedAnswer."""
        header = self.cluster_header()
        return {
            **header,
            "warnings": (*header["warnings"], *noticed(self.current, self.catalogue)),
            "gaps": gaps(self.current),
            "time_range": None if self.is_free else self.time_range,
            "window": _window(self.current),
            "previous_window": _window(self.previous),
        }

    def cluster_header(self) -> dict[str, Any]:
        """The fields of Answer."""
        return cluster_header(
            self.state, is_stale=self.is_stale, fresh_until=self.fresh_until, booked_until=self.booked_until
        )


class _Held(msgspec.Struct, frozen=True):
    """A cluster's ledgers by time, as they are in its books."""

    booked: Booked
    ledgers: dict[int, Ledger]


class _Subtracted(msgspec.Struct, frozen=True):
    """A difference, and the two ledgers that it is of. It holds as long as these two are in effect."""

    earlier: Ledger
    later: Ledger
    difference: Difference


class Views:
    """Loads views."""

    def __init__(self, stores: Stores) -> None:
        self._clusters = stores.of(ClusterStore)
        self._catalogues = stores.of(CatalogueStore)
        self._ledgers = stores.of(LedgerStore)
        self._objectives = stores.of(ObjectiveStore)
        self.slot_seconds = stores.slot_seconds
        self._retired_grace_seconds = stores.tables.number("RETIRED_GRACE_SECONDS", RETIRED_GRACE_SECONDS)
        self._clock = stores.clock
        self._freshness = Freshness(stores)
        self._readers = ThreadPoolExecutor(_READERS)
        self._corrected = CorrectedLedgers(stores)
        self._live = LiveLedgers(stores, self._readers)
        self._held: dict[str, _Held] = {}
        """By cluster."""
        self._subtracted: dict[tuple[str, Window], _Subtracted] = {}
        """By cluster and window."""

    def state(self, cluster_id: str) -> ClusterState:
        """The cluster's state. Raises NotFoundError."""
        state = self._clusters.get(cluster_id)
        if state is None:
            raise not_found.cluster(cluster_id)
        return state

    def is_stale(self, state: ClusterState) -> bool:
        """Whether the cluster has been silent for five minutes."""
        return self._clock() - state.received_at > STALE_SECONDS

    def of(self, cluster_id: str, asked: WindowParameters, *, as_of: int | None = None) -> View:
        """The requested view. `as_of` is the first page's end.

        Raises NotFoundError (unknown cluster) or BadRequestError (names the field).
        """
        state = self.state(cluster_id)
        live = self._live_ledger(state, as_of)
        end = live.at if live else state.watermark if as_of is None else min(as_of, state.watermark)
        if asked.start is None and asked.end is None:
            window, previous = ending_at(end, days(asked.time_range) * DAY_SECONDS, self.slot_seconds)
            return self._between(state, window, previous, asked.time_range, end, live)
        window, previous = self._free_window(end, asked)
        view = self._between(state, window, previous, nearest(window.seconds), end, live)
        return msgspec.structs.replace(view, is_free=True)

    def _live_ledger(self, state: ClusterState, as_of: int | None) -> Live | None:
        catalogue = partial(self._catalogues.of_version, state.cluster_id, state.catalogue_version)
        live = self._live.of(state, catalogue)
        if as_of is None or (live and live.at == as_of):
            return live
        return self._live.at(state, as_of, catalogue) if as_of % self.slot_seconds or as_of > state.watermark else None

    def live(self, state: ClusterState) -> View | None:
        """The view of the moment of the last snapshot, without a window; None if it cannot be seen yet."""
        live = self._live_ledger(state, None)
        if live is None:
            return None
        moment = Window(live.at, live.at)
        return self._between(state, moment, moment, TIME_RANGES[-1], live.at, live)

    def booked(self, state: ClusterState, window: Window, previous: Window, time_range: TimeRange) -> View:
        """The view of two windows that are booked."""
        return self._between(state, window, previous, time_range, state.watermark, None)

    def _between(
        self,
        state: ClusterState,
        window: Window,
        previous: Window,
        time_range: TimeRange,
        end: int,
        live: Live | None,
    ) -> View:
        """The view of these windows. All figures end at `end`; those after the watermark are of `live`."""
        saved = self._readers.submit(self._objectives.kept, state.cluster_id)
        read = self._readers.submit(self._catalogues.of_version, state.cluster_id, state.catalogue_version)
        self._in_effect(state, live, _times([window, previous]))
        kept, catalogue = saved.result(), read.result()
        since = min(previous.start, end - LONGEST_BURN_SECONDS)
        excluded = left_out(kept.exclusions, catalogue, since, end, self.slot_seconds)
        view = View(
            state=msgspec.structs.replace(state, watermark=end),
            catalogue=catalogue,
            objectives=Objectives(kept.objectives),
            exclusions=kept.exclusions,
            excluded=excluded,
            excluded_since=since,
            time_range=time_range,
            is_free=False,
            current=_NOTHING,
            previous=_NOTHING,
            booked_until=state.watermark,
            live=live,
            is_stale=self.is_stale(state),
            fresh_until=self._freshness.until(state),
            retired_grace_seconds=self._retired_grace_seconds,
        )
        current, before = self.differences(view, [window, previous])
        return msgspec.structs.replace(view, current=current, previous=before)

    def since(self, view: View, time: int) -> View:
        """The same view, with everything left out that is excluded since a time.

        Ledgers of one view belong together: of those that were taken with different beginnings, no difference is right.
        """
        if time >= view.excluded_since:
            return view
        excluded = left_out(view.exclusions, view.catalogue, time, view.state.watermark, self.slot_seconds)
        return msgspec.structs.replace(view, excluded=excluded, excluded_since=time)

    def ledgers(self, view: View, times: Iterable[int]) -> dict[int, Ledger]:
        """The ledgers in effect at these times, without what is excluded; before 1970 the empty one."""
        state = _booked_state(view)
        found = self._in_effect(state, view.live, {max(0, time) for time in times})
        return self.corrected(view, found) if view.excluded else found

    def reading(self, view: View, times: Iterable[int]) -> Future[dict[int, Ledger]]:
        """Begin to read these ledgers. Read no others before the result is there."""
        return self._readers.submit(self.ledgers, view, times)

    def corrected(self, view: View, ledgers: Mapping[int, Ledger]) -> dict[int, Ledger]:
        """Ledgers by time without what is excluded."""
        state, now = _booked_state(view), view.state.watermark
        in_effect, booked = partial(self._in_effect, state, view.live), Booked(state.generation, state.watermark)
        return self._corrected.of(state.cluster_id, ledgers, view.excluded, view.catalogue, now, in_effect, booked)

    def differences(self, view: View, windows: Sequence[Window]) -> list[Difference]:
        """The difference of each window of a view's cluster; times before 1970 count as 1970."""
        times = _times(windows)
        view = self.since(view, min(times, default=view.excluded_since))
        ledgers = self.ledgers(view, times)
        found = [
            self._difference(view, each, ledgers[max(0, each.start)], ledgers[max(0, each.end)]) for each in windows
        ]
        while len(self._subtracted) > _REMEMBERED_DIFFERENCES:
            del self._subtracted[next(iter(self._subtracted))]
        return found

    def last(self, view: View, lengths: Iterable[int]) -> list[Difference]:
        """The differences of windows of so many seconds that end with a view's figures."""
        end = view.state.watermark
        return self.differences(view, [ending_at(end, length, self.slot_seconds)[0] for length in lengths])

    def _difference(self, view: View, window: Window, earlier: Ledger, later: Ledger) -> Difference:
        """The difference of two ledgers that are in effect at a window's bounds, without what is excluded.

        If the same two ledgers are in effect, the same is excluded between them: a ledger without what is excluded
        before it is another one for whatever else is excluded.
        """
        cluster_id = view.state.cluster_id
        known = self._subtracted.pop((cluster_id, window), None)
        if known is None or known.earlier is not earlier or known.later is not later:
            found = difference(earlier, later, window.start, window.end)
            if view.excluded:
                since = found.end - found.observable_seconds
                gone = excluded_seconds(view.excluded, since, found.end)
                found = msgspec.structs.replace(found, excluded_seconds=gone)
            known = _Subtracted(earlier, later, found)
        self._subtracted[cluster_id, window] = known
        return known.difference

    def _in_effect(self, state: ClusterState, live: Live | None, times: Set[int]) -> dict[int, Ledger]:
        ledgers = self._booked(state, {time for time in times if live is None or time <= live.since})
        if live is not None:
            ledgers |= {time: live.ledger_at(time) for time in times if time > live.since}
        return ledgers

    def _booked(self, state: ClusterState, times: Iterable[int]) -> dict[int, Ledger]:
        """The ledgers in effect at these times.

        Recent ones are read consistently, so the ledger of a watermark that a reader sees is always found.
        """
        held = self._still_held(state)
        if missing := set(times) - held.keys():
            recent = {time for time in missing if time > state.watermark - _RECENT_SECONDS}
            old = self._readers.submit(self._ledgers.stored_at, state.cluster_id, missing - recent, consistent=False)
            stored = self._ledgers.stored_at(state.cluster_id, recent, consistent=True) | old.result()
            others = sorted(missing - stored.keys())
            read = self._readers.map(partial(self._ledgers.at, state.cluster_id, consistent=True), others)
            held |= stored | dict(zip(others, read, strict=True))
        found = {time: held[time] for time in times}
        rows = sum(len(ledger.rows) for ledger in held.values())
        while len(held) > _REMEMBERED_LEDGERS and rows > _REMEMBERED_ROWS:
            rows -= len(held.pop(next(iter(held))).rows)
        return found

    def _still_held(self, state: ClusterState) -> dict[int, Ledger]:
        """The ledgers that are known to be in the cluster's books."""
        booked = Booked(state.generation, state.watermark)
        held = self._held.pop(state.cluster_id, None)
        if held is None or not held.booked.goes_on(booked):
            held = _Held(booked, {})
        elif held.booked != booked:
            known = {time: ledger for time, ledger in held.ledgers.items() if time <= held.booked.watermark}
            held = _Held(booked, known)
        self._held[state.cluster_id] = held
        while len(self._held) > _REMEMBERED:
            del self._held[next(iter(self._held))]
        return held.ledgers

    def _free_window(self, watermark: int, asked: WindowParameters) -> tuple[Window, Window]:
        end = watermark if asked.end is None else asked.end.timestamp()
        start = end - days(asked.time_range) * DAY_SECONDS if asked.start is None else asked.start.timestamp()
        if end - start > LONGEST_WINDOW_SECONDS:
            raise invalid("from", f"A window may be at most {LONGEST_WINDOW_SECONDS // DAY_SECONDS} days long.")
        if asked.start is not None and asked.end is not None and start >= end:
            raise invalid("from", "The window ends before it begins: give a `from` that is earlier than `to`.")
        window, previous = between(start, end, watermark, self.slot_seconds)
        if window.start < 0 or window.seconds <= 0:
            raise invalid(
                "from",
                "The window is empty after snapping to stored bounds. Start it earlier: figures end at "
                f"{utc(watermark).isoformat()}.",
            )
        return window, previous


def _times(windows: Iterable[Window]) -> set[int]:
    return {max(0, time) for each in windows for time in (each.start, each.end)}


def _booked_state(view: View) -> ClusterState:
    return msgspec.structs.replace(view.state, watermark=view.booked_until)


def known_domain(reporter: Reporter, asked: str) -> str:
    """The domain that was asked for, as its rules write it. Raises NotFoundError."""
    name = find(reporter.known_names, asked)
    if name is None:
        raise not_found.domain(asked)
    return name


def known_entries(reporter: Reporter, domain: str, path_prefix: str | None) -> Sequence[Entry]:
    """The entries of a known domain or of one of its routes. Raises NotFoundError."""
    if path_prefix is not None and not reporter.knows(domain, path_prefix):
        raise not_found.route(domain, path_prefix)
    return reporter.entries(domain, path_prefix)


def cluster_header(state: ClusterState, *, is_stale: bool, fresh_until: datetime, booked_until: int) -> dict[str, Any]:
    """The fields of Answer. `state.watermark` is the end of the figures."""
    labels = (NO_ROUTER_LABELS,) if state.router_labels is False else ()
    return {
        "cluster_id": state.cluster_id,
        "as_of": utc(state.watermark) if state.watermark else None,
        "booked_until": utc(booked_until) if booked_until else None,
        "fresh_until": fresh_until,
        "last_snapshot_at": utc(state.received_at),
        "stale": is_stale,
        "router_labels": state.router_labels,
        "warnings": (*labels, *state.warnings),
    }


def _window(part: Difference) -> WindowAnswer | None:
    return WindowAnswer(utc(max(0, part.start)), utc(part.end)) if part.end > 0 else None
