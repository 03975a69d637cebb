"""Books: the figures of one closed hour (hourly books) or of one closed day (daily books).

Closing an hour writes one book per domain that served anything, one for the series that no route claims, and one for
the whole cluster, which has no counts and records what was observed. A book holds the steps of its period (twelve of 5
minutes, or the 24 hours of a day) as ledger differences. So hours, days and the ledger always agree.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import msgspec

from slo.counting.catalogue import Catalogue
from slo.counting.counts import Counts, total
from slo.counting.ledger import Difference, Ledger, difference
from slo.times import DAY_SECONDS, HOUR_SECONDS, floor_to

CLUSTER = "(cluster)"
"""The book that records which steps were observed. A domain that served nothing in an hour has no book."""
UNATTRIBUTED = "(unattributed)"
"""The book of the series that no route claims."""


class Step(msgspec.Struct, frozen=True):
    """One step of a period; `counts` by catalogue entry id."""

    has_data: bool
    coverage: float
    counts: dict[int, Counts]
    delayed: dict[int, Counts] = {}
    """The part of `counts` that was counted at the end of a gap."""
    delayed_since: int = 0
    """When the first of these gaps began, Unix seconds."""


class Book(msgspec.Struct, frozen=True):
    """One domain's closed hour or day."""

    domain: str
    starts_at: int
    step_seconds: int
    steps: tuple[Step, ...]
    routes: dict[str, tuple[int, ...]]
    """Entry ids by path_prefix. An entry may serve several paths; a summary counts it once."""

    def entries(self) -> dict[int, Counts]:
        """The counts of each entry over the whole period."""
        return {
            entry_id: total(step.counts[entry_id] for step in self.steps if entry_id in step.counts)
            for entry_id in sorted({entry_id for step in self.steps for entry_id in step.counts})
        }


def close(catalogue: Catalogue, bounds: Sequence[tuple[int, Ledger]]) -> Iterator[Book]:
    """The books of a period. `bounds` has its start and the end of each step, with the ledgers that hold there.

    One book at a time: the day of 10,000 routes takes 200 MB.
    """
    steps = [difference(earlier, later, start, end) for (start, earlier), (end, later) in pairwise(bounds)]
    served = {entry_id for step in steps for entry_id in step.counts}
    if not any(step.has_data for step in steps) and not served:
        return
    members = _members(catalogue, served)
    start, step_seconds = bounds[0][0], bounds[1][0] - bounds[0][0]
    for domain, routes in members.items():
        yield _book(domain, start, step_seconds, steps, routes)


def _members(catalogue: Catalogue, served: set[int]) -> dict[str, dict[str, tuple[int, ...]]]:
    """Entry ids by domain and path_prefix."""
    members: dict[str, dict[str, tuple[int, ...]]] = defaultdict(dict)
    members[CLUSTER] = {}
    for entry in catalogue.entries:
        if entry.id in served:
            for domain, path in entry.routes or ((UNATTRIBUTED, entry.label),):
                members[domain][path] = (*members[domain].get(path, ()), entry.id)
    return members


def _book(
    domain: str, start: int, step_seconds: int, steps: Iterable[Difference], routes: dict[str, tuple[int, ...]]
) -> Book:
    own = sorted({entry_id for ids in routes.values() for entry_id in ids})
    return Book(
        domain=domain,
        starts_at=start,
        step_seconds=step_seconds,
        steps=tuple(
            Step(
                step.has_data,
                round(step.coverage, 4),
                _of(own, step.counts),
                delayed=_of(own, step.delayed),
                delayed_since=step.delayed_since if len(step.delayed) else 0,
            )
            for step in steps
        ),
        routes=routes,
    )


def _of(entry_ids: Iterable[int], counts: Mapping[int, Counts]) -> dict[int, Counts]:
    return {entry_id: counts[entry_id] for entry_id in entry_ids if entry_id in counts}


def closing(watermark: int, cutoff: int, period_seconds: int) -> list[int]:
    """The starts of the periods that end after `watermark` and not after `cutoff`."""
    first = floor_to(watermark, period_seconds)
    return list(range(first, cutoff - period_seconds + 1, period_seconds))


def steps_of(period_seconds: int, slot_seconds: int) -> int:
    """The length of a step in seconds: 5 minutes (or a longer slot) for an hour, an hour for a day."""
    if period_seconds == DAY_SECONDS:
        return HOUR_SECONDS
    return max(slot_seconds, 300)
