"""The scripted faults of `make soak`, smaller: afterwards the counts are the truth."""

import pytest
from soak.clocks import odd_clocks
from soak.faults import poisoned, rollup_failing, two_stacks, unreachable
from soak.upgrades import upgraded
from soak.workers import killed_workers, two_workers

from lab.cloud.dynamodb_local import DynamoDBLocal


def test_dynamodb_is_unreachable_for_ten_minutes(dynamodb_local: DynamoDBLocal) -> None:
    found = unreachable(dynamodb_local)
    assert found.failed >= 20, "two agents, ten minutes"
    assert found.differences == []
    assert found.counted == found.truth > 0


def test_a_rollup_that_failed_for_hours_catches_up(dynamodb_local: DynamoDBLocal) -> None:
    found = rollup_failing(dynamodb_local, 5, routes=12)
    assert found.differences == []
    assert found.counted == found.truth > 0


def test_healthy_clusters_do_not_notice_a_poisoned_one_which_is_logged_and_mended(
    dynamodb_local: DynamoDBLocal,
) -> None:
    found = poisoned(dynamodb_local, healthy=7)
    assert found.differences == []
    assert found.failed == 3
    assert found.counted == found.truth == 8 * 70


def test_two_stacks_in_one_account_do_not_touch_each_other(dynamodb_local: DynamoDBLocal) -> None:
    assert two_stacks(dynamodb_local).differences == []


def test_clocks_and_restarts_change_no_count(dynamodb_local: DynamoDBLocal) -> None:
    found = odd_clocks(dynamodb_local, fleets=1, minutes=30)
    assert found.differences == []
    assert found.counted == found.truth > 0
    for kind in ("step", "mending", "drift", "suspension", "restart", "restart before a scrape"):
        assert f"{kind} " in found.recovery


def test_workers_are_killed_at_each_write(dynamodb_local: DynamoDBLocal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slo.store.bodies.PART_BYTES", 1000)
    found = killed_workers(dynamodb_local, paths=40)
    assert found.differences == []
    assert found.failed > 40
    assert found.counted == found.truth > 0


def test_two_workers_take_the_same_messages(dynamodb_local: DynamoDBLocal) -> None:
    found = two_workers(dynamodb_local, paths=40)
    assert found.differences == []
    assert found.failed == 0
    assert found.counted == found.truth > 0


def test_a_stack_is_upgraded_with_data_in_it(dynamodb_local: DynamoDBLocal) -> None:
    found = upgraded(dynamodb_local)
    assert found.differences == []
    assert found.failed == 0
    assert found.counted == found.truth == 2 * 13 * 130
