"""What agents have pushed is in the next answer, and is what rollup books later."""

from datetime import UTC, datetime

import msgspec
import pytest
from integration.use_cases import CLUSTER, DELAY, SLOT, T0, UseCases, process, route, row, snapshot

from lab.cloud.dynamodb_local import CapacityMeter
from slo.api.answers import DomainsAnswer
from slo.api.parameters import DomainsParameters, HistoryParameters, WindowParameters
from slo.app.query import Query
from slo.app.views import Views

NAMES = ("a.example.com", "b.example.com", "c.example.com")
ROUTES = tuple(map(route, NAMES))
HOUR = T0 // 3600 * 3600
PER_MINUTE = 10


def push(backend: UseCases, minute: int) -> None:
    """Each domain serves ten requests a minute, and the first one fails each."""
    at = HOUR + 60.0 * minute + 10
    rows = [
        row(info.router_keys[0], 0 if number == 0 else PER_MINUTE * minute, PER_MINUTE * minute if number == 0 else 0)
        for number, info in enumerate(ROUTES)
    ]
    backend.push(snapshot(at, [process(rows if minute else [], at, HOUR - 4_000)], ROUTES))


def listed(backend: UseCases, **asked: object) -> DomainsAnswer:
    return backend.query.domains(CLUSTER, DomainsParameters(**asked))  # type: ignore[arg-type]


def totals(answer: DomainsAnswer) -> list[int]:
    return [domain.summary.total_requests for domain in answer.domains]


def utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.fixture
def backend(real: UseCases) -> UseCases:
    for minute in range(6):
        push(real, minute)
    real.roll_up(HOUR + SLOT + DELAY)
    return real


def test_each_push_is_in_the_next_answer(backend: UseCases) -> None:
    for minute in range(6, 15):
        push(backend, minute)
        answer = listed(backend)
        assert totals(answer) == [PER_MINUTE * minute] * 3
        assert answer.as_of == utc(HOUR + 60 * minute + 10)
        assert answer.booked_until == utc(HOUR + SLOT)
        assert answer.window is not None
        assert answer.window.end == answer.as_of


def test_the_first_figures_come_with_the_second_snapshot(real: UseCases) -> None:
    push(real, 0)
    assert (totals(listed(real)), listed(real).booked_until) == ([0, 0, 0], None)
    push(real, 1)
    assert totals(listed(real)) == [PER_MINUTE] * 3


def test_a_rollup_changes_no_figure(backend: UseCases) -> None:
    for minute in range(6, 13):
        push(backend, minute)
    before = listed(backend)
    backend.roll_up(HOUR + 2 * SLOT + DELAY)
    after = listed(backend)
    assert after.booked_until == utc(HOUR + 2 * SLOT)
    assert (after.domains, after.as_of, after.overview) == (before.domains, before.as_of, before.overview)


def test_a_function_that_has_just_started_answers_the_same(backend: UseCases) -> None:
    for minute in range(6, 9):
        push(backend, minute)
        listed(backend)
    assert Query(Views(backend.stores)).domains(CLUSTER, DomainsParameters()) == listed(backend)


def test_a_function_that_stays_warm_over_rollups_answers_as_a_new_one(backend: UseCases) -> None:
    for minute in range(6, 26):
        push(backend, minute)
        if minute % 5 == 1:
            backend.roll_up(HOUR + minute // 5 * SLOT + DELAY)
        warm, new = listed(backend), Query(Views(backend.stores)).domains(CLUSTER, DomainsParameters())
        assert (warm.domains, warm.as_of, warm.booked_until) == (new.domains, new.as_of, new.booked_until)


def test_a_rollup_leaves_the_window_before_as_it_was(backend: UseCases) -> None:
    for minute in range(6, 12):
        push(backend, minute)
    views = Views(backend.stores)
    before = views.of(CLUSTER, WindowParameters())
    backend.roll_up(HOUR + 2 * SLOT + DELAY)
    after = views.of(CLUSTER, WindowParameters())
    assert (before.booked_until, after.booked_until) == (HOUR + SLOT, HOUR + 2 * SLOT)
    assert after.previous is before.previous, "nothing is subtracted twice"
    assert after.current is not before.current
    assert after.current.counts == before.current.counts


def test_a_warm_function_sees_what_was_rolled_up_again(backend: UseCases) -> None:
    for minute in range(6, 12):
        push(backend, minute)
    backend.roll_up(HOUR + 2 * SLOT + DELAY)
    listed(backend)
    state = backend.clusters.get(CLUSTER, consistent=True)
    assert state is not None
    generation = backend.clusters.claim(state)
    ledger = backend.ledgers.at(CLUSTER, HOUR + SLOT, consistent=True)
    backend.ledgers.put(CLUSTER, msgspec.structs.replace(ledger, at=HOUR + SLOT, rows={}), generation)
    backend.clusters.move_watermark(CLUSTER, generation, HOUR + SLOT)
    assert totals(listed(backend)) == totals(Query(Views(backend.stores)).domains(CLUSTER, DomainsParameters()))


def test_a_detail_its_history_and_its_burn_rates_agree(backend: UseCases) -> None:
    for minute in range(6, 9):
        push(backend, minute)
    [requests, *_] = totals(listed(backend))
    detail = backend.query.domain(CLUSTER, NAMES[0], WindowParameters())
    history = backend.trends.history(CLUSTER, NAMES[0], HistoryParameters())
    assert detail.domain.summary.total_requests == requests
    assert sum(point.total_requests or 0 for point in history.points) == requests
    last = history.points[-1]
    assert last.timestamp.timestamp() + last.seconds == HOUR + 60 * 8 + 10
    rates = backend.query.burn_rates(CLUSTER, NAMES[0]).burn_rates
    assert (rates.windows[0].requests, rates.windows[0].errors) == (PER_MINUTE * 8, PER_MINUTE * 8)


def test_the_hour_that_is_not_closed_yet_is_in_the_history(real: UseCases) -> None:
    for minute in range(63):
        push(real, minute)
        if minute % 5 == 1 and minute < 60:
            real.roll_up(HOUR + 60 * minute + 11)
    state = real.clusters.get(CLUSTER)
    assert state is not None
    assert state.watermark == HOUR + 3300, "the last ten minutes are not booked, and an hour ended in between"
    history = real.trends.history(CLUSTER, NAMES[1], HistoryParameters())
    assert sum(point.total_requests or 0 for point in history.points) == PER_MINUTE * 62
    in_the_last_hour = [point for point in history.points if point.timestamp >= utc(HOUR + 3600)]
    assert [point.total_requests for point in in_the_last_hour] == [PER_MINUTE * 3]


def test_later_pages_have_the_figures_of_the_first(backend: UseCases) -> None:
    push(backend, 6)
    first = listed(backend, limit=1)
    push(backend, 7)
    listed(backend)
    second = listed(backend, limit=1, cursor=first.next_cursor)
    backend.roll_up(HOUR + 2 * SLOT + DELAY)
    third = listed(backend, limit=1, cursor=second.next_cursor)
    assert [answer.as_of for answer in (first, second, third)] == [utc(HOUR + 370)] * 3
    assert [totals(answer) for answer in (first, second, third)] == [[PER_MINUTE * 6]] * 3
    assert totals(listed(backend)) == [PER_MINUTE * 7] * 3


def test_a_window_that_has_ended_is_not_live(backend: UseCases) -> None:
    push(backend, 6)
    ended = listed(backend, start=utc(HOUR), end=utc(HOUR + SLOT))
    assert totals(ended) == [PER_MINUTE * 4] * 3
    assert ended.as_of == utc(HOUR + 370), "the figures go on, but not in this window"
    lasting = listed(backend, start=utc(HOUR))
    assert totals(lasting) == [PER_MINUTE * 6] * 3


def test_what_has_waited_for_half_an_hour_waits_for_rollup(backend: UseCases) -> None:
    for minute in range(6, 40):
        push(backend, minute)
    answer = listed(backend)
    assert totals(answer) == [PER_MINUTE * 4] * 3
    assert answer.as_of == answer.booked_until


def test_what_takes_too_much_memory_waits_for_rollup(backend: UseCases, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large cluster behind many pods whose rollup is late."""
    for minute in range(6, 15):
        push(backend, minute)
    backend.now = HOUR + 60 * 15
    monkeypatch.setattr("slo.app.live_ledgers._MOST_ROWS", 29)
    assert listed(backend).as_of == utc(HOUR + SLOT)
    monkeypatch.setattr("slo.app.live_ledgers._MOST_ROWS", 30)
    assert listed(backend).as_of == utc(HOUR + 60 * 14 + 10)


def test_a_push_costs_the_next_reader_one_more_item(meter: CapacityMeter, real: UseCases) -> None:
    for minute in range(7):
        push(real, minute)
    real.roll_up(HOUR + SLOT + DELAY)
    assert totals(listed(real)) == [PER_MINUTE * 6] * 3
    meter.reset()
    assert totals(listed(real)) == [PER_MINUTE * 6] * 3
    assert (meter.read_units, meter.requests) == (1.5, 3), (
        "the cluster's state, and that neither it nor all clusters have objectives"
    )
    push(real, 7)
    meter.reset()
    assert totals(listed(real)) == [PER_MINUTE * 7] * 3
    assert meter.read_units <= 3, "the state, the sample, and the whole one that it differs from"


def test_a_whole_sample_that_was_read_is_not_read_again_for_the_next_one(meter: CapacityMeter, real: UseCases) -> None:
    for minute in range(6):
        push(real, minute)
    real.roll_up(HOUR + SLOT + DELAY)
    listed(real)
    for minute in (10, 11):  # the first one of a slot is whole
        push(real, minute)
        meter.reset()
        assert totals(listed(real)) == [PER_MINUTE * minute] * 3
    assert meter.requests == 4, "the state, that there are no objectives of the two kinds, and the sample"
