"""Ledgers without excluded times: equal to a naive count of each request, however windows and exclusions lie."""

from collections.abc import Mapping
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from slo.counting.corrections import Corrections, Excluded, disjoint, excluded_seconds
from slo.counting.counts import Counts
from slo.counting.ledger import Ledger, LedgerRow, LedgerRows, difference

SLOTS = 30
SECONDS = 300
Seen = list[dict[int, tuple[int, int]]]
"""In each slot, requests and errors by entry."""

slots = st.lists(
    st.dictionaries(st.integers(1, 4), st.tuples(st.integers(0, 9), st.integers(0, 3)), max_size=4),
    min_size=SLOTS,
    max_size=SLOTS,
)
bounds = st.tuples(st.integers(0, SLOTS), st.integers(0, SLOTS)).map(sorted)
exclusions = st.lists(st.tuples(bounds, st.frozensets(st.integers(1, 4), max_size=4)), max_size=5)


def ledgers_of(seen: Seen, begun_anew: Mapping[int, int] = {}) -> dict[int, Ledger]:
    """The ledger at the end of each slot. `begun_anew`: slots in which an entry's row is pruned, by its id."""
    rows: dict[int, LedgerRow] = {}
    found = {0: Ledger()}
    for number, slot in enumerate(seen):
        at = (number + 1) * SECONDS
        for entry_id, (requests, errors) in slot.items():
            if begun_anew.get(entry_id) == number:
                rows.pop(entry_id, None)
            if not requests + errors:
                continue
            known = rows.get(entry_id, LedgerRow(at, at, Counts()))
            codes = dict(known.counts.codes)
            for code, more in (("200", requests), ("503", errors)):
                codes[code] = codes.get(code, 0) + more
            buckets = [known.counts.requests + requests, known.counts.requests + requests + errors]
            counts = Counts(codes={key: value for key, value in codes.items() if value}, buckets=buckets)
            rows[entry_id] = LedgerRow(known.since, at, counts)
        found[at] = Ledger(at=at, changed_at=at, rows=LedgerRows.of(dict(rows)))
    return found


def naive(
    seen: Seen, start: int, end: int, excluded: list[tuple[list[int], frozenset[int]]]
) -> dict[int, tuple[int, int]]:
    """Requests and errors by entry in the slots from `start` to `end`, without those that are excluded."""
    total: dict[int, tuple[int, int]] = {}
    for number in range(start, end):
        for entry_id, (requests, errors) in seen[number].items():
            if not any(first <= number < last and entry_id in ids for (first, last), ids in excluded):
                more = total.get(entry_id, (0, 0))
                total[entry_id] = (more[0] + requests + errors, more[1] + errors)
    return {entry_id: counted for entry_id, counted in total.items() if counted[0]}


def corrections(ledgers: dict[int, Ledger], excluded: list[tuple[list[int], frozenset[int]]]) -> Corrections:
    given = [Excluded(first * SECONDS, last * SECONDS, ids) for (first, last), ids in excluded]
    return Corrections(disjoint(given), ledgers)


def counted(ledgers: dict[int, Ledger], made: Corrections, start: int, end: int) -> dict[int, tuple[int, int]]:
    earlier, later = (made.of(ledgers[time * SECONDS], time * SECONDS) for time in (start, end))
    seen = difference(earlier, later, start * SECONDS, end * SECONDS).counts.figures
    return {entry_id: (each.requests, each.errors) for entry_id, each in seen.items() if each.requests}


@given(slots, exclusions, bounds)
def test_a_window_leaves_out_exactly_what_is_excluded(
    seen: Seen, excluded: list[tuple[list[int], frozenset[int]]], window: list[int]
) -> None:
    ledgers, (start, end) = ledgers_of(seen), window
    assert counted(ledgers, corrections(ledgers, excluded), start, end) == naive(seen, start, end, excluded)


@given(slots, exclusions, bounds, st.integers(1, SLOTS - 1))
def test_a_row_that_begins_anew_has_nothing_to_leave_out_of_before(
    seen: Seen, excluded: list[tuple[list[int], frozenset[int]]], window: list[int], pruned: int
) -> None:
    """A row is pruned only when no window reaches back to it: so windows here begin where it does."""
    ledgers, (_, end) = ledgers_of(seen, dict.fromkeys(range(1, 5), pruned)), window
    if end > pruned:
        after = [([max(first, pruned), last], ids) for (first, last), ids in excluded if last > pruned]
        found = counted(ledgers, corrections(ledgers, excluded), pruned, end)
        assert {key: found.get(key) for key in seen[pruned]} == {
            key: naive(seen, pruned, end, after).get(key) for key in seen[pruned]
        }


@given(slots, exclusions)
def test_what_is_excluded_until_later_is_left_out_so_far(
    seen: Seen, excluded: list[tuple[list[int], frozenset[int]]]
) -> None:
    """Maintenance goes on: its end has no ledger yet."""
    now = SLOTS // 2
    ledgers = {time: ledger for time, ledger in ledgers_of(seen).items() if time <= now * SECONDS}
    started = [each for each in excluded if each[0][0] < now]
    assert counted(ledgers, corrections(ledgers, started), 0, now) == naive(seen, 0, now, excluded)


@given(exclusions)
def test_times_do_not_overlap_and_leave_out_the_same(excluded: list[tuple[list[int], frozenset[int]]]) -> None:
    found = disjoint(Excluded(times[0], times[1], ids) for times, ids in excluded)
    assert all(one.end <= other.start for one, other in pairwise(found))
    for slot in range(SLOTS):
        wanted = frozenset[int]().union(*(ids for (first, last), ids in excluded if first <= slot < last))
        assert frozenset[int]().union(*(each.entry_ids for each in found if each.start <= slot < each.end)) == wanted


@given(slots)
def test_without_an_exclusion_a_ledger_is_itself(seen: Seen) -> None:
    ledgers = ledgers_of(seen)
    assert corrections(ledgers, []).of(ledgers[SECONDS], SECONDS) is ledgers[SECONDS]


def test_the_excluded_seconds_of_a_time_are_by_entry() -> None:
    one, both, other = frozenset({1}), frozenset({1, 2}), frozenset({2})
    excluded = [Excluded(0, 600, one), Excluded(600, 900, both), Excluded(1200, 1500, other), Excluded(3000, 3300, one)]
    assert excluded_seconds(excluded, 300, 1350) == {1: 300 + 300, 2: 300 + 150}
    assert excluded_seconds(excluded, 200.5, 600) == {1: 399.5}
    assert excluded_seconds(excluded, 900, 1200) == {}


@given(exclusions, bounds)
def test_excluded_seconds_are_those_of_the_slots_that_are_left_out(
    excluded: list[tuple[list[int], frozenset[int]]], window: list[int]
) -> None:
    start, end = window
    found = disjoint(Excluded(times[0] * SECONDS, times[1] * SECONDS, ids) for times, ids in excluded)
    wanted = {
        entry_id: SECONDS * sum(entry_id in _ids_in(excluded, slot) for slot in range(start, end))
        for entry_id in range(1, 5)
    }
    assert excluded_seconds(found, start * SECONDS, end * SECONDS) == {
        key: each for key, each in wanted.items() if each
    }


def _ids_in(excluded: list[tuple[list[int], frozenset[int]]], slot: int) -> frozenset[int]:
    return frozenset[int]().union(*(ids for (first, last), ids in excluded if first <= slot < last))
