"""No fault between the agent and the watermark changes a total."""

import random

import pytest
from integration.kills import KilledError, Writes
from integration.use_cases import CLUSTER, DELAY, SLOT, T0, UseCases, process, route, row, snapshot

from lab.cloud.dynamodb_local import REGION as LOCAL
from lab.cloud.dynamodb_local import DynamoDBLocal, every_client
from slo.app.rollup import RollUp
from slo.store.errors import LostClaimError
from slo.traefik.snapshots import Snapshot

HOUR = T0 // 3600 * 3600
ROUTES = (route("a.example.com"), route("a.example.com", "/api"), route("b.example.com"))
NAMES = [info.router_keys[0] for info in ROUTES]
MINUTES = 70


def minute(number: int, *, start: float = HOUR - 4000) -> Snapshot:
    """One pod. Its first rule serves 10 requests a minute, and one of them fails. Its second rule serves 3."""
    taken_at = HOUR + 60.0 * number
    rows = [row(NAMES[0], 9 * number, number)] * bool(number) + [row(NAMES[1], 3 * number)] * bool(number)
    return snapshot(taken_at, [process(rows, taken_at, start)], ROUTES)


TRUTH = {NAMES[0]: 10 * MINUTES, NAMES[1]: 3 * MINUTES}
END = HOUR + 60 * MINUTES


def finish(backend: UseCases) -> None:
    """Roll up until everything is booked and the last hour is closed."""
    backend.roll_up(END + SLOT + DELAY)
    backend.roll_up(HOUR + 7200 + DELAY)


def check(backend: UseCases) -> None:
    assert backend.requests() == TRUTH
    assert backend.hourly_requests(HOUR, HOUR + 7200) == TRUTH


def test_every_minute_in_order(backend: UseCases) -> None:
    for number in range(MINUTES + 1):
        backend.push(minute(number))
        if number % 5 == 1:
            backend.roll_up(HOUR + 60 * number + 5)
    finish(backend)
    check(backend)


def test_everything_twice_shuffled_and_some_an_hour_late(real: UseCases) -> None:
    chance = random.Random(7)
    arrivals = []
    for number in range(MINUTES + 1):
        late = 3600.0 if number % 9 == 4 else chance.uniform(0, 50)
        arrivals.append((HOUR + 60 * number + late, number))
        arrivals.append((HOUR + 60 * number + chance.uniform(0, 55), number) if number % 9 != 4 else arrivals[-1])
    due = HOUR + DELAY
    for at, number in sorted(arrivals):
        while due <= at:
            real.roll_up(due)
            due += SLOT
        real.push(minute(number), at=at)
    finish(real)
    check(real)
    real.roll_up(HOUR + 9000 + DELAY)
    assert list(real.raw.late(CLUSTER)) == []


def test_the_last_sample_of_a_killed_pod_comes_an_hour_late(real: UseCases) -> None:
    for number in range(31):
        real.push(minute(number))
    real.roll_up(HOUR + 1800 + SLOT)
    for number in range(32, MINUTES + 1):
        taken_at = HOUR + 60.0 * number
        rows = [row(NAMES[2], number - 31)]
        real.push(snapshot(taken_at, [process(rows, taken_at, HOUR + 31 * 60 + 30)], ROUTES))
    real.roll_up(END + SLOT)
    assert real.push(minute(31), at=END + SLOT).is_late
    finish(real)
    truth = {NAMES[0]: 310, NAMES[1]: 93, NAMES[2]: MINUTES - 31}
    assert real.requests() == truth
    assert real.hourly_requests(HOUR, HOUR + 7200) == truth


@pytest.mark.parametrize("skew", [-90.0, 90.0])
def test_two_agents_with_clocks_ninety_seconds_apart(real: UseCases, skew: float) -> None:
    for number in range(MINUTES + 1):
        real.push(minute(number))
        true_time = HOUR + 60.0 * number + 20
        rows = [row(NAMES[0], 9 * number + 3, number), row(NAMES[1], 3 * number + 1)]
        other = snapshot(true_time + skew, [process(rows, true_time, HOUR - 4000)], ROUTES)
        real.push(other, at=true_time, sent_at=true_time + skew)
        if number % 5 == 2:
            real.roll_up(HOUR + 60 * number + 30)
    finish(real)
    truth = {NAMES[0]: 10 * MINUTES + 3, NAMES[1]: 3 * MINUTES + 1}
    assert real.requests() == truth
    assert real.hourly_requests(HOUR - 3600, HOUR + 7200) == truth


def test_a_second_worker_that_claims_in_between_makes_the_first_one_give_up(real: UseCases) -> None:
    for number in range(11):
        real.push(minute(number))
    real.now = HOUR + 600 + DELAY
    state = real.clusters.get(CLUSTER)
    assert state is not None
    slow = real.clusters.claim(state)
    assert real.worker().run(CLUSTER) is not None
    with pytest.raises(LostClaimError):
        real.clusters.move_watermark(CLUSTER, slow, HOUR + 300)
    with pytest.raises(LostClaimError):
        real.ledgers.put(CLUSTER, real.ledgers.at(CLUSTER, HOUR + 600), slow)
    assert real.requests() == {NAMES[0]: 100, NAMES[1]: 30}


def test_a_worker_that_saw_the_watermark_before_another_moved_it_cannot_claim(real: UseCases) -> None:
    """It would book the late sample's slot again without that sample, because the sample's marker is deleted."""
    for number in (0, 1, 2, 4):
        real.push(minute(number))
    real.roll_up(HOUR + 300 + DELAY)
    real.push(minute(3), at=HOUR + 300 + DELAY)
    for number in range(5, 11):
        real.push(minute(number))
    real.now = HOUR + 600 + DELAY
    before = real.clusters.get(CLUSTER)
    assert before is not None
    claimed = real.clusters.claim(before)
    between = real.clusters.get(CLUSTER)
    assert between is not None
    real.clusters.move_watermark(CLUSTER, claimed, HOUR + 600)
    with pytest.raises(LostClaimError):
        real.clusters.claim(between)


def test_running_again_books_nothing_twice(real: UseCases) -> None:
    for number in range(MINUTES + 1):
        real.push(minute(number))
    finish(real)
    assert real.worker().run(CLUSTER) is None
    check(real)


@pytest.mark.parametrize("fatal_write", range(1, 7))
def test_a_worker_killed_between_any_two_writes_changes_no_total(
    dynamodb_local: DynamoDBLocal, fatal_write: int
) -> None:
    """Each rollup is killed at its n-th write, before or after the write takes effect. The next rollup resumes."""
    writes = Writes()
    with every_client(writes.register):
        backend = UseCases(dynamodb_local.client(), LOCAL, dynamodb_local.endpoint_url)
        for number in range(MINUTES + 1):
            backend.push(minute(number))
            if number % 5 == 1 and number > 5:
                if number % 3:
                    backend.push(minute(number - 5), at=HOUR + 60 * number + 2)
                writes.kill_at(fatal_write, after=bool(number % 2))
                try:
                    backend.roll_up(HOUR + 60 * number + 5)
                except KilledError:
                    pass
                finally:
                    writes.spare()
        assert writes.kills
        finish(backend)
        check(backend)


def backlog(backend: UseCases, hours: int) -> None:
    """Push every ten minutes for hours, while nothing is rolled up."""
    for number in range(0, 60 * hours + 1, 10):
        backend.push(minute(number))


def test_a_long_backlog_is_booked_in_parts_and_equals_one_rollup_every_five_minutes(backend: UseCases) -> None:
    other = UseCases(backend.client, backend.region, backend.host)
    backlog(backend, 7)
    booked = backend.roll_up(HOUR + 7 * 3600 + 700)
    assert booked is not None
    state = backend.clusters.get(CLUSTER, consistent=True)
    assert state is not None
    assert (booked.watermark, booked.samples) == (state.watermark, 43)
    for number in range(0, 60 * 7 + 1, 10):
        other.push(minute(number))
        other.roll_up(HOUR + 60 * number + 61)
    other.roll_up(HOUR + 7 * 3600 + 700)
    assert backend.codes() == other.codes()
    span = (HOUR - 3600, HOUR + 8 * 3600)
    assert backend.hourly_codes(*span) == other.hourly_codes(*span)


def test_a_backlog_of_many_series_is_booked_in_shorter_parts(
    backend: UseCases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hours of a large cluster would take more memory than the function has, each time again."""
    monkeypatch.setattr("slo.app.rollup._PART_ROWS", 6)
    for number in range(61):
        backend.push(minute(number))
    backend.now = HOUR + 3600 + DELAY
    ticks = iter(range(0, 10_000, 30))
    watermarks, most = [], 0
    while (booked := RollUp(backend.stores, monotonic=lambda: next(ticks)).run(CLUSTER)) is not None:
        watermarks.append(booked.watermark)
        most = max(most, booked.samples)
    assert watermarks == list(range(HOUR + SLOT, HOUR + 3600 + 1, SLOT))
    assert most == 6, "the first part begins with the sample that began the hour"
    assert backend.requests() == {NAMES[0]: 600, NAMES[1]: 180}


def test_a_worker_without_time_leaves_the_rest_to_the_next_one(backend: UseCases) -> None:
    backlog(backend, 7)
    backend.now = HOUR + 7 * 3600 + 700
    watermarks = []
    ticks = iter(range(0, 10_000, 30))
    while (booked := RollUp(backend.stores, monotonic=lambda: next(ticks)).run(CLUSTER)) is not None:
        watermarks.append((booked.watermark - HOUR) / 3600)
    assert watermarks == sorted(watermarks)
    assert len(watermarks) == 4
    assert backend.requests() == {NAMES[0]: 10 * 60 * 7, NAMES[1]: 3 * 60 * 7}


def test_after_a_long_silence_the_gap_is_one_part(backend: UseCases) -> None:
    for number in (0, 1, 60 * 24, 60 * 24 + 1):
        backend.push(minute(number))
    backend.now = HOUR + 86_400 + 700
    ticks = iter(range(0, 10_000, 30))
    booked = RollUp(backend.stores, monotonic=lambda: next(ticks)).run(CLUSTER)
    assert booked is not None
    assert booked.watermark == HOUR + 7_200
    booked = RollUp(backend.stores, monotonic=lambda: next(ticks)).run(CLUSTER)
    assert booked is not None
    assert booked.watermark == HOUR + 86_400 + 600
