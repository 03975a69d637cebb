"""The scripted faults of `make soak`, smaller: afterwards the counts are the truth."""

from soak.faults import poisoned, rollup_failing, two_stacks, unreachable

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
