"""Rollup: computes the next ledgers from a ledger and the samples since. Pure: no clock, no storage.

An increase belongs to the slot of the later sample, or to the first open slot if that one is closed. So the sum over
all slots equals the sum of all increases, and closed slots never change.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

import msgspec

from slo.counting.catalogue import Catalogue, Entry
from slo.counting.codes import with_one_zero
from slo.counting.counts import Counts
from slo.counting.families import families, rest
from slo.counting.increases import SIMULTANEOUS_SECONDS, SeriesName, contradicts, increases
from slo.counting.ledger import (
    SILENCE_SECONDS,
    BookedProcess,
    Gap,
    Ledger,
    LedgerRow,
    LedgerRows,
    WatchedScope,
    with_gap,
)
from slo.counting.processes import START_TOLERANCE_SECONDS, Sighting, find_process
from slo.counting.retention import PRUNE_SECONDS, RAW_KEPT_SECONDS
from slo.structs import like
from slo.times import DAY_SECONDS, HOUR_SECONDS, ceil_to
from slo.traefik.snapshots import MeasuredBy


class Sample(Sighting, frozen=True, kw_only=True):
    """One raw item: the cumulative values of one Traefik process at one instant.

    `pod` is empty if an agent ran but could not scrape any process.
    """

    sample_key: str
    taken_at: float
    """Unix seconds by the agent's clock; determines the slot."""
    scope: str
    measured_by: MeasuredBy
    rows: dict[int, Counts]
    """By catalogue entry id."""
    wire_version: int = 1
    """The version of its snapshot. Version 1 wrote gRPC's OK as the code `0`."""
    may_be_cut: bool = False
    """Whether it has no series although routes are declared, from an agent that does not notice a cut answer."""


def roll_up(
    ledger: Ledger,
    catalogue: Catalogue,
    last_samples: Mapping[str, Sample],
    samples: Collection[Sample],
    *,
    watermark: int,
    cutoff: int,
    slot_seconds: int,
) -> list[Ledger]:
    """The ledgers to write, oldest first: one at the end of each slot in which something was booked.

    The last ledger is repeated at the end of its hour and of its day, because those items are kept longer.
    `last_samples` are the samples that `ledger.processes` names, by sample key; if one has expired, the next sample of
    its process is a baseline. Slots up to `watermark` are closed; slots from there to `cutoff` are booked.
    """
    book = _OpenLedger(ledger, catalogue, {**last_samples, **{sample.sample_key: sample for sample in samples}})
    slots = defaultdict[int, list[Sample]](list)
    for sample in samples:
        slots[_slot_end(sample, watermark, slot_seconds)].append(sample)
    booked = [book.slot(end, slots[end]) for end in sorted(slots) if end <= cutoff]
    return _with_period_ends([ledger, *booked], watermark, cutoff)[1:]


def _slot_end(sample: Sample, watermark: int, slot_seconds: int) -> int:
    return max(ceil_to(sample.taken_at, slot_seconds), watermark + slot_seconds)


def _with_period_ends(ledgers: list[Ledger], after: int, until: int) -> list[Ledger]:
    """Repeat each ledger at the end of its hour and of its day, unless another ledger is there."""
    return [repeated for ledger, following in _pairs(ledgers, until) for repeated in _repeats(ledger, after, following)]


def _pairs(ledgers: list[Ledger], until: int) -> Iterator[tuple[Ledger, int]]:
    ends = [*(ledger.at for ledger in ledgers[1:]), until + 1]
    return zip(ledgers, ends, strict=True)


def _repeats(ledger: Ledger, after: int, following: int) -> Iterator[Ledger]:
    yield ledger
    ends = {ceil_to(ledger.changed_at, period) for period in (HOUR_SECONDS, DAY_SECONDS)}
    for end in sorted(ends):
        if ledger.rows and max(ledger.at, after) < end < following:
            yield msgspec.structs.replace(ledger, at=end)


Owed = dict[int, dict[str, int]]


class _OpenLedger:
    """The open ledger while samples are booked into it."""

    def __init__(self, ledger: Ledger, catalogue: Catalogue, samples: Mapping[str, Sample]) -> None:
        self._ledger = msgspec.structs.replace(ledger, scopes=dict(ledger.scopes))
        self._rows = dict(ledger.rows)
        self._entries: dict[int, Entry] = catalogue.by_id()
        self._next_id = catalogue.next_id
        self._families = families(catalogue)
        self._samples = samples

    def slot(self, end: int, samples: list[Sample]) -> Ledger:
        """Book the samples of one slot, in order. Returns the ledger at its end."""
        ledger = self._ledger
        ledger.at = ledger.changed_at = end
        self._watch(samples)
        for sample in sorted(samples, key=lambda sample: (sample.pod, sample.order)):
            if sample.pod:
                self._book(sample)
        self._forget()
        self._round()
        return msgspec.structs.replace(ledger, rows=LedgerRows.of(self._rows), scopes=dict(ledger.scopes))

    def _round(self) -> None:
        """Round as storage does, so that one run over many slots gives the same ledgers as one run per slot."""
        ledger = self._ledger
        ledger.watched_seconds = round(ledger.watched_seconds, 3)
        ledger.process_seconds = round(ledger.process_seconds, 3)
        ledger.observed_seconds = round(ledger.observed_seconds, 3)

    def _watch(self, samples: list[Sample]) -> None:
        ledger = self._ledger
        for sample in sorted(samples, key=lambda sample: sample.observed_at):
            seen_at = sample.observed_at
            scope = ledger.scopes.get(sample.scope)
            if scope is None or seen_at - scope.last_at > RAW_KEPT_SECONDS:
                scope = WatchedScope(seen_at, seen_at)
            ledger.scopes[sample.scope] = WatchedScope(min(scope.first_at, seen_at), max(scope.last_at, seen_at))
            if ledger.watched_at and 0 < seen_at - ledger.watched_at <= SILENCE_SECONDS:
                ledger.watched_seconds += seen_at - ledger.watched_at
            ledger.watched_since = ledger.watched_since or seen_at
            ledger.watched_at = max(ledger.watched_at, seen_at)

    def _book(self, sample: Sample) -> None:
        known = find_process(self._ledger.processes, sample)
        if known is None:
            self._begin(sample)
        elif sample.is_after(known):
            self._continue(known, sample)

    def _begin(self, sample: Sample) -> None:
        """A new process counts with its whole values if it started after we began to watch; otherwise not at all.

        If it seems to have started just before, it was not ready then: we would know it.
        """
        owed: Owed = {}
        watched = sample.observed_at - self._ledger.scopes[sample.scope].first_at
        if watched > 0 and sample.age < min(watched + START_TOLERANCE_SECONDS, RAW_KEPT_SECONDS):
            owed = self._add(sample, self._named(sample, sample.measured_by), {})
            self._observe(max(0.0, sample.age), sample.observed_at)
        self._ledger.processes = (*self._ledger.processes, like(BookedProcess, sample, owed=owed))

    def _continue(self, known: BookedProcess, sample: Sample) -> None:
        measured_by: MeasuredBy = "router" if "router" in (known.measured_by, sample.measured_by) else "service"
        last, owed = self._samples.get(known.sample_key), known.owed
        if last is not None:
            if sample.may_be_cut and last.rows:
                return
            earlier = self._named(last, known.measured_by)
            later = self._named(sample, measured_by)
            if last.wire_version != sample.wire_version:
                earlier, later = _with_one_zero(earlier), _with_one_zero(later)
            if sample.age - known.age <= SIMULTANEOUS_SECONDS and contradicts(earlier, later):
                return
            owed = self._add(sample, increases(earlier, later), owed)
            self._observe(max(0.0, sample.observed_at - known.observed_at), sample.observed_at)
        others = (process for process in self._ledger.processes if process is not known)
        self._ledger.processes = (
            *others,
            like(BookedProcess, sample, measured_by=measured_by, owed=owed),
        )

    def _named(self, sample: Sample, measured_by: MeasuredBy) -> dict[SeriesName, Counts]:
        """Counts by series name; none if a process that had router series has only service series now."""
        if sample.measured_by != measured_by:
            return {}
        return {
            self._entries[entry_id].name: counts for entry_id, counts in sample.rows.items() if self._is_kept(entry_id)
        }

    def _is_kept(self, entry_id: int) -> bool:
        """False if clean-up has deleted the entry. True for ids that were never assigned: these raise KeyError."""
        return entry_id in self._entries or entry_id >= self._next_id

    def _add(self, sample: Sample, gained: Mapping[SeriesName, Counts], owed: Owed) -> Owed:
        """Book what a process gained. Of a parent router only what no child took. Returns what is owed from now on."""
        ledger = self._ledger
        kept = filter(self._is_kept, sample.rows)
        found = {key: counts for key in kept if (counts := gained.get(self._entries[key].name)) is not None}
        left: Owed = {}
        for family in self._families:
            own = rest(family, found, owed.get(family.parents[0], {}))
            found = {key: counts for key, counts in found.items() if key not in family.parents} | own.counts
            if own.owed:
                left[family.parents[0]] = own.owed
        for entry_id, counts in found.items():
            if counts.is_empty:
                continue
            row = self._rows.get(entry_id) or LedgerRow(ledger.at, ledger.at, Counts())
            self._rows[entry_id] = LedgerRow(row.since, ledger.at, row.counts.plus(counts))
        return left

    def _observe(self, seconds: float, until: float) -> None:
        ledger = self._ledger
        ledger.process_seconds += seconds
        if seconds <= SILENCE_SECONDS:
            ledger.observed_seconds += seconds
        else:
            ledger.gaps = with_gap(ledger.gaps, Gap(until - seconds, until))

    def _forget(self) -> None:
        ledger = self._ledger
        oldest = ledger.watched_at - RAW_KEPT_SECONDS
        ledger.processes = tuple(process for process in ledger.processes if process.observed_at >= oldest)
        ledger.scopes = {name: scope for name, scope in ledger.scopes.items() if scope.last_at >= oldest}
        pruned = [
            key
            for key, row in self._rows.items()
            if row.changed_at < ledger.at - PRUNE_SECONDS or not self._is_kept(key)
        ]
        for entry_id in pruned:
            del self._rows[entry_id]


def _with_one_zero(series: dict[SeriesName, Counts]) -> dict[SeriesName, Counts]:
    return {name: msgspec.structs.replace(counts, codes=with_one_zero(counts.codes)) for name, counts in series.items()}
