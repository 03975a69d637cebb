from slo.counting.counts import Counts
from slo.counting.increases import Sighting, find_process, increases, same_process


def counts(**codes: int) -> Counts:
    by_code = {code.removeprefix("c"): count for code, count in codes.items()}
    requests = sum(by_code.values())
    return Counts(by_code, {"GET": requests}, [requests, requests], requests * 1000)


def moment(date: float, start: float, mallocs: float = 0.0, pod: str = "a") -> Sighting:
    return Sighting(pod=pod, date=date, process_start=start, mallocs=mallocs)


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


def test_a_process_as_old_as_the_time_since_its_last_sample_is_the_same() -> None:
    assert same_process(moment(100, 10), moment(160, 10))
    assert same_process(moment(100, 10), moment(160, 11.5))


def test_a_process_younger_than_the_time_since_the_last_sample_is_another() -> None:
    assert not same_process(moment(100, 10), moment(160, 130))


def test_a_stepped_clock_makes_no_new_process() -> None:
    assert same_process(moment(1000, 10), moment(1060 + 300, 10 + 300))


def test_an_older_process_that_has_allocated_less_is_another() -> None:
    killed_right_after_its_scrape = moment(100, 70, mallocs=5_000)
    started_at_once = moment(160, 100.5, mallocs=300)
    assert not same_process(killed_right_after_its_scrape, started_at_once)


def test_a_late_sample_of_a_killed_process_is_not_of_its_successor() -> None:
    killed, successor = moment(100, 10, 900), moment(220, 150, 40)
    late = moment(130, 10, 950)
    assert find_process([successor, killed], late) is killed


def test_a_restart_right_after_a_scrape_is_seen_though_the_start_is_reported_early() -> None:
    last_seen = moment(100, 88, mallocs=5_000)
    restarted_two_seconds_later = moment(104, 101.1, mallocs=300)
    assert not same_process(last_seen, restarted_two_seconds_later)


def test_a_young_process_at_a_later_time_is_another_even_in_the_same_second() -> None:
    assert not same_process(moment(1000, 100), moment(1060, 995))


def test_two_pods_never_share_a_process() -> None:
    assert not same_process(moment(100, 10), moment(160, 10, pod="b"))
