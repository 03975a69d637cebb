"""The scene: what a cluster's ledgers say at one moment, in windows that end then.

Most entries do not fail. They cost a few sums over columns; only the others are looked at in every window.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set

import msgspec

from slo.counting.catalogue import Entry
from slo.counting.histograms import Histogram
from slo.counting.ledger import Difference, Ledger, LedgerRows, difference
from slo.counting.live import Live
from slo.incidents.incident import Failing
from slo.objectives.metrics import figures, histogram
from slo.objectives.status import latency_share
from slo.objectives.targets import LatencyObjective
from slo.times import MINUTE_SECONDS, ceil_to

OUTAGE_SECONDS = 3 * MINUTE_SECONDS


class Scene:
    """Counts of a cluster's entries in windows that end at `at`."""

    def __init__(
        self,
        live: Live,
        ledgers: Callable[[Iterable[int]], Mapping[int, Ledger]],
        *,
        start_of: Callable[[int], int],
        whole: Ledger | None = None,
    ) -> None:
        """`ledgers` returns the ledgers in effect at times, `start_of` the start of a window of so many seconds.

        `whole` is the live ledger with what is excluded from objectives, if the others are without it: an incident
        counts what failed, whatever is agreed on about it.
        """
        self.at = live.at
        self.unreachable = live.ledger.unreachable
        self._live, self._read, self._start_of = live, ledgers, start_of
        self._whole = whole or live.ledger
        self._ledgers: dict[int, Ledger] = {live.at: live.ledger, **live.recent}
        self._starts = {live.at - time: time for time in live.recent}
        self._suspects: Set[int] = frozenset()
        self._small: dict[int, Ledger] = {}
        self._windows: dict[int, Difference] = {}

    @property
    def recent_seconds(self) -> list[int]:
        """The lengths of the windows from the last snapshots to this one, at most about three minutes; ascending."""
        lengths = sorted(self._live.at - time for time in self._live.recent)
        return [seconds for number, seconds in enumerate(lengths) if not number or seconds <= OUTAGE_SECONDS + 30]

    def read(self, lengths: Iterable[int]) -> None:
        """Read the ledgers of windows of so many seconds, all at once."""
        starts = {seconds: max(0, self._start_of(seconds)) for seconds in lengths if seconds not in self._starts}
        missing = set(starts.values()) - self._ledgers.keys()
        if missing:
            self._ledgers |= self._read(missing)
        self._starts |= starts

    def tallied(self, seconds: int) -> dict[int, tuple[int, int]]:
        """Requests and errors of every entry in a window, by its id."""
        self.read([seconds])
        earlier = self._ledgers[self._starts[seconds]]
        return LedgerRows.of(self._live.ledger.rows).tallies_since(LedgerRows.of(earlier.rows))

    def look_at(self, entry_ids: Set[int]) -> None:
        """Choose the entries that `count` and `slow` know."""
        self._suspects, self._small, self._windows = entry_ids, {}, {}

    def count(self, entries: Sequence[Entry], seconds: int) -> Failing | None:
        """What these entries served in a window; None if nothing was observed."""
        window = self._window(seconds)
        if not window.has_data:
            return None
        found = window.placed.figures
        seen = [found[entry.id] for entry in entries if entry.id in found]
        return Failing(sum(each.requests for each in seen), sum(each.errors for each in seen))

    def slow(self, entries: Sequence[Entry], seconds: int, objective: LatencyObjective) -> Failing | None:
        """The same, with requests slower than a threshold in place of errors. Without buckets nothing is slow."""
        window = self._window(seconds)
        if not window.has_data:
            return None
        return _slow(histogram(figures(entries, window)), objective)

    def observed(self, seconds: int) -> float:
        """The share of a window since the cluster was first seen: of a period that is not over, the rest is to come."""
        known_since = self._live.ledger.known_since or self.at
        return min(1.0, max(0.0, self.at - known_since) / seconds)

    def start_of(self, seconds: int) -> int:
        """When a window really begins: where a ledger was booked, or with the first snapshot of the cluster."""
        self.read([seconds])
        return max(self._starts[seconds], ceil_to(self._live.ledger.known_since, 1))

    def total(self, entries: Sequence[Entry], objective: LatencyObjective | None = None) -> Failing:
        """Everything that these entries have ever served. Subtract an earlier total to count what came since."""
        rows = LedgerRows.of(self._whole.rows).only({entry.id for entry in entries})
        if objective is None:
            counts = [row.counts for row in rows.values()]
            return Failing(sum(each.requests for each in counts), sum(each.errors for each in counts))
        seen = [(entry, rows[entry.id].counts) for entry in entries if entry.id in rows]
        return _slow(histogram(seen), objective)

    def last_requests(self) -> dict[int, int]:
        """When each entry last served a request, by its id, as far as snapshots tell."""
        rows = LedgerRows.of(self._live.ledger.rows)
        return dict(zip(rows, rows.changed_at, strict=True))

    def is_whole_since(self, time: float) -> bool:
        """Whether everything was seen since a time, and was seen then, too."""
        ledger = self._live.ledger
        return 0 < ledger.watched_since <= time and all(gap.end <= time for gap in ledger.gaps)

    def _window(self, seconds: int) -> Difference:
        if seconds not in self._windows:
            self.read([seconds])
            start = self._starts[seconds]
            earlier, later = (self._only(time) for time in (start, self.at))
            self._windows[seconds] = difference(earlier, later, start, self.at)
        return self._windows[seconds]

    def _only(self, time: int) -> Ledger:
        """The ledger of a time with nothing but the chosen entries."""
        if time not in self._small:
            ledger = self._ledgers[time]
            self._small[time] = msgspec.structs.replace(
                ledger,
                rows=LedgerRows.of(LedgerRows.of(ledger.rows).only(self._suspects)),
                delayed=LedgerRows.of(LedgerRows.of(ledger.delayed).only(self._suspects)),
            )
        return self._small[time]


def _slow(latencies: Histogram, objective: LatencyObjective) -> Failing:
    share = latency_share(latencies, objective).share
    if share is None:
        return Failing(latencies.observations, 0)
    return Failing(latencies.observations, latencies.observations - round(share * latencies.observations))
