from hypothesis import given
from hypothesis import strategies as st
from unit.slo.world import Traefik

from slo.columns import Columns, Table
from slo.counts import Counts
from slo.documents import pack_ledger, pack_sample, unpack_ledger, unpack_sample
from slo.ledger import Gap, Ledger, Process, Row, Scope
from slo.packing import pack, unpack


def counts(codes: dict[str, int], methods: dict[str, int], inside: list[int], duration: int) -> Counts:
    buckets = [sum(inside[: index + 1]) for index in range(len(inside))]
    rest = sum(codes.values()) - sum(methods.values())
    all_methods = {**methods, "GET": rest} if rest else methods
    return Counts(codes, all_methods, buckets, duration)


tables = st.dictionaries(
    st.integers(1, 9999),
    st.builds(
        counts,
        st.dictionaries(st.sampled_from(["0", "200", "301", "404", "499", "500", "503"]), st.integers(1, 10**12)),
        st.dictionaries(st.sampled_from(["POST", "HEAD", "EXTENSION_METHOD"]), st.integers(1, 10**6)),
        st.lists(st.integers(0, 10**9), min_size=1, max_size=6),
        st.integers(0, 10**15),
    ),
    max_size=20,
)


@given(tables)
def test_what_is_packed_is_unpacked_the_same(table: dict[int, Counts]) -> None:
    assert Columns(unpack(pack(Columns.of(table).table), Table)) == table


def test_a_sample_survives_its_raw_item() -> None:
    pod = Traefik("ns/traefik-1", 100.0)
    pod.serve(1, "200", 5)
    pod.serve(7, "503", 1, seconds=9.0)
    sample = pod.sample(200.5)
    assert unpack_sample(pack_sample(sample), sample.sample_key) == sample


def test_a_ledger_survives_its_item() -> None:
    row = Counts({"200": 3}, {"GET": 3}, [1, 2, 3], 12345)
    ledger = Ledger(
        at=3600,
        changed_at=3300,
        rows={2: Row(300, 3300, row), 5: Row(600, 900, row)},
        processes=(
            Process(pod="a", date=9, process_start=1, mallocs=7, sample_key="k", seen_at=9, measured_by="router"),
        ),
        scopes={"s": Scope(1.0, 2.0)},
        gaps=(Gap(1.0, 2000.0),),
        watched_since=1.0,
        watched_at=2.0,
        watched_seconds=1.0,
        process_seconds=2.0,
        observed_seconds=1.5,
    )
    assert unpack_ledger(pack_ledger(ledger)) == ledger
