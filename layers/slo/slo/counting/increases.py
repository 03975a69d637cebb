"""Increases: from cumulative counters of processes that come and go to what was served, exactly.

Prometheus' `increase()` loses the first value of every new series and any restart whose counters overtook the
old ones. Here two more facts are known: how old a process is, and that each sample holds the whole exposition,
so that a series which was not there before began at zero.

A process' age is the `Date` header of its `/metrics` answer minus `process_start_time_seconds`: both are read
from one clock, so neither skew between nodes nor a stepped clock matters.
"""

from collections.abc import Iterable, Mapping

import msgspec

from slo.counting.counts import Counts

IDENTITY_TOLERANCE_SECONDS = 2.0
"""`process_start_time_seconds` was seen 0.9 s early, and `Date` has whole seconds."""
SIMULTANEOUS_SECONDS = 1.5
"""Two agents that scrape one process at once may see its counters in either order."""

SeriesName = tuple[str, str]
"""(router, service); the router is empty where a process is measured by service."""


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """Where a sample stands in the life of its process."""

    pod: str
    date: float
    """Unix seconds, by the clock of the process' node."""
    process_start: float
    """Unix seconds, by the same clock."""
    mallocs: float = 0.0
    """Grows within a process; 0 where unknown."""

    @property
    def age(self) -> float:
        """Seconds since the process started."""
        return self.date - self.process_start

    @property
    def order(self) -> tuple[float, float]:
        """Sorts the samples of one process."""
        return (self.age, self.mallocs)


def same_process(one: Sighting, other: Sighting) -> bool:
    """Whether two samples of one pod are of the same process.

    They are if they tell of the same start. Otherwise a clock was stepped in between, unless it can be seen to be
    another process: it started when the first one was last seen or later, or it is younger at a later time, or it is
    older and has allocated less.
    """
    if one.pod != other.pod:
        return False
    first, second = sorted((one, other), key=lambda moment: moment.process_start)
    if second.process_start - first.process_start <= IDENTITY_TOLERANCE_SECONDS:
        return True
    if second.process_start > first.date - IDENTITY_TOLERANCE_SECONDS:
        return False
    if second.date > first.date and second.age < first.age:
        return False
    return not (one.mallocs and other.mallocs) or (one.age < other.age) == (one.mallocs < other.mallocs)


def find_process[M: Sighting](known: Iterable[M], sample: Sighting) -> M | None:
    """The known process that a sample is of; of several, the one whose start is nearest."""
    candidates = [moment for moment in known if same_process(moment, sample)]
    return min(candidates, key=lambda moment: abs(moment.process_start - sample.process_start), default=None)


def increases(earlier: Mapping[SeriesName, Counts], later: Mapping[SeriesName, Counts]) -> dict[SeriesName, Counts]:
    """What each series of a known process gained between two of its samples, both of them whole.

    A series that fell began anew and counts with its new value; so does one that was not there before.

    Traefik counts a request for its service a moment before it counts it for its router, so a scrape between the
    two sees service series only. When router series follow, what was booked by service is taken off once.
    """
    by_service = {service: counts for (router, service), counts in earlier.items() if not router}
    return {
        name: _increase(earlier.get(name) or by_service.pop(name[1], None), counts) for name, counts in later.items()
    }


def contradicts(earlier: Mapping[SeriesName, Counts], later: Mapping[SeriesName, Counts]) -> bool:
    """Whether some series fell between two samples."""
    return any(name in earlier and counts.fell_since(earlier[name]) for name, counts in later.items())


def _increase(old: Counts | None, new: Counts) -> Counts:
    return new if old is None or new.fell_since(old) else new.minus(old)
