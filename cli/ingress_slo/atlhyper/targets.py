"""Turns AtlHyper's targets into objectives. One that already exists here is never overwritten."""

from collections.abc import Collection, Iterator

import msgspec

from ingress_slo.atlhyper.account import ENTRY_POINT, Account, Unattributed
from ingress_slo.atlhyper.attribution import Attribution
from ingress_slo.atlhyper.database import TARGETS, Database
from ingress_slo.atlhyper.database import AtlHyperTarget as OldTarget
from slo.objectives.objective import Objective
from slo.objectives.periods import Period
from slo.objectives.targets import Subject, Target
from slo.store.objectives import ObjectiveStore
from slo.times import TIME_RANGES, TimeRange
from slo.traefik.domains import canonical

SET_BY = "AtlHyper"
SET_ALREADY = "an objective is set here already"
NO_SUCH_RANGE = "its time range is none of 1d, 7d and 30d"
OUT_OF_RANGE = "availability outside 50 to 99.999 %, or P95 outside 0 to 600,000 ms"


class TargetMover:
    """Moves the targets of one cluster."""

    def __init__(self, store: ObjectiveStore, attribution: Attribution, domains: Collection[str], now: float) -> None:
        self._store = store
        self._attribution = attribution
        self._domains = frozenset(domains)
        self._now = now
        self.account = Account(TARGETS)
        self.unattributed: dict[str, Unattributed] = {}

    def move(self, database: Database, old_id: str, cluster_id: str, *, dry_run: bool) -> None:
        """Move all targets of `old_id`."""
        for old in database.targets(old_id):
            self.account.read += 1
            reason = self._move(old, cluster_id, dry_run=dry_run)
            if reason:
                self.account.drop(reason)

    def _move(self, old: OldTarget, cluster_id: str, *, dry_run: bool) -> str:
        """Move one target. Returns why it is dropped; empty if it is moved or left unattributed."""
        if self._attribution.is_entry_point(old.host):
            return ENTRY_POINT
        time_range = next((known for known in TIME_RANGES if known == old.time_range), None)
        if time_range is None:
            return NO_SUCH_RANGE
        try:
            wanted = msgspec.convert(
                {"availability": round(old.availability_percent / 100, 7), "p95_latency": old.p95_latency_ms}, Target
            )
        except msgspec.ValidationError:
            return OUT_OF_RANGE
        subjects = list(self._subjects(old.host))
        if not subjects:
            self.account.keep(1, is_attributed=False)
            self.unattributed.setdefault(old.host, Unattributed(old.host)).rows += 1
            return ""
        taken = [self._set(cluster_id, time_range, subject, wanted, dry_run=dry_run) for subject in subjects]
        if not any(taken):
            return SET_ALREADY
        self.account.keep(1, is_attributed=True)
        return ""

    def _subjects(self, host: str) -> Iterator[Subject]:
        """What the target was set for: the routes of a service, or a domain."""
        routes = self._attribution.of_host(host).routes
        if routes:
            yield from (Subject(canonical(domain), path_prefix) for domain, path_prefix in routes)
        elif canonical(host) in self._domains:
            yield Subject(canonical(host))

    def _set(self, cluster_id: str, time_range: TimeRange, subject: Subject, wanted: Target, *, dry_run: bool) -> bool:
        """Set the objective unless one exists. Returns False if a different one exists."""
        there = self._store.get(cluster_id, time_range, subject)
        if there is not None:
            return (there.availability, there.p95_latency) == (wanted.availability, wanted.p95_latency)
        if not dry_run:
            objective = Objective(
                subject=subject,
                name=time_range,
                period=Period(time_range),
                availability=wanted.availability,
                p95_latency=wanted.p95_latency,
                version=int(self._now * 1000),
                set_by=SET_BY,
                set_at=self._now,
            )
            self._store.put(cluster_id, objective, None)
        return True
