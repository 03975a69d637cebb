from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from slo.counting.counts import Counts
from slo.counting.increases import contradicts, increases


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


def test_what_was_booked_by_service_is_taken_off_all_its_routers() -> None:
    earlier = {("", "s"): counts(c200=5)}
    gained = increases(earlier, {("r1", "s"): counts(c200=3), ("r2", "s"): counts(c200=2)})
    assert [part for part in gained.values() if part.requests or any(part.buckets)] == []


served = st.builds(
    lambda codes, posts: Counts(
        dict(codes),
        {"GET": sum(codes.values()) - min(posts, sum(codes.values())), "POST": min(posts, sum(codes.values()))},
        [codes["200"], sum(codes.values())],
        sum(codes.values()) * 1000,
    ),
    st.fixed_dictionaries({"200": st.integers(0, 9), "404": st.integers(0, 9), "503": st.integers(0, 9)}),
    st.integers(0, 20),
)


@given(st.lists(served, min_size=1, max_size=4), st.lists(served, min_size=4, max_size=4))
def test_requests_that_only_the_service_had_counted_yet_are_counted_once(
    now: list[Counts], since: list[Counts]
) -> None:
    """Some routers' first requests were scraped when only their service had counted them."""
    by_service = now[0]
    for part in now[1:]:
        by_service = by_service.plus(part)
    later = {(f"r{number}", "s"): part.plus(more) for number, (part, more) in enumerate(zip(now, since, strict=False))}
    gained = increases({("", "s"): by_service}, later).values()
    expected: Counter[str] = Counter()
    for more, _ in zip(since, now, strict=False):
        expected.update(more.codes)
    assert sum((Counter(part.codes) for part in gained), Counter[str]()) == +expected
    for part in gained:
        assert sum(part.codes.values()) == sum(part.methods.values())
        assert part.buckets == sorted(part.buckets)


STREAMS = Counts({"0": 40}, {"GET": 40}, [0], 0)


def test_a_process_that_served_only_streams_and_gets_its_first_bounds_goes_on() -> None:
    later = Counts({"0": 41}, {"GET": 41}, [0, 0, 0, 0, 0], 0)
    earlier = {("stream", "s"): STREAMS}
    assert increases(earlier, {("stream", "s"): later}) == {("stream", "s"): Counts({"0": 1}, {"GET": 1}, [0] * 5, 0)}
    assert not contradicts(earlier, {("stream", "s"): later})


def test_the_first_plain_request_of_a_router_that_served_only_streams_has_its_latency() -> None:
    later = Counts({"0": 40, "200": 2}, {"GET": 42}, [1, 2, 2, 2, 2], 9000)
    gained = increases({("r", "s"): STREAMS}, {("r", "s"): later})
    assert gained == {("r", "s"): Counts({"200": 2}, {"GET": 2}, [1, 2, 2, 2, 2], 9000)}


def test_a_process_whose_last_latency_went_with_its_router_goes_on() -> None:
    before = Counts({"0": 40}, {"GET": 40}, [0] * 5, 0)
    assert increases({("r", "s"): before}, {("r", "s"): STREAMS}) == {("r", "s"): Counts({}, {}, [0], 0)}


def test_latencies_that_are_gone_show_that_a_router_began_anew() -> None:
    before = Counts({"200": 3, "0": 1}, {"GET": 4}, [3, 3, 3, 3, 3], 9000)
    later = Counts({"200": 3, "0": 2}, {"GET": 5}, [1], 0)
    assert increases({("r", "s"): before}, {("r", "s"): later}) == {("r", "s"): later}


def test_a_series_that_was_created_anew_counts_whole_although_it_overtook() -> None:
    name = ("r", "s")
    earlier, later = {name: Counts({"200": 5})}, {name: Counts({"200": 8})}
    assert increases(earlier, later)[name].codes == {"200": 3}
    assert increases(earlier, later, {name})[name].codes == {"200": 8}
