"""Ingest: stores an agent's snapshot as raw items. It never reads a counter before it writes one."""

import msgspec

from slo.api.snapshot_reader import read, without_entry_points
from slo.app.annotated_objectives import AnnotatedObjectives
from slo.app.stores import Stores
from slo.counting.catalogue import MAX_ENTRIES, Resolved, resolve, without_retired_routes
from slo.counting.codes import of_version_1
from slo.counting.counts import MICROSECONDS, Counts
from slo.counting.retention import RAW_KEPT_SECONDS
from slo.counting.rollup import Sample
from slo.errors import TooLargeError, TryAgainError, UnprocessableError
from slo.store.catalogues import CatalogueStore, NoRoomError
from slo.store.certificates import CertificateStore
from slo.store.clusters import ClusterStore
from slo.store.errors import WriteConflictError
from slo.store.raw import RawStore, sample_key
from slo.traefik.snapshots import ProcessMetrics, Snapshot

_CATALOGUE_ATTEMPTS = 5
MAX_CATALOGUE_BYTES = 4 * 1024 * 1024
"""Seven times that of 10,000 routes and their series. DynamoDB writes as much of one cluster in four seconds."""
_LOADING_SECONDS = 120
"""A process that began within this time may not have read its certificates yet."""
_NAMED = 3
"""Routers that a warning names."""


class Accepted(msgspec.Struct, frozen=True):
    """The result of a push."""

    snapshot_id: str
    stored: int
    """Raw items written: one for each Traefik process, and an empty one if there was none or some did not answer."""
    duplicates: int
    """Raw items that were stored already."""
    is_late: bool
    """Whether rollup may book it in a later interval than its own."""
    entry_points: int = 0
    """Rows of entry points, which only old agents send. They are dropped: they count every request a second time."""


class Ingest:
    """Stores snapshots."""

    def __init__(self, stores: Stores) -> None:
        self._catalogues = stores.of(CatalogueStore)
        self._raw = stores.of(RawStore)
        self._clusters = stores.of(ClusterStore)
        self._certificates = stores.of(CertificateStore)
        self._annotated = AnnotatedObjectives(stores)
        self._late_after_seconds = stores.cutoff_delay_seconds / 2
        self._clock = stores.clock

    def accept(self, cluster_id: str, body: bytes) -> Accepted:
        """Store a snapshot of this cluster. Raises CallerError, and stores nothing, if the snapshot is not valid.

        Raises TooLargeError if there is no room for new series. Then everything else is stored all the same.
        """
        now = self._clock()
        snapshot = read(body, now)
        if snapshot.cluster_id != cluster_id:
            raise UnprocessableError(
                f"The snapshot is from cluster {snapshot.cluster_id!r} but was sent to {cluster_id!r}. "
                "Set the agent's cluster id to its token's cluster."
            )
        snapshot, entry_points = without_entry_points(snapshot)
        resolved = self._resolve(snapshot)
        is_late = now - snapshot.taken_at > self._late_after_seconds
        samples = samples_of(snapshot, resolved, now)
        version = resolved.catalogue.version
        stored = [self._put(cluster_id, sample, now, version=version, is_late=is_late) for sample in samples]
        snapshot = self._annotated.possible(with_unclaimed(snapshot, resolved))
        noted = self._clusters.note_snapshot(snapshot, now, is_late=is_late, catalogue_version=version)
        if noted.is_newest:
            is_complete = names_all_certificates(snapshot)
            self._certificates.put(cluster_id, snapshot.certificates, snapshot.taken_at, is_complete=is_complete)
        if noted.is_newer:
            self._annotated.follow(snapshot, noted.promises)
        if resolved.dropped or resolved.dropped_routes:
            raise TooLargeError(
                f"{resolved.dropped} new series and {resolved.dropped_routes} new routes found no room, and requests "
                f"of these series are not counted: the cluster has had {MAX_ENTRIES} different series, or the names of "
                "its routes and series take too much room. Everything else of this snapshot is stored. Check for "
                "routers whose names change with each deployment, and whether somebody else uses the agent's token. "
                "Clean-up frees what has been gone for 13 months; `ingress-slo clusters remove` frees all at once."
            )
        return Accepted(snapshot.snapshot_id, sum(stored), len(stored) - sum(stored), is_late, entry_points)

    def _put(self, cluster_id: str, sample: Sample, now: float, *, version: int, is_late: bool) -> bool:
        if is_late:
            self._raw.mark_late(cluster_id, sample.sample_key, now)
        return self._raw.put(cluster_id, sample, now, version=version)

    def _resolve(self, snapshot: Snapshot) -> Resolved:
        for _ in range(_CATALOGUE_ATTEMPTS):
            catalogue = self._catalogues.latest(snapshot.cluster_id)
            resolved = resolve(catalogue, snapshot)
            if not resolved.is_changed:
                return resolved
            try:
                return self._stored(snapshot.cluster_id, resolved) or resolve(catalogue, snapshot, is_full=True)
            except WriteConflictError:
                continue
        raise TryAgainError("Several agents are changing this cluster's routes at once.", retry_after_seconds=5)

    def _stored(self, cluster_id: str, resolved: Resolved) -> Resolved | None:
        """Store the catalogue, without its retired routes if there is no room for them; None if there still is none.

        Raises WriteConflictError.
        """
        for catalogue in (resolved.catalogue, without_retired_routes(resolved.catalogue)):
            try:
                self._catalogues.put(cluster_id, catalogue, most_bytes=MAX_CATALOGUE_BYTES)
            except NoRoomError:
                continue
            return msgspec.structs.replace(resolved, catalogue=catalogue)
        return None


def names_all_certificates(snapshot: Snapshot) -> bool:
    """Whether a certificate that the snapshot does not name is not served any more, or does not expire soon."""
    metrics = snapshot.ingress_metrics
    ages = [process.date - process.process_start_time_seconds for process in metrics.processes]
    return bool(ages) and not metrics.unreachable and min(ages) > _LOADING_SECONDS


def with_unclaimed(snapshot: Snapshot, resolved: Resolved) -> Snapshot:
    """The snapshot with a warning if Traefik counts requests of routers that no rule declares."""
    unknown = {entry.id: entry.label for entry in resolved.catalogue.entries if entry.router and not entry.routes}
    seen = sorted({unknown[entry_id] for ids in resolved.ids for entry_id in ids.values() if entry_id in unknown})
    if not seen:
        return snapshot
    more = f" and {len(seen) - _NAMED} more" if len(seen) > _NAMED else ""
    warning = (
        f"Traefik serves routers that no rule declares: {', '.join(seen[:_NAMED])}{more}. Their requests have no "
        "domain. Check the agent's INGRESS_CLASS, NAMESPACES and LABEL_SELECTOR, or let it read Traefik's own API "
        "(TRAEFIK_API)."
    )
    return msgspec.structs.replace(snapshot, warnings=(warning, *snapshot.warnings))


def samples_of(snapshot: Snapshot, resolved: Resolved, now: float) -> list[Sample]:
    """The samples of a snapshot received at `now`: one for each process, and an empty one if any pod is missing."""
    observed_at = snapshot.taken_at + (now - snapshot.sent_at)
    processes = snapshot.ingress_metrics.processes
    samples = [
        Sample(
            pod=process.pod,
            date=process.date,
            process_start=process.process_start_time_seconds,
            mallocs=process.mallocs,
            cpu_seconds=process.cpu_seconds,
            sample_key=sample_key(snapshot.taken_at, process.pod),
            taken_at=snapshot.taken_at,
            observed_at=observed_at,
            scope=snapshot.scope,
            measured_by=process.measured_by,
            rows=_rows(process, ids, snapshot.version),
            created=_created(process, ids),
            knows_created=any(row.created for row in process.rows),
            wire_version=snapshot.version,
            may_be_cut=snapshot.version == 1 and bool(snapshot.ingress_routes) and not process.rows,
        )
        for process, ids in zip(processes, resolved.ids, strict=True)
    ]
    if samples and not snapshot.ingress_metrics.unreachable:
        return samples
    return [*samples, _empty_sample(snapshot, observed_at)]


def _created(process: ProcessMetrics, ids: dict[tuple[str, str], int]) -> dict[int, int]:
    """When series were created, in Unix milliseconds, without those that are too old to matter."""
    return {
        ids[row.router, row.service]: round(row.created * 1000)
        for row in process.rows
        if row.created and process.date - row.created <= RAW_KEPT_SECONDS and (row.router, row.service) in ids
    }


def _empty_sample(snapshot: Snapshot, observed_at: float) -> Sample:
    """Records that the agent ran although it scraped no process, or not all: observation of the cluster begins here."""
    return Sample(
        pod="",
        date=0.0,
        process_start=0.0,
        sample_key=sample_key(snapshot.taken_at, ""),
        taken_at=snapshot.taken_at,
        observed_at=observed_at,
        scope=snapshot.scope,
        measured_by="router",
        rows={},
        unreachable=tuple(pod.pod for pod in snapshot.ingress_metrics.unreachable),
    )


def _rows(process: ProcessMetrics, ids: dict[tuple[str, str], int], version: int) -> dict[int, Counts]:
    codes_of = of_version_1 if version == 1 else dict[str, int]
    return {
        ids[row.router, row.service]: Counts(
            codes=codes_of({code: count for code, count in row.codes.items() if count}),
            methods={method: count for method, count in row.methods.items() if count},
            buckets=list(row.buckets),
            duration_microseconds=round(row.duration_seconds_sum * MICROSECONDS),
        )
        for row in process.rows
        if (row.router, row.service) in ids
    }
