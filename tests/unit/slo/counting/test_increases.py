from slo.counting.counts import Counts
from slo.counting.increases import increases


def counts(**codes: int) -> Counts:
    by_code = {code.removeprefix("c"): count for code, count in codes.items()}
    requests = sum(by_code.values())
    return Counts(by_code, {"GET": requests}, [requests, requests], requests * 1000)


def test_a_series_seen_before_gains_the_difference() -> None:
    assert increases({("r", "s"): counts(c200=5)}, {("r", "s"): counts(c200=8)}) == {("r", "s"): counts(c200=3)}


def test_a_series_that_was_not_there_before_counts_whole() -> None:
    assert increases({}, {("r", "s"): counts(c503=1)}) == {("r", "s"): counts(c503=1)}


def test_one_code_that_fell_shows_that_the_whole_rule_began_anew() -> None:
    gained = increases({("r", "s"): counts(c200=100, c500=1)}, {("r", "s"): counts(c200=50, c500=2)})
    assert gained == {("r", "s"): counts(c200=50, c500=2)}


def test_a_code_that_vanished_shows_that_the_rule_began_anew() -> None:
    gained = increases({("r", "s"): counts(c200=1, c500=1)}, {("r", "s"): counts(c200=9)})
    assert gained == {("r", "s"): counts(c200=9)}


def test_a_router_that_changes_its_service_begins_a_series_at_zero() -> None:
    gained = increases({("r", "old"): counts(c200=10)}, {("r", "new"): counts(c200=4)})
    assert gained == {("r", "new"): counts(c200=4)}


def test_what_was_booked_by_service_before_the_router_appeared_is_taken_off_once() -> None:
    earlier = {("", "s"): counts(c200=2)}
    later = {("r1", "s"): counts(c200=5), ("r2", "s"): counts(c200=7)}
    gained = increases(earlier, later)
    assert sum(part.requests for part in gained.values()) == 10
