"""Increases: exact counts from the cumulative counters of processes that come and go.

Prometheus' `increase()` loses the first value of every new series, and any restart whose counters overtook the old
ones. This module knows two more facts: the age of each process, and that each sample holds the whole exposition. So a
series that was missing before began at zero.
"""

from collections.abc import Collection, Mapping

from slo.counting.counts import Counts

SIMULTANEOUS_SECONDS = 1.5
"""Two agents that scrape one process at the same time may see its counters in either order."""

SeriesName = tuple[str, str]
"""(router, service); the router is empty if the process is measured by service."""


def increases(
    earlier: Mapping[SeriesName, Counts],
    later: Mapping[SeriesName, Counts],
    renewed: Collection[SeriesName] = (),
) -> dict[SeriesName, Counts]:
    """The increase of each series of one process between two complete samples.

    A series that fell was reset and counts with its new value. So does a series that was missing before, and one that
    is known to have been created in between (`renewed`), although it may have overtaken its old value.
    Traefik counts a request for its service just before it counts it for its router, so a scrape between the two sees
    only service series. When router series follow, the counts booked by service are subtracted once from their sum.
    """
    known = {name: counts for name, counts in earlier.items() if name not in renewed}
    gained = {name: _increase(known.get(name), counts) for name, counts in later.items()}
    for (router, service), booked in earlier.items():
        if not router and (router, service) not in later:
            for name in (name for name in later if name[1] == service and name not in earlier):
                gained[name], booked = gained[name].without(booked)
    return gained


def contradicts(earlier: Mapping[SeriesName, Counts], later: Mapping[SeriesName, Counts]) -> bool:
    """Whether any series fell between two samples."""
    return any(name in earlier and counts.fell_since(earlier[name]) for name, counts in later.items())


def _increase(old: Counts | None, new: Counts) -> Counts:
    return new if old is None or new.fell_since(old) else new.minus(old)
