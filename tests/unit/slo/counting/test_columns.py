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


@given(tables, st.sets(ids))
def test_only_some_entries_are_the_rows_of_these(table: dict[int, Counts], others: set[int]) -> None:
    rows = {key: LedgerRow(300 + key, 20_000 + key, each) for key, each in table.items()}
    for wanted in (others, others | set(sorted(table)[::2]), set(table)):
        assert dict(LedgerRows.of(rows).only(wanted)) == {key: row for key, row in rows.items() if key in wanted}


def test_a_row_that_did_not_grow_is_not_in_the_difference() -> None:
    row = LedgerRow(300, 600, Counts({"200": 3}, {"GET": 3}, [1, 3], 9))
    assert not LedgerRows.of({1: row}).since_earlier(LedgerRows.of({1: row}))


def among(most: int) -> st.SearchStrategy[Counts]:
    """Counts of few requests, so that those of two samples often fall, rise or stay."""
    few = st.integers(0, most)
    return st.builds(
        lambda codes, post, inside, duration: counts(
            {code: count for code, count in codes.items() if count},
            {"POST": min(post, sum(codes.values()))} if post and sum(codes.values()) else {},
            inside[: sum(codes.values())] and [min(each, sum(codes.values()) // len(inside)) for each in inside],
            duration,
        ),
        st.dictionaries(st.sampled_from(["200", "404", "500"]), few, max_size=3),
        few,
        st.lists(few, min_size=0, max_size=3),
        st.sampled_from([0, 500, 5_000]),
    )


few_rows = st.dictionaries(st.integers(1, 6), among(3), max_size=6)


@given(few_rows, few_rows)
def test_what_grew_steadily_is_what_the_rows_say_and_the_others_are_named(
    earlier: dict[int, Counts], later: dict[int, Counts]
) -> None:
    before, after = Columns.of(earlier), Columns.of(later)
    both = before.ids & after.ids
    gained, told = after.grown_since(before, both)
    assert told <= both
    for key in both - told:
        old, new = before[key], after[key]
        assert not new.fell_since(old)
        increase = new.minus(old)
        assert gained.get(key, Counts()) == increase if not increase.is_empty else key not in gained
    assert {key for key in both if after[key].fell_since(before[key])} <= told


@given(st.dictionaries(ids, st.integers(1, 6).flatmap(lambda n: st.tuples(served(n), served(n)))), tables, tables)
def test_columns_add_up_row_by_row(
    shared: dict[int, tuple[Counts, Counts]], mine: dict[int, Counts], others: dict[int, Counts]
) -> None:
    mine = {key: each for key, each in mine.items() if key not in others}
    one = mine | {key: first for key, (first, _) in shared.items()}
    other = {key: each for key, each in others.items() if key not in one} | {key: x for key, (_, x) in shared.items()}
    expected = {
        key: one[key].plus(other[key]) if key in one and key in other else (one | other)[key] for key in {*one, *other}
    }
    rows = LedgerRows.of({key: LedgerRow(300, 600, each) for key, each in one.items()})
    found = rows.plus(Columns.of(other), 900)
    for each in expected.values():
        each.methods = {method: count for method, count in each.methods.items() if count}
    assert {key: row.counts for key, row in found.items()} == expected
    assert found.counts.table == Columns.of(expected).table, "a table says nothing of how its counts came about"
    assert all((row.since == 300) == (key in one) for key, row in found.items())
    assert all((row.changed_at == 900) == (key in other) for key, row in found.items())


@given(tables, tables)
def test_replaced_rows_are_the_new_ones(one: dict[int, Counts], other: dict[int, Counts]) -> None:
    rows = {key: LedgerRow(300, 600, each) for key, each in one.items()}
    new = {key: LedgerRow(600, 900, each) for key, each in other.items()}
    assert dict(LedgerRows.of(rows).replaced(new)) == rows | new
