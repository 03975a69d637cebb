"""Status history: rollup writes it once for each change, and the API reads it."""

from collections.abc import Iterator, Set
from itertools import islice

import msgspec

from slo.api import answers
from slo.api.pages import Cursor
from slo.api.parameters import StatusHistoryParameters, invalid
from slo.app.corrected_ledgers import Booked, CorrectedLedgers, excluded_between
from slo.app.stores import Stores
from slo.app.views import Views
from slo.counting.catalogue import Catalogue
from slo.counting.ledger import Ledger, difference
from slo.counting.retention import STATUSES_KEPT_SECONDS
from slo.counting.windows import ending_at
from slo.objectives.objective import Objectives
from slo.objectives.reports import Reporter
from slo.objectives.status_changes import StatusFigures, Transition, status_book, status_figures
from slo.objectives.targets import Subject
from slo.store.errors import WriteRefusedError
from slo.store.ledgers import LedgerStore
from slo.store.objectives import ObjectiveStore
from slo.store.status_history import StatusStore
from slo.times import DAY_SECONDS, TIME_RANGES, days, time_range_of, utc
from slo.traefik.domains import canonical


class StatusesKept(msgspec.Struct, frozen=True):
    """What one run did to a cluster's status history."""

    changes: int
    refusal: str = ""
    """Why the changes could not be written. The next run finds them again, at its own time."""


class StatusKeeper:
    """Stores the status changes of a rollup."""

    def __init__(self, stores: Stores) -> None:
        self._statuses = stores.of(StatusStore)
        self._ledgers = stores.of(LedgerStore)
        self._objectives = stores.of(ObjectiveStore)
        self._corrected = CorrectedLedgers(stores)
        self._slot_seconds = stores.slot_seconds

    def keep(
        self, cluster_id: str, catalogue: Catalogue, ledger: Ledger, watermark: int, cutoff: int, generation: int
    ) -> StatusesKept:
        """Compare all statuses at `cutoff` with those at `watermark`, and store the changes.

        Books after `watermark` were left by a worker that died, so they are deleted first. Raises LostClaimError.
        """
        self._statuses.clear(cluster_id, watermark, generation)
        before = self._statuses.latest(cluster_id, watermark)
        now = dict(self._status_figures(cluster_id, catalogue, ledger, cutoff, generation))
        found = status_book(cutoff, before.statuses if before else {}, now)
        if before is None or before.statuses != found.statuses:
            try:
                self._statuses.put(cluster_id, found, generation)
            except WriteRefusedError as error:
                return StatusesKept(0, str(error))
        return StatusesKept(len(found.changes))

    def _status_figures(
        self, cluster_id: str, catalogue: Catalogue, ledger: Ledger, cutoff: int, generation: int
    ) -> Iterator[tuple[str, StatusFigures]]:
        kept = self._objectives.kept(cluster_id)
        objectives = Objectives(kept.objectives)
        windows = {each: ending_at(cutoff, days(each) * DAY_SECONDS, self._slot_seconds)[0] for each in TIME_RANGES}
        starts = {max(0, window.start) for window in windows.values()}

        def in_effect(times: Set[int]) -> dict[int, Ledger]:
            return {time: ledger if time >= cutoff else self._ledgers.at(cluster_id, time) for time in times}

        ledgers = in_effect({*starts, cutoff})
        excluded = excluded_between(kept.exclusions, catalogue, min(starts), cutoff, self._slot_seconds)
        booked = Booked(generation, cutoff)
        if excluded:
            ledgers = self._corrected.of(cluster_id, ledgers, excluded, catalogue, cutoff, in_effect, booked)
        for time_range, window in windows.items():
            start = ledgers[max(0, window.start)]
            current = difference(start, ledgers[cutoff], window.start, window.end)
            nothing = difference(start, start, window.start, window.start)
            yield from status_figures(
                Reporter(catalogue, current, nothing, time_range=time_range, objectives=objectives).report(), time_range
            )


class StatusHistory:
    """Reads status changes, newest first."""

    def __init__(self, stores: Stores, views: Views) -> None:
        self._views = views
        self._statuses = stores.of(StatusStore)

    def changes(self, cluster_id: str, asked: StatusHistoryParameters) -> answers.StatusHistoryAnswer:
        """A page of changes. Raises NotFoundError or BadRequestError."""
        if asked.path_prefix is not None and asked.domain is None:
            raise invalid("path_prefix", "A path belongs to a domain. Give `domain` as well.")
        watermark = self._views.state(cluster_id).watermark
        cursor = Cursor.read(asked.cursor)
        end = min(watermark, cursor.as_of if cursor else watermark)
        start = end - STATUSES_KEPT_SECONDS
        if asked.end is not None:
            end = min(end, int(asked.end.timestamp()))
        if asked.start is not None:
            start = max(start, int(asked.start.timestamp()) + 1)
        matching = self._matching(cluster_id, asked, max(0, start), max(0, end), cursor)
        found = list(islice(matching, asked.limit + 1))
        shown = found[: asked.limit]
        following = Cursor(shown[-1][0], shown[-1][1].key).text() if len(found) > asked.limit else None
        return answers.StatusHistoryAnswer(
            cluster_id=cluster_id, changes=tuple(_answer(*change) for change in shown), next_cursor=following
        )

    def _matching(
        self, cluster_id: str, asked: StatusHistoryParameters, start: int, end: int, cursor: Cursor | None
    ) -> Iterator[tuple[int, Transition]]:
        if start > end:
            return
        for kept in self._statuses.newest_first(cluster_id, start, end):
            for change in kept.changes:
                is_seen = cursor is not None and kept.at == cursor.as_of and change.key <= cursor.after
                if not is_seen and _is_asked_for(change.key, asked):
                    yield kept.at, change


def _is_asked_for(key: str, asked: StatusHistoryParameters) -> bool:
    time_range, subject = Subject.of_key(key)
    return (
        (asked.time_range is None or time_range == asked.time_range)
        and (asked.domain is None or canonical(subject.domain) == canonical(asked.domain))
        and (asked.path_prefix is None or subject.path_prefix == asked.path_prefix)
    )


def _answer(at: int, change: Transition) -> answers.StatusChange:
    name, subject = Subject.of_key(change.key)
    return answers.StatusChange(
        at=utc(at),
        domain=subject.domain,
        path_prefix=subject.path_prefix or None,
        time_range=time_range_of(name),
        old_status=change.old_status,
        new_status=change.new.status,
        availability=change.new.availability,
        p95_latency=change.new.p95_latency,
        error_budget_remaining=change.new.error_budget_remaining,
    )
