from itertools import pairwise

import pytest
from unit.slo.notifications.orders import notice, order, week

from slo.notifications.delivery import MAX_ATTEMPTS, new_test, number_of, wait_seconds
from slo.times import HOUR_SECONDS


def test_each_wait_is_twice_as_long_up_to_an_hour() -> None:
    waits = [wait_seconds(attempts) for attempts in range(1, MAX_ATTEMPTS + 1)]
    assert waits[:4] == [30, 60, 120, 240]
    assert all(later in (2 * earlier, HOUR_SECONDS) for earlier, later in pairwise(waits))
    assert waits[-1] == HOUR_SECONDS


def test_a_receiver_may_ask_for_more_but_not_for_ever() -> None:
    assert wait_seconds(1, 300.0) == 300
    assert wait_seconds(5, 10.0) == 480
    assert wait_seconds(1, 1e9) == HOUR_SECONDS


@pytest.mark.parametrize(
    ("told", "what", "cluster"),
    [(notice("resolved"), "resolved", "production"), (week(), "digest", "production"), (None, "test", None)],
)
def test_an_order_knows_what_it_tells(told: object, what: str, cluster: str | None) -> None:
    made = order(told)  # type: ignore[arg-type]
    assert (made.what, made.cluster_id) == (what, cluster)


def test_two_tests_are_two_orders() -> None:
    first, second = (new_test("ops", "webhook", "en") for _ in range(2))
    assert first.order_id != second.order_id


def test_a_notice_has_a_place_among_those_of_its_incident() -> None:
    steps = [number_of(f"20270115T080000-ab.{number}") for number in (1, 100_001, 100_002, 2, 200_001, 3)]
    assert steps == sorted(set(steps)), "reminders are between the steps"
    assert [number_of(text) for text in ("digest.production.2027-01-15", "test.x")] == [0, 0]
