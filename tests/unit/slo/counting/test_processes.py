import pytest

from slo.counting.processes import Sighting, find_process, same_process


def moment(
    observed_at: float,
    started_at: float,
    *,
    node_ahead: float = 0.0,
    pod: str = "a",
    mallocs: float | None = None,
    cpu_seconds: float | None = None,
) -> Sighting:
    """A sample of a process that started then, by the server's clock. Its node's clock is ahead."""
    return Sighting(
        pod=pod,
        date=observed_at + node_ahead,
        process_start=started_at + node_ahead,
        observed_at=observed_at,
        mallocs=(observed_at - started_at) * 1000 if mallocs is None else mallocs,
        cpu_seconds=(observed_at - started_at) / 100 if cpu_seconds is None else cpu_seconds,
    )


def test_a_process_that_started_at_the_same_time_is_the_same() -> None:
    assert same_process(moment(1000, 10.25), moment(1060, 10.25))


def test_rounded_dates_and_boot_times_make_no_new_process() -> None:
    assert same_process(moment(1000, 10.25), moment(1060, 11.25))


def test_a_process_that_started_later_is_another() -> None:
    assert not same_process(moment(1000, 10.25), moment(1060, 1030.5))


@pytest.mark.parametrize("step", [300.0, -300.0, 7200.0, -86_400.0, 0.5])
def test_a_stepped_clock_makes_no_new_process_however_young_it_is(step: float) -> None:
    assert same_process(moment(20, 10.25), moment(80, 10.25, node_ahead=int(step)))


@pytest.mark.parametrize("step", [1020.0, -1020.0, 990.0])
def test_a_restart_is_seen_though_the_clock_was_stepped_so_that_the_old_start_fits(step: float) -> None:
    assert not same_process(moment(1000, 10.25), moment(1060, 1030.75, node_ahead=step))


def test_a_restart_whose_start_agrees_is_told_by_its_hundredths_although_it_has_overtaken() -> None:
    killed_at_once = moment(102, 100.25, mallocs=5_000, cpu_seconds=0.3)
    successor = moment(160, 104.5, mallocs=90_000, cpu_seconds=2.5)
    assert not same_process(killed_at_once, successor)


@pytest.mark.parametrize("witness", ["mallocs", "cpu_seconds"])
def test_a_young_restart_in_the_same_hundredths_is_told_by_what_only_grows(witness: str) -> None:
    killed_at_once = moment(102, 100.25, mallocs=5_000, cpu_seconds=0.3)
    mallocs, cpu_seconds = (0.1, 0.3) if witness == "mallocs" else (5_001, 0.1)
    assert not same_process(killed_at_once, moment(160, 103.25, mallocs=mallocs, cpu_seconds=cpu_seconds))


def test_a_witness_that_is_missing_says_nothing() -> None:
    assert same_process(moment(102, 100.25, mallocs=0, cpu_seconds=0), moment(160, 100.25))
    assert same_process(moment(102, 100.25), moment(160, 100.25, mallocs=0, cpu_seconds=0))


def test_a_process_whose_node_was_suspended_is_the_same() -> None:
    awake = moment(1000, 700.25)
    two_hours_later = moment(8260, 7900.25, mallocs=awake.mallocs + 1, cpu_seconds=awake.cpu_seconds)
    assert same_process(awake, two_hours_later)


def test_a_push_that_was_under_way_for_long_makes_no_new_process() -> None:
    scraped_at_1060_but_seen_late = moment(1090, 40.25, mallocs=1_060_000, cpu_seconds=10.6)
    assert same_process(moment(1000, 10.25), scraped_at_1060_but_seen_late)


def test_two_agents_may_see_a_young_process_in_the_wrong_order() -> None:
    seen_first_but_slowly = moment(30, 18.25, mallocs=11_000, cpu_seconds=0.11)
    assert same_process(seen_first_but_slowly, moment(25, 12.25, mallocs=12_000, cpu_seconds=0.13))


def test_a_late_sample_of_a_killed_process_is_not_of_its_successor() -> None:
    killed, successor = moment(1000, 10.25), moment(1120, 1050.5)
    assert find_process([successor, killed], moment(1030, 10.25)) is killed


def test_of_two_processes_in_the_same_hundredths_the_nearest_start_decides() -> None:
    one, other = moment(1000, 10.25), moment(1000, 12.25)
    assert find_process([one, other], moment(1060, 12.25)) is other
    assert find_process([one, other], moment(1060, 10.25)) is one


def test_a_process_behind_the_same_address_is_another_though_both_started_at_once() -> None:
    assert not same_process(moment(1000, 10.25), moment(1060, 10.5))


def test_two_pods_never_share_a_process() -> None:
    assert not same_process(moment(1000, 10.25), moment(1060, 10.25, pod="b"))


def test_of_two_samples_the_one_that_has_allocated_more_is_later() -> None:
    seen_late_but_taken_first = moment(110, 12.25, mallocs=500)
    assert moment(109, 10.25, mallocs=700).is_after(seen_late_but_taken_first)
    assert not moment(109, 10.25, mallocs=700).is_after(moment(109, 10.25, mallocs=700))
    assert moment(110, 10.25, mallocs=0).is_after(moment(50, 10.25, mallocs=700))
