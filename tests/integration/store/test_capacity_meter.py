"""What is measured on DynamoDB Local is what the service charges, also for what does not exist."""

from collections.abc import Callable
from typing import Any

import pytest
from integration.use_cases import UseCases

from lab.cloud.dynamodb_local import CapacityMeter


def key(name: str) -> dict[str, Any]:
    return {"cluster_id": {"S": "c1"}, "target_key": {"S": name}}


@pytest.mark.parametrize(("is_consistent", "least"), [(False, 0.5), (True, 1.0)])
def test_what_does_not_exist_costs_the_minimum(
    meter: CapacityMeter, real: UseCases, is_consistent: bool, least: float
) -> None:
    client, table = real.client, real.names["TARGETS_TABLE"]
    client.put_item(TableName=table, Item=key("known"))

    def queried(cluster_id: str) -> None:
        client.query(
            TableName=table,
            KeyConditionExpression="cluster_id = :id",
            ExpressionAttributeValues={":id": {"S": cluster_id}},
            ConsistentRead=is_consistent,
        )

    def got_together(*names: str) -> None:
        keys = {"Keys": [key(name) for name in names], "ConsistentRead": is_consistent}
        client.batch_get_item(RequestItems={table: keys})

    def cost(work: Callable[..., object], *about: str) -> float:
        meter.reset()
        work(*about)
        return meter.read_units

    assert cost(lambda: client.get_item(TableName=table, Key=key("missing"), ConsistentRead=is_consistent)) == least
    assert [cost(queried, name) for name in ("c1", "c2")] == [least, least]
    assert [cost(got_together, *names) for names in (("known",), ("known", "missing"), ("a", "b", "c"))] == [
        least,
        2 * least,
        3 * least,
    ]
