from slo.counting.processes import Sighting, find_process, same_process


def moment(date: float, start: float, mallocs: float = 0.0, pod: str = "a") -> Sighting:
    return Sighting(pod=pod, date=date, process_start=start, mallocs=mallocs)


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
