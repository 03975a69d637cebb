from unit.slo.world import SimulatedTraefik

from slo.counting.counts import Counts
from slo.counting.ledger import BookedProcess, Gap, Ledger, LedgerRow, WatchedScope
from slo.store.codec import pack_ledger, pack_sample, unpack_ledger, unpack_sample


def test_a_sample_survives_its_raw_item() -> None:
    pod = SimulatedTraefik("ns/traefik-1", 100.0)
    pod.serve(1, "200", 5)
    pod.serve(7, "503", 1, seconds=9.0)
    sample = pod.sample(200.5)
    assert unpack_sample(pack_sample(sample), sample.sample_key) == sample


def test_a_ledger_survives_its_item() -> None:
    row = Counts({"200": 3}, {"GET": 3}, [1, 2, 3], 12345)
    ledger = Ledger(
        at=3600,
        changed_at=3300,
        rows={2: LedgerRow(300, 3300, row), 5: LedgerRow(600, 900, row)},
        processes=(
            BookedProcess(pod="a", date=9, process_start=1, mallocs=7, sample_key="k", seen_at=9, measured_by="router"),
        ),
        scopes={"s": WatchedScope(1.0, 2.0)},
        gaps=(Gap(1.0, 2000.0),),
        watched_since=1.0,
        watched_at=2.0,
        watched_seconds=1.0,
        process_seconds=2.0,
        observed_seconds=1.5,
    )
    assert unpack_ledger(pack_ledger(ledger)) == ledger
