"""A snapshot that no stack would accept loses its largest processes, and says so."""

import gzip
import random

import msgspec

from ingress_slo_agent.fitting import excess, fitting
from slo.api.snapshot_reader import read
from slo.traefik import snapshots
from slo.traefik.snapshots import IngressMetrics, IngressRouteInfo, ProcessMetrics, SeriesRow, Snapshot

NOW = 1_800_000_000.0


def process(pod: str, rows: int) -> ProcessMetrics:
    """Rows with names that do not compress."""
    dice = random.Random(rows)
    names = (f"{dice.randbytes(200).hex()}@x" for _ in range(rows))
    found = (
        SeriesRow(router=name, service="s", codes={}, methods={}, buckets=(0,), duration_seconds_sum=0.0)
        for name in names
    )
    return ProcessMetrics(
        pod=pod,
        date=NOW,
        process_start_time_seconds=NOW - 60,
        measured_by="router",
        bounds=(),
        rows=tuple(found),
    )


def snapshot(*processes: ProcessMetrics) -> Snapshot:
    return Snapshot(
        cluster_id="c1",
        snapshot_id="s1",
        taken_at=NOW,
        sent_at=NOW,
        scope="s",
        ingress_metrics=IngressMetrics(processes=processes),
    )


GOOD, BAD = process("traefik/good", 20), process("traefik/bad", 20_000)


def test_the_largest_process_is_left_out_and_the_others_are_accepted() -> None:
    fitted = fitting(snapshot(GOOD, BAD, process("traefik/other", 10)))
    metrics = fitted.snapshot.ingress_metrics
    assert [each.pod for each in metrics.processes] == ["traefik/good", "traefik/other"]
    (pod,) = metrics.unreachable
    assert pod.pod == "traefik/bad"
    assert "when compressed, and at most 4.0 are accepted" in pod.error
    assert "TRAEFIK_SELECTOR" in pod.error
    assert fitted.left_out == (f"Pod traefik/bad: {pod.error}",) == fitted.snapshot.warnings
    assert read(gzip.compress(snapshots.encode(fitted.snapshot)), NOW) == fitted.snapshot


def test_what_fits_is_left_as_it_is() -> None:
    whole = snapshot(GOOD)
    assert fitting(whole) == (whole, ())


def test_more_values_or_bytes_than_are_accepted_are_an_excess_of_their_own() -> None:
    assert "values" in excess(b"," * (snapshots.MAX_JSON_VALUES + 1))
    assert "MiB, and at most 32.0" in excess(b"x" * (snapshots.MAX_JSON_BYTES + 1))
    assert excess(b"x" * snapshots.MAX_JSON_BYTES) == "", "it compresses well"


def test_without_any_process_it_is_still_too_large_if_its_routes_are() -> None:
    dice = random.Random(1)

    def name() -> str:
        return dice.randbytes(250).hex()

    routes = tuple(
        IngressRouteInfo(name=name(), namespace="ns", domain="a.example", service_key=name(), router_keys=(name(),))
        for _ in range(10_000)
    )
    too_many = msgspec.structs.replace(snapshot(GOOD), ingress_routes=routes)
    fitted = fitting(too_many)
    assert fitted.snapshot.ingress_metrics.processes == ()
    assert excess(snapshots.encode(fitted.snapshot))
