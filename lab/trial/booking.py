"""Pushes what the agent saw through ingest and rollup, and reads from the report where each request was booked."""

import sys
from collections import Counter
from contextlib import redirect_stdout
from itertools import pairwise
from typing import NamedTuple

import msgspec

from lab.cloud.embedded import Embedded
from lab.trial.cluster import CLUSTER_ID
from lab.trial.places import Place
from slo.counting.windows import Window
from slo.traefik.snapshots import Snapshot

_SLOT_SECONDS = 60
_STEP_SECONDS = 3 * _SLOT_SECONDS
"""Time between two snapshots. A trial looks more often, so each snapshot is moved until rollup can book it alone."""


class Booked(NamedTuple):
    """What the report shows after all snapshots."""

    increases: list[Counter[Place]]
    """For each snapshot but the first, the requests that it added to each route."""
    warnings: tuple[str, ...]
    """The cluster's."""


def book(snapshots: list[Snapshot]) -> Booked:
    """Push the snapshots in their order."""
    stack = Embedded(slot_seconds=_SLOT_SECONDS, cutoff_delay_seconds=_SLOT_SECONDS)
    with redirect_stdout(sys.stderr), stack as embedded:  # Powertools prints metrics; stdout is the answer's.
        totals = []
        first = int(snapshots[0].taken_at)
        for number, snapshot in enumerate(snapshots):
            moved = _later(snapshot, number * _STEP_SECONDS)
            embedded.roll_up_until(CLUSTER_ID, moved.sent_at)
            embedded.push(moved)
            embedded.roll_up_until(CLUSTER_ID, moved.sent_at + 2 * _SLOT_SECONDS)
            totals.append(_requests(embedded, Window(first, int(embedded.now))))
        state = embedded.clusters.get(CLUSTER_ID)
    increases = [after - before for before, after in pairwise(totals)]
    return Booked(increases, tuple(state.warnings) if state else ())


def _requests(embedded: Embedded, window: Window) -> Counter[Place]:
    report = embedded.query.report(CLUSTER_ID, window)
    return Counter(
        {
            Place(domain.domain, route.path_prefix): route.current.total_requests
            for domain in report.domains
            for route in domain.routes
        }
    )


def _later(snapshot: Snapshot, seconds: float) -> Snapshot:
    """The snapshot as if all of it happened later. A process is so much older then."""
    processes = tuple(
        msgspec.structs.replace(process, date=process.date + seconds) for process in snapshot.ingress_metrics.processes
    )
    return msgspec.structs.replace(
        snapshot,
        taken_at=snapshot.taken_at + seconds,
        sent_at=snapshot.sent_at + seconds,
        ingress_metrics=msgspec.structs.replace(snapshot.ingress_metrics, processes=processes),
    )
