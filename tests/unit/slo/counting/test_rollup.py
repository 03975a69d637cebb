from collections import defaultdict
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.slo.world import BOUNDS, SCOPE, SimulatedTraefik, catalogue, heartbeat

from slo.counting.catalogue import Catalogue, Entry
from slo.counting.counts import Counts
from slo.counting.ledger import Ledger, difference
from slo.counting.rollup import Sample, roll_up

Step = tuple[str, int, int, int]
SLOT = 300
T0 = 1_800_000_000
CATALOGUE = catalogue("a", "b", "c")


def run(
    samples: list[Sample],
    until: int,
    *,
    ledger: Ledger | None = None,
    watermark: int = 0,
    kept: list[Sample] | None = None,
) -> Ledger:
    """Roll up all samples at once and return the last ledger. `kept` are the stored raw items, by default `samples`."""
    ledger = ledger or Ledger()
    written = roll_up(
        ledger,
        CATALOGUE,
        {sample.sample_key: sample for sample in kept or samples},
        samples,
        watermark=watermark,
        cutoff=until,
        slot_seconds=SLOT,
    )
    return (written or [ledger])[-1]


def requests(ledger: Ledger) -> dict[int, int]:
    return {entry_id: row.counts.requests for entry_id, row in ledger.rows.items()}


def test_a_process_that_ran_before_the_first_snapshot_is_a_baseline() -> None:
    pod = SimulatedTraefik("a", T0 - 1000)
    pod.serve(1, count=50)
    first = pod.sample(T0)
    pod.serve(1, count=7)
    assert requests(run([first, pod.sample(T0 + 60)], T0 + 600)) == {1: 7}


def test_a_process_that_started_after_we_began_to_watch_counts_whole() -> None:
    old, new = SimulatedTraefik("a", T0 - 1000), SimulatedTraefik("b", T0 + 30)
    new.serve(1, "503")
    assert requests(run([old.sample(T0), old.sample(T0 + 60), new.sample(T0 + 60)], T0 + 600)) == {1: 1}


def test_an_agent_that_could_scrape_nothing_has_begun_to_watch() -> None:
    new = SimulatedTraefik("a", T0 + 30)
    new.serve(1, count=3)
    assert requests(run([heartbeat(T0), new.sample(T0 + 60)], T0 + 600)) == {1: 3}


def test_a_restart_whose_counters_overtook_the_old_ones_loses_nothing() -> None:
    pod = SimulatedTraefik("a", T0 - 1000)
    samples = [pod.sample(T0)]
    pod.serve(1, count=10)
    samples.append(pod.sample(T0 + 60))
    pod.restart(T0 + 70)
    pod.serve(1, count=25)
    samples.append(pod.sample(T0 + 120))
    assert requests(run(samples, T0 + 600)) == {1: 35}


def test_a_changed_scope_begins_anew() -> None:
    pod, other = SimulatedTraefik("a", T0 - 1000), SimulatedTraefik("b", T0 + 10)
    other.serve(1, count=9)
    foreign = other.sample(T0 + 60)
    samples = [
        pod.sample(T0),
        Sample(**{**{f: getattr(foreign, f) for f in foreign.__struct_fields__}, "scope": "new"}),
    ]
    assert requests(run(samples, T0 + 600)) == {}


def test_a_late_sample_is_booked_in_the_open_interval() -> None:
    pod = SimulatedTraefik("a", T0 - 1000)
    first = pod.sample(T0)
    ledger = run([first], T0 + 3600)
    pod.serve(1, count=4)
    late = pod.sample(T0 + 60)
    written = roll_up(
        ledger, CATALOGUE, {first.sample_key: first}, [late],
        watermark=T0 + 3600, cutoff=T0 + 3900, slot_seconds=SLOT,
    )  # fmt: skip
    assert [book.at for book in written] == [T0 + 3900]
    assert requests(written[-1]) == {1: 4}


def test_a_sample_older_than_the_last_booked_one_holds_nothing_new() -> None:
    pod = SimulatedTraefik("a", T0 - 1000)
    first = pod.sample(T0)
    pod.serve(1, count=4)
    older = pod.sample(T0 + 30)
    pod.serve(1, count=4)
    newer = pod.sample(T0 + 60)
    ledger = run([first, newer], T0 + 300)
    assert requests(run([older, newer], T0 + 600, ledger=ledger, watermark=T0 + 300)) == {1: 8}


def test_a_long_silence_keeps_its_requests_and_hides_them_from_short_windows() -> None:
    pod = SimulatedTraefik("a", T0 - 1000)
    samples = [pod.sample(T0)]
    pod.serve(1, count=100)
    samples.append(pod.sample(T0 + 3600))
    before, after = Ledger(), run(samples, T0 + 3600)
    assert requests(after) == {1: 100}
    found = difference(before, after, T0 + 3300, T0 + 3600)
    assert not found.has_data
    assert (found.coverage, dict(found.delayed)) == (0, dict(found.counts))
    assert [row.requests for row in found.prompt.values()] == [0]


def test_a_ledger_is_repeated_at_the_end_of_its_hour_so_that_the_kept_item_says_what_held_then() -> None:
    pod = SimulatedTraefik("a", T0 - 1000)
    hour = T0 // 3600 * 3600
    first = pod.sample(hour + 60)
    pod.serve(1)
    written = roll_up(
        Ledger(), CATALOGUE, {}, [first, pod.sample(hour + 120)],
        watermark=0, cutoff=hour + 7200, slot_seconds=SLOT,
    )  # fmt: skip
    assert [ledger.at for ledger in written] == [hour + 300, hour + 3600]
    assert requests(written[-1]) == {1: 1}


def test_service_series_of_a_process_that_showed_routers_are_not_counted_again() -> None:
    entries = (Entry(1, "r", "s", (), BOUNDS), Entry(2, "", "s", (), BOUNDS))
    pod = SimulatedTraefik("a", T0 + 10)
    pod.serve(2, count=1)
    by_service = pod.sample(T0 + 60)
    pod.drop(2)
    pod.serve(1, count=5)
    by_router = pod.sample(T0 + 120)
    samples = [
        heartbeat(T0),
        Sample(**{f: getattr(by_service, f) for f in by_service.__struct_fields__} | {"measured_by": "service"}),
        by_router,
    ]
    written = roll_up(
        Ledger(), Catalogue(entries=entries), {}, samples, watermark=0, cutoff=T0 + 600, slot_seconds=SLOT
    )
    assert requests(written[-1]) == {2: 1, 1: 4}


def rolled_up(samples: list[Sample], *entries: Entry) -> dict[int, Counts]:
    written = roll_up(
        Ledger(), Catalogue(entries=entries), {}, samples, watermark=0, cutoff=T0 + 600, slot_seconds=SLOT
    )
    return {entry_id: row.counts for entry_id, row in written[-1].rows.items()}


def test_a_process_that_gets_its_first_bounds_is_no_new_process() -> None:
    """Its series have other entries from then on, because an entry has one set of bounds."""
    streams, plain = Entry(1, "r", "s", (), ()), Entry(2, "r", "s", (), BOUNDS)
    pod = SimulatedTraefik("a", T0 + 10)
    pod.rows = {1: Counts({"0": 200}, {"GET": 200}, [0], 0)}
    served_streams = pod.sample(T0 + 60)
    pod.rows = {2: Counts({"0": 203, "200": 3}, {"GET": 206}, [1, 3, 3, 3, 3], 9000)}
    assert rolled_up([heartbeat(T0), served_streams, pod.sample(T0 + 120)], streams, plain) == {
        1: Counts({"0": 200}, {"GET": 200}, [0], 0),
        2: Counts({"0": 3, "200": 3}, {"GET": 6}, [1, 3, 3, 3, 3], 9000),
    }


def changed(sample: Sample, **changes: Any) -> Sample:
    return msgspec.structs.replace(sample, **changes)


def test_an_answer_that_was_cut_off_before_its_series_does_not_make_them_new() -> None:
    pod = SimulatedTraefik("a", T0 + 10)
    pod.serve(1, count=600)
    before, cut = pod.sample(T0 + 60), changed(pod.sample(T0 + 120), rows={}, may_be_cut=True)
    pod.serve(1, count=60)
    assert requests(run([heartbeat(T0), before, cut, pod.sample(T0 + 180)], T0 + 600)) == {1: 660}


def test_series_that_were_removed_and_came_back_are_new() -> None:
    pod = SimulatedTraefik("a", T0 + 10)
    pod.serve(1, count=600)
    before, removed = pod.sample(T0 + 60), changed(pod.sample(T0 + 120), rows={})
    pod.drop(1)
    pod.serve(1, count=660)
    assert requests(run([heartbeat(T0), before, removed, pod.sample(T0 + 180)], T0 + 600)) == {1: 1260}


@pytest.mark.parametrize("versions", [(1, 2), (2, 1)])
def test_a_newer_or_older_agent_counts_grpc_calls_once(versions: tuple[int, int]) -> None:
    pod = SimulatedTraefik("a", T0 + 10)
    codes = {
        1: ({"0": 9, "grpc:14": 2}, {"0": 10, "grpc:14": 4}),
        2: ({"0": 1, "grpc:0": 8, "grpc:14": 2}, {"0": 1, "grpc:0": 9, "grpc:14": 4}),
    }
    samples = [heartbeat(T0)]
    for number, version in enumerate(versions):
        seen = codes[version][number]
        total = sum(seen.values())
        pod.rows = {1: Counts(seen, {"POST": total}, [total] * 5, 0)}
        samples.append(changed(pod.sample(T0 + 60 * (number + 1)), wire_version=version))
    (counted,) = rolled_up(samples, CATALOGUE.entries[0]).values()
    assert (counted.requests, counted.errors) == (14, 4)


actions = st.lists(
    st.tuples(
        st.sampled_from(["serve", "serve", "serve", "sample", "sample", "restart", "drop", "duplicate"]),
        st.integers(0, 2),
        st.integers(1, 3),
        st.integers(1, 40),
    ),
    max_size=60,
)


def simulate(steps: list[Step]) -> tuple[list[Sample], dict[int, int], float]:
    """The samples of three pods, the requests that scrapes could see (by entry id), and the end time."""
    now = float(T0)
    pods = [SimulatedTraefik(f"pod-{number}", T0 - 1000.0 * (number + 1)) for number in range(3)]
    samples = [pod.sample(now) for pod in pods]
    truth: dict[int, int] = defaultdict(int)
    for action, pod_number, entry_id, amount in steps:
        pod = pods[pod_number]
        now += 5 + amount
        if action == "serve":
            pod.serve(entry_id, "500" if amount % 7 == 0 else "200", amount)
        elif action == "restart":
            pod.restart(now)
        elif action == "drop":
            gone = pod.rows.get(entry_id)
            if gone is not None:
                for unseen_id, count in pod.unseen.items():
                    truth[unseen_id] += count
                samples.append(pod.sample(now))
                pod.drop(entry_id)
                now += 5
                samples.append(pod.sample(now))
        elif action == "duplicate":
            samples.append(samples[amount % len(samples)])
        else:
            for unseen_id, count in pod.unseen.items():
                truth[unseen_id] += count
            samples.append(pod.sample(now))
    return samples, dict(truth), now


@given(actions, st.randoms())
@settings(max_examples=300)
def test_the_increases_of_all_processes_add_up_to_what_scrapes_could_see(steps: list[Step], random: Random) -> None:
    samples, truth, end = simulate(steps)
    random.shuffle(samples)
    assert requests(run(samples, int(end) + 600)) == truth


@given(actions, st.lists(st.integers(1, 8), min_size=1, max_size=6))
@settings(max_examples=200)
def test_however_the_time_is_cut_into_rollups_the_ledger_is_the_same(steps: list[Step], cuts: list[int]) -> None:
    samples, truth, end = simulate(steps)
    ledger, watermark, final = Ledger(), 0, (int(end) // SLOT + 2) * SLOT
    position = T0 // SLOT * SLOT
    for cut in [*cuts, 10_000]:
        cutoff = min(final, position + cut * SLOT)
        due = [sample for sample in samples if watermark < sample.taken_at <= cutoff]
        ledger = run(due, cutoff, ledger=ledger, watermark=watermark, kept=samples)
        watermark = position = cutoff
    assert requests(ledger) == truth == requests(run(samples, final))


@pytest.mark.parametrize("ahead", [-90.0, 90.0])
def test_two_agents_with_clocks_apart_count_each_request_once(ahead: float) -> None:
    pod = SimulatedTraefik("a", T0 - 1000)
    samples = [pod.sample(T0), pod.sample(T0 + 1, skew=ahead, agent="'")]
    for minute in range(1, 20):
        pod.serve(1, count=10)
        samples.append(pod.sample(T0 + 60 * minute))
        pod.serve(1, count=1)
        samples.append(pod.sample(T0 + 60 * minute + 7, skew=ahead, agent="'"))
    assert requests(run(samples, T0 + 3600)) == {1: 19 * 11}
    assert SCOPE in run(samples, T0 + 3600).scopes


def test_a_series_that_was_dropped_and_overtook_unseen_counts_whole_if_its_creation_is_known() -> None:
    """Something else scraped in between, so Traefik dropped the series of a removed router before we looked."""
    pod = SimulatedTraefik("a", T0 - 1000)
    pod.serve(1, count=50)
    pod.serve(2, count=3)
    first = pod.sample(T0)
    pod.drop(1)
    pod.serve(1, count=60)
    pod.serve(2, count=4)
    second = pod.sample(T0 + 60)
    assert requests(run([first, second], T0 + 600)) == {1: 60, 2: 4}
    unknown = [msgspec.structs.replace(sample, created={}, knows_created=False) for sample in (first, second)]
    assert requests(run(unknown, T0 + 600)) == {1: 10, 2: 4}, "without it, it looks as if it had gone on"


def test_a_series_too_old_to_have_its_creation_kept_goes_on() -> None:
    pod = SimulatedTraefik("a", T0 - 1000)
    pod.serve(1, count=50)
    first = pod.sample(T0)
    pod.serve(1, count=7)
    old = msgspec.structs.replace(pod.sample(T0 + 60), created={})
    assert requests(run([first, old], T0 + 600)) == {1: 7}
    pod.drop(1)
    pod.serve(1, count=90)
    renewed = pod.sample(T0 + 120)
    assert requests(run([first, old, renewed], T0 + 600)) == {1: 97}
