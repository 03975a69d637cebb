"""Counts in columns equal the counts they were made from: packed, subtracted and read."""

from hypothesis import given
from hypothesis import strategies as st

from slo.counting.columns import Columns, Table
from slo.counting.counts import Counts
from slo.counting.ledger import LedgerRow, LedgerRows
from slo.store.codec import pack, unpack


def counts(codes: dict[str, int], methods: dict[str, int], inside: list[int], duration: int) -> Counts:
    buckets = [sum(inside[: index + 1]) for index in range(len(inside))]
    rest = sum(codes.values()) - sum(methods.values())
    all_methods = {**methods, "GET": rest} if rest else methods
    return Counts(codes, all_methods, buckets, duration)


def served(bounds: int | None = None) -> st.SearchStrategy[Counts]:
    """The counts of one entry. `bounds` fixes its number of bounds, which never changes."""
    return st.builds(
        counts,
        st.dictionaries(
            st.sampled_from(["0", "200", "301", "404", "499", "500", "503", "grpc:0", "grpc:14"]),
            st.integers(1, 10**12),
        ),
        st.dictionaries(st.sampled_from(["POST", "HEAD", "EXTENSION_METHOD"]), st.integers(1, 10**6)),
        st.lists(st.integers(0, 10**9), min_size=bounds or 1, max_size=bounds or 6),
        st.integers(0, 10**15),
    )


ids = st.integers(1, 9999)
tables = st.dictionaries(ids, served(), max_size=20)
grown = st.dictionaries(ids, st.integers(1, 6).flatmap(lambda bounds: st.tuples(served(bounds), served(bounds))))


@given(tables)
def test_what_is_packed_is_unpacked_the_same(table: dict[int, Counts]) -> None:
    assert Columns(unpack(pack(Columns.of(table).table), Table)) == table


@given(tables)
def test_figures_are_those_of_each_row(table: dict[int, Counts]) -> None:
    found = Columns.of(table).figures
    assert {entry_id: (each.requests, each.errors, list(each.buckets)) for entry_id, each in found.items()} == {
        entry_id: (each.requests, each.errors, each.buckets) for entry_id, each in table.items()
    }


@given(grown, tables, tables)
def test_a_ledger_less_an_earlier_one_is_what_came_since(
    grown: dict[int, tuple[Counts, Counts]], new: dict[int, Counts], gone: dict[int, Counts]
) -> None:
    gone = {entry_id: each for entry_id, each in gone.items() if entry_id not in grown}
    earlier = {entry_id: LedgerRow(300, 600, before) for entry_id, (before, _) in grown.items()}
    later = {entry_id: LedgerRow(300, 900, before.plus(came)) for entry_id, (before, came) in grown.items()}
    later |= {entry_id: LedgerRow(900, 900, each) for entry_id, each in new.items()}
    expected = {entry_id: came for entry_id, (_, came) in grown.items()} | new
    found = LedgerRows.of(later).since_earlier(
        LedgerRows.of(earlier | {key: LedgerRow(300, 600, each) for key, each in gone.items()})
    )
    assert dict(found) == {entry_id: expected[entry_id] for entry_id in found}
    assert found.keys() == expected.keys()


def test_a_row_that_did_not_grow_is_not_in_the_difference() -> None:
    row = LedgerRow(300, 600, Counts({"200": 3}, {"GET": 3}, [1, 3], 9))
    assert not LedgerRows.of({1: row}).since_earlier(LedgerRows.of({1: row}))
