"""Increases: exact counts from the cumulative counters of processes that come and go.

Prometheus' `increase()` loses the first value of every new series, and any restart whose counters overtook the old
ones. This module knows two more facts: the age of each process, and that each sample holds the whole exposition. So a
series that was missing before began at zero.

A process' age is the `Date` header of its `/metrics` response minus `process_start_time_seconds`. Both come from one
clock, so neither skew between nodes nor a stepped clock matters.
"""

from collections.abc import Iterable, Mapping

import msgspec

from slo.counting.counts import Counts

IDENTITY_TOLERANCE_SECONDS = 2.0
"""`process_start_time_seconds` was observed 0.9 s early, and `Date` has whole seconds."""
SIMULTANEOUS_SECONDS = 1.5
"""Two agents that scrape one process at the same time may see its counters in either order."""

SeriesName = tuple[str, str]
"""(router, service); the router is empty if the process is measured by service."""


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """The process of a sample, and the time in the life of that process."""

    pod: str
    date: float
    """Unix seconds, by the clock of the process' node."""
    process_start: float
    """Unix seconds, by the same clock."""
    mallocs: float = 0.0
    """Only grows within a process; 0 if unknown."""

    @property
    def age(self) -> float:
        """Seconds since the process started."""
        return self.date - self.process_start

    @property
    def order(self) -> tuple[float, float]:
        """Sort key for the samples of one process."""
        return (self.age, self.mallocs)


def same_process(one: Sighting, other: Sighting) -> bool:
    """Whether two samples of one pod come from the same process.

    They do if both report the same start. If the starts differ, a clock was stepped in between, unless one of these
    shows another process: it started when the first one was last seen or later, it is younger at a later time, or it
    is older and has allocated less.
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
    """The known process that a sample comes from; if several match, the one with the nearest start."""
    candidates = [moment for moment in known if same_process(moment, sample)]
    return min(candidates, key=lambda moment: abs(moment.process_start - sample.process_start), default=None)


def increases(earlier: Mapping[SeriesName, Counts], later: Mapping[SeriesName, Counts]) -> dict[SeriesName, Counts]:
    """The increase of each series of one process between two complete samples.

    A series that fell was reset and counts with its new value; so does a series that was missing before.
    Traefik counts a request for its service just before it counts it for its router, so a scrape between the two sees
    only service series. When router series follow, the counts booked by service are subtracted once.
    """
    by_service = {service: counts for (router, service), counts in earlier.items() if not router}
    return {
        name: _increase(earlier.get(name) or by_service.pop(name[1], None), counts) for name, counts in later.items()
    }


def contradicts(earlier: Mapping[SeriesName, Counts], later: Mapping[SeriesName, Counts]) -> bool:
    """Whether any series fell between two samples."""
    return any(name in earlier and counts.fell_since(earlier[name]) for name, counts in later.items())


def _increase(old: Counts | None, new: Counts) -> Counts:
    return new if old is None or new.fell_since(old) else new.minus(old)
