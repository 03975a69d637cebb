"""Rollup: computes the next ledgers from a ledger and the samples since. Pure: no clock, no storage.

An increase belongs to the slot of the later sample, or to the first open slot if that one is closed. So the sum over
all slots equals the sum of all increases, and closed slots never change.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Set

import msgspec

from slo.counting.catalogue import Catalogue, Entry
from slo.counting.codes import with_one_zero
from slo.counting.columns import Columns, Table
from slo.counting.counts import Counts
from slo.counting.families import families, rest
from slo.counting.increases import SIMULTANEOUS_SECONDS, SeriesName, contradicts, increases
from slo.counting.ledger import BookedProcess, Ledger, LedgerRow, LedgerRows
from slo.counting.observation import Observer
from slo.counting.processes import START_TOLERANCE_SECONDS, Sighting, find_process
from slo.counting.retention import PRUNE_SECONDS, RAW_KEPT_SECONDS, SLOTS_KEPT_SECONDS
from slo.structs import like
from slo.times import DAY_SECONDS, HOUR_SECONDS, ceil_to
from slo.traefik.snapshots import MeasuredBy


class Sample(Sighting, frozen=True, kw_only=True):
    """One raw item: the cumulative values of one Traefik process at one instant.

    `pod` is empty if an agent ran but could not scrape any process, or not all.
    """

    sample_key: str
    taken_at: float
    """Unix seconds by the agent's clock; determines the slot."""
    scope: str
    measured_by: MeasuredBy
    rows: Mapping[int, Counts]
    """By catalogue entry id."""
    created: dict[int, int] = msgspec.field(default_factory=dict)
    """When the series of an entry were created, Unix milliseconds, as the clock of the node said then. Only what was
    created within the time that raw items are kept; what is older was there in every sample before."""
    knows_created: bool = False
    """Whether Traefik said when its series were created."""
    wire_version: int = 1
    """The version of its snapshot. Version 1 wrote gRPC's OK as the code `0`."""
    unreachable: tuple[str, ...] = ()
    """Running pods of its snapshot that could not be scraped. Only a sample without a pod has them."""
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
        self._ledger = msgspec.structs.replace(ledger, scopes=dict(ledger.scopes), unreachable=dict(ledger.unreachable))
        self._rows, self._delayed = _OpenRows(ledger.rows), _OpenRows(ledger.delayed)
        self._entries: dict[int, Entry] = catalogue.by_id()
        self._next_id = catalogue.next_id
        self._families = families(catalogue)
        self._related = {entry_id for family in self._families for ids in family for entry_id in ids}
        self._samples = samples

    def slot(self, end: int, samples: list[Sample]) -> Ledger:
        """Book the samples of one slot, in order. Returns the ledger at its end."""
        ledger = self._ledger
        ledger.at = ledger.changed_at = end
        self._observer = Observer(ledger)
        self._observer.watch((sample.observed_at, sample.scope) for sample in samples)
        for sample in sorted(samples, key=lambda sample: (sample.pod, sample.order)):
            if sample.pod:
                self._book(sample)
        for sample in sorted(samples, key=lambda sample: sample.observed_at):
            for pod in sample.unreachable:
                self._observer.could_not_reach(pod, sample.observed_at)
        self._observer.close()
        return msgspec.structs.replace(
            ledger,
            rows=self._rows.pruned(end - PRUNE_SECONDS, self._is_kept),
            delayed=self._delayed.pruned(end - SLOTS_KEPT_SECONDS, self._is_kept),
            scopes=dict(ledger.scopes),
            unreachable=dict(ledger.unreachable),
        )

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
            is_delayed = self._observer.began(sample)
            owed = self._add(sample, self._named(sample, sample.measured_by), {}, is_delayed=is_delayed)
        self._ledger.processes = (*self._ledger.processes, self._booked(sample, sample.measured_by, owed))

    def _continue(self, known: BookedProcess, sample: Sample) -> None:
        measured_by: MeasuredBy = "router" if "router" in (known.measured_by, sample.measured_by) else "service"
        last = self._samples.get(known.sample_key)
        gained: dict[SeriesName, Counts] = {}
        steady = Columns(Table())
        if last is not None:
            if sample.may_be_cut and last.rows:
                return
            renewed = self._renewed(last, sample)
            told: set[int] = set()
            if known.measured_by == last.measured_by == sample.measured_by:
                steady, told = self._steady(last, sample, renewed)
            earlier = self._named(last, known.measured_by, told)
            later = self._named(sample, measured_by, told)
            if last.wire_version != sample.wire_version:
                earlier, later = _with_one_zero(earlier), _with_one_zero(later)
            if sample.age - known.age <= SIMULTANEOUS_SECONDS and contradicts(earlier, later):
                return
            gained = increases(earlier, later, renewed)
        is_delayed = self._observer.continued(known, sample)
        owed = self._add(sample, gained, known.owed, is_delayed=is_delayed)
        self._book_all(steady, is_delayed=is_delayed)
        others = (process for process in self._ledger.processes if process is not known)
        self._ledger.processes = (*others, self._booked(sample, measured_by, owed))

    def _booked(self, sample: Sample, measured_by: MeasuredBy, owed: Owed) -> BookedProcess:
        watched_seconds = self._observer.watched_until(sample.observed_at)
        return like(BookedProcess, sample, measured_by=measured_by, watched_seconds=watched_seconds, owed=owed)

    def _steady(self, last: Sample, sample: Sample, renewed: set[SeriesName]) -> tuple[Columns, set[int]]:
        """What the entries gained that are in both samples and neither fell nor were renewed, and these entries.

        Nearly all entries are steady, and columns add them up in a fraction of the time. `increases` decides the
        others, and those of families.
        """
        if last.wire_version != sample.wire_version:
            return Columns(Table()), set()
        earlier, later = Columns.of(last.rows), Columns.of(sample.rows)
        both = (earlier.ids & later.ids & self._entries.keys()) - self._related
        if renewed:
            both = {entry_id for entry_id in both if self._entries[entry_id].name not in renewed}
        gained, fell = later.grown_since(earlier, both)
        return gained, both - fell

    def _named(self, sample: Sample, measured_by: MeasuredBy, told: Set[int] = frozenset()) -> dict[SeriesName, Counts]:
        """Counts by series name of all but the told entries.

        None if a process that had router series has only service series now.
        """
        if sample.measured_by != measured_by:
            return {}
        left = sample.rows.keys() - told
        return {self._entries[key].name: sample.rows[key] for key in sorted(left) if self._is_kept(key)}

    def _renewed(self, last: Sample, sample: Sample) -> set[SeriesName]:
        """The series that were created anew since the last sample. Traefik drops those of a removed router.

        A creation is noted once, so no later step of a clock changes it. One that was too old to be noted, and is young
        enough after a step back, is still older than the last sample.
        """
        if not last.knows_created:
            return set()
        before, after, noted = self._created(last), self._created(sample), last.date * 1000
        return {name for name, at in after.items() if (before[name] != at if name in before else at > noted)}

    def _created(self, sample: Sample) -> dict[SeriesName, int]:
        return {self._entries[key].name: at for key, at in sample.created.items() if self._is_kept(key)}

    def _is_kept(self, entry_id: int) -> bool:
        """False if clean-up has deleted the entry. True for ids that were never assigned: these raise KeyError."""
        return entry_id in self._entries or entry_id >= self._next_id

    def _add(self, sample: Sample, gained: Mapping[SeriesName, Counts], owed: Owed, *, is_delayed: bool) -> Owed:
        """Book what a process gained. Of a parent router only what no child took. Returns what is owed from now on."""
        kept = filter(self._is_kept, sample.rows if gained else ())
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
            for rows in (self._rows, self._delayed) if is_delayed else (self._rows,):
                rows.book(entry_id, counts, self._ledger.at)
        return left

    def _book_all(self, gained: Columns, *, is_delayed: bool) -> None:
        for rows in (self._rows, self._delayed) if is_delayed else (self._rows,):
            rows.book_all(gained, self._ledger.at)


class _OpenRows:
    """Rows of the open ledger: columns, and before them the rows that were booked one by one."""

    def __init__(self, rows: Mapping[int, LedgerRow]) -> None:
        self._closed = LedgerRows.of(rows)
        self._open: dict[int, LedgerRow] = {}

    def book(self, entry_id: int, counts: Counts, at: int) -> None:
        """Add what one entry gained until `at`."""
        row = self._open.get(entry_id) or self._closed.get(entry_id) or LedgerRow(at, at, Counts())
        self._open[entry_id] = LedgerRow(row.since, at, row.counts.plus(counts))

    def book_all(self, gained: Columns, at: int) -> None:
        """Add what many entries gained until `at`."""
        if gained:
            self._closed = self._close().plus(gained, at)

    def pruned(self, oldest: int, is_kept: Callable[[int], bool]) -> LedgerRows:
        """All rows that changed since `oldest`. The others are dropped."""
        rows = self._close()
        if not all(map(is_kept, rows)) or min(rows.changed_at, default=oldest) < oldest:
            kept = {key: row for key, row in rows.items() if row.changed_at >= oldest and is_kept(key)}
            self._closed = LedgerRows.of(kept)
        return self._closed

    def _close(self) -> LedgerRows:
        if self._open:
            self._closed, self._open = self._closed.replaced(self._open), {}
        return self._closed


def _with_one_zero(series: dict[SeriesName, Counts]) -> dict[SeriesName, Counts]:
    return {name: msgspec.structs.replace(counts, codes=with_one_zero(counts.codes)) for name, counts in series.items()}
