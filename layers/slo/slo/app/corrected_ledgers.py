"""The ledgers of a cluster without excluded times, for readers. Nothing of it is stored."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import NamedTuple

import msgspec

from slo.app.stores import Stores
from slo.counting.catalogue import Catalogue
from slo.counting.columns import Columns
from slo.counting.corrections import Corrections, Excluded, disjoint
from slo.counting.counts import Counts, total
from slo.counting.ledger import Ledger, LedgerRow, LedgerRows
from slo.counting.retention import HOURLY_KEPT_SECONDS
from slo.counting.windows import snap
from slo.objectives.exclusions import Exclusion, on_slots
from slo.store.books import HourlyBooks
from slo.times import HOUR_SECONDS
from slo.traefik.domains import canonical

_REMEMBERED = 64
_REMEMBERED_PAST = 8
InEffect = Callable[[Set[int]], Mapping[int, Ledger]]
"""The ledgers that are in effect at some times, as they are stored."""


class Booked(NamedTuple):
    """How far the books of a cluster are."""

    generation: int
    watermark: int

    def goes_on(self, later: "Booked") -> bool:
        """Whether what was booked then is the same later.

        A rollup that follows directly, and moves the watermark on, writes ledgers after the old one only. Whatever
        writes other ledgers takes a claim that is further on, or moves the watermark back.
        """
        if self.generation == later.generation:
            return self.watermark <= later.watermark
        return self.generation + 1 == later.generation and self.watermark < later.watermark


class CorrectedLedgers:
    """Leaves out what is excluded. A warm function keeps the last results."""

    def __init__(self, stores: Stores) -> None:
        self._hourly = stores.of(HourlyBooks)
        self._slot_seconds = stores.slot_seconds
        self._known: dict[tuple[str, int, tuple[Excluded, ...]], tuple[Ledger, Ledger]] = {}
        """What is stored and what is left of it, by cluster, time and what is excluded."""
        self._past: dict[tuple[str, tuple[Excluded, ...]], tuple[Booked, Corrections]] = {}

    def of(
        self,
        cluster_id: str,
        ledgers: Mapping[int, Ledger],
        excluded: tuple[Excluded, ...],
        catalogue: Catalogue,
        now: int,
        in_effect: InEffect,
        booked: Booked,
    ) -> dict[int, Ledger]:
        """The ledgers by time without what is excluded. `now` is the end of the figures, Unix seconds."""
        found: dict[int, Ledger] = {}
        missing: dict[int, Ledger] = {}
        for time, ledger in ledgers.items():
            known = self._known.get((cluster_id, time, excluded))
            if known is not None and known[0] is ledger:
                found[time] = known[1]
            else:
                missing[time] = ledger
        if missing:
            corrections = self._corrections(cluster_id, excluded, catalogue, now, in_effect, booked)
            for time, ledger in missing.items():
                found[time] = corrections.of(ledger, time)
                self._known[cluster_id, time, excluded] = (ledger, found[time])
        while len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]
        return found

    def _corrections(
        self,
        cluster_id: str,
        excluded: tuple[Excluded, ...],
        catalogue: Catalogue,
        now: int,
        in_effect: InEffect,
        booked: Booked,
    ) -> Corrections:
        """Those of times that are over hold until other books than the next ones are written."""
        known = self._past.pop((cluster_id, excluded), None)
        if known is None or not known[0].goes_on(booked):
            known = booked, self._read(cluster_id, excluded, catalogue, now, in_effect)
        if excluded[-1].end <= booked.watermark:
            self._past[cluster_id, excluded] = booked, known[1]
        while len(self._past) > _REMEMBERED_PAST:
            del self._past[next(iter(self._past))]
        return known[1]

    def _read(
        self, cluster_id: str, excluded: Sequence[Excluded], catalogue: Catalogue, now: int, in_effect: InEffect
    ) -> Corrections:
        times = {time for each in excluded for time in (each.start, each.end) if time <= now}
        ledgers = dict(in_effect(times | {now}))
        for time in times:
            if snap(time, now, self._slot_seconds) != time:
                ids = frozenset[int]().union(*(each.entry_ids for each in excluded))
                ledgers[time] = self._edge(cluster_id, time, ids, catalogue, ledgers[time], ledgers[now])
        return Corrections(excluded, ledgers)

    def _edge(
        self, cluster_id: str, time: int, ids: frozenset[int], catalogue: Catalogue, at_hour: Ledger, latest: Ledger
    ) -> Ledger:
        """The ledger of a slot that is kept no more: that of the hour, and the hour's book up to then.

        Hourly books are kept for 90 days. An end of an exclusion that is older is that of the hour, or of the day.
        """
        hour = time - time % HOUR_SECONDS
        if at_hour.at > hour or latest.at - time > HOURLY_KEPT_SECONDS:
            return at_hour
        counts, delayed = self._gained(cluster_id, hour, time, ids, catalogue)
        return msgspec.structs.replace(
            at_hour,
            rows=_grown(LedgerRows.of(at_hour.rows), counts, time, latest.rows),
            delayed=_grown(LedgerRows.of(at_hour.delayed), delayed, time, latest.delayed),
        )

    def _gained(
        self, cluster_id: str, hour: int, time: int, ids: frozenset[int], catalogue: Catalogue
    ) -> tuple[dict[int, Counts], dict[int, Counts]]:
        """What entries gained in an hour up to a time, and the part of it that came at the end of gaps, by entry."""
        served = {domain for entry in catalogue.entries if entry.id in ids for domain, _ in entry.routes}
        found: dict[int, list[Counts]] = {}
        late: dict[int, list[Counts]] = {}
        for domain in sorted(served):
            steps = [
                step
                for book in self._hourly.between(cluster_id, domain, hour, hour + 1)
                for step in book.steps[: (time - hour) // book.step_seconds]
            ]
            for entry_id in {key for step in steps for key in step.counts.keys() & ids} - found.keys():
                found[entry_id] = [step.counts[entry_id] for step in steps if entry_id in step.counts]
                late[entry_id] = [step.delayed[entry_id] for step in steps if entry_id in step.delayed]
        return {key: total(each) for key, each in found.items()}, {
            key: total(each) for key, each in late.items() if each
        }


def _grown(rows: LedgerRows, gained: Mapping[int, Counts], time: int, latest: Mapping[int, LedgerRow]) -> LedgerRows:
    """The rows with what was gained until a time. A row that began in this hour began when the latest ledger says."""
    grown, later = rows.plus(Columns.of(gained), time), LedgerRows.of(latest)
    began = {entry_id: later[entry_id].since for entry_id in gained if entry_id not in rows and entry_id in later}
    return LedgerRows(
        grown.counts,
        [began.get(entry_id, since) for entry_id, since in zip(grown, grown.since, strict=True)],
        grown.changed_at,
    )


def left_out(
    exclusions: Iterable[Exclusion], catalogue: Catalogue, start: float, now: int, slot_seconds: int
) -> tuple[Excluded, ...]:
    """What is excluded from a time until now, with the ends that ledgers and hourly books still know.

    Ends that are older than 90 days are those of the hour, or of the day.
    """

    def known(time: int) -> int:
        return time if now - time <= HOURLY_KEPT_SECONDS else snap(time, now, slot_seconds)

    excluded = excluded_between(exclusions, catalogue, start, now, slot_seconds)
    found = (each._replace(start=known(each.start), end=known(each.end)) for each in excluded)
    return tuple(each for each in found if each.start < each.end)


def excluded_between(
    exclusions: Iterable[Exclusion], catalogue: Catalogue, start: float, end: float, slot_seconds: int
) -> tuple[Excluded, ...]:
    """What is excluded in a time, as entries in disjoint slots."""
    return disjoint(
        Excluded(*times, excluded_ids(exclusion, catalogue))
        for exclusion in exclusions
        for times in on_slots(exclusion.occurrences(start, end), slot_seconds)
    )


def excluded_ids(exclusion: Exclusion, catalogue: Catalogue) -> frozenset[int]:
    """Everything that was ever counted for its subject."""
    subject = exclusion.subject
    if not subject.domain:
        return frozenset(entry.id for entry in catalogue.entries)
    return frozenset(
        entry.id
        for (domain, path), entries in catalogue.entries_of.items()
        if canonical(domain) == subject.domain and subject.path_prefix in ("", path)
        for entry in entries
    )
