"""What the predecessor of this system wrote with each push, rebuilt from its description and measured.

Its processor stored the last value of every counter (host, code, method) and of every bucket (host, bound), one upsert
each, to subtract it from the next value. It also inserted one row for each host. In DynamoDB each of these takes one
write unit or more. Its indexes, which would double some writes, are left out.
"""

from collections.abc import Iterator
from itertools import batched
from typing import Any

from bench.synthetic import BOUNDS, SyntheticCluster
from lab.cloud.dynamodb_local import CapacityMeter, DynamoDBLocal

_TABLE = "old-system"
_BATCH = 25


def write_units(running: DynamoDBLocal, meter: CapacityMeter, cluster: SyntheticCluster) -> float:
    """The write units of one push of this cluster: every counter and bucket, as the old processor wrote them."""
    client = running.client()
    client.create_table(
        TableName=_TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("cluster_id", "name")],
        KeySchema=[
            {"AttributeName": "cluster_id", "KeyType": "HASH"},
            {"AttributeName": "name", "KeyType": "RANGE"},
        ],
    )
    meter.reset()
    for batch in batched(_items(cluster), _BATCH, strict=False):
        client.batch_write_item(RequestItems={_TABLE: [{"PutRequest": {"Item": item}} for item in batch]})
    written = meter.write_units
    client.delete_table(TableName=_TABLE)
    return written


def _items(cluster: SyntheticCluster) -> Iterator[dict[str, Any]]:
    hosts: dict[str, list[int]] = {}
    for process in cluster.processes:
        for series in process.series:
            host = f"{process.pod}|{series.router}"
            yield _item(cluster, f"counter|{host}|{series.code}|{series.method}", series.requests)
            buckets = hosts.setdefault(host, [0] * (len(BOUNDS) + 1))
            for index, count in enumerate((*series.buckets, series.requests)):
                buckets[index] += count
    for host, buckets in hosts.items():
        for bound, count in zip((*BOUNDS, "+Inf"), buckets, strict=True):
            yield _item(cluster, f"bucket|{host}|{bound}", count)
        yield _item(cluster, f"raw|{host}|{cluster.now}", buckets[-1])


def _item(cluster: SyntheticCluster, name: str, value: int) -> dict[str, Any]:
    return {
        "cluster_id": {"S": cluster.cluster_id},
        "name": {"S": name},
        "value": {"N": str(value)},
        "updated_at": {"N": str(cluster.now)},
    }
