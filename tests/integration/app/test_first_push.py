"""A large cluster's first push is accepted at the first try, although DynamoDB throttles its partitions."""

import gzip
import time

import pytest
from integration.use_cases import T0, UseCases

from bench.synthetic import SyntheticCluster
from lab.cloud.dynamodb_local import REGION, DynamoDBLocal
from lab.cloud.gate import Gate
from slo.app.route_mapper import RouteMapper
from slo.traefik import snapshots

PARTITION_UNITS_PER_SECOND = 1_000
"""AWS's limit, without the burst that it may grant."""
API_SECONDS = 29
"""API Gateway's limit; the ingest function ends before."""


def first_push(cluster: SyntheticCluster) -> bytes:
    """The cluster's snapshot, with a series for each route."""
    return gzip.compress(snapshots.encode(cluster.snapshot()))


@pytest.mark.parametrize("routes", [3_000, 10_000])
def test_a_first_push_is_accepted_at_the_first_try(dynamodb_local: DynamoDBLocal, routes: int) -> None:
    cluster = SyntheticCluster(routes, now=T0)
    body = first_push(cluster)
    with Gate(dynamodb_local.endpoint_url, units_per_second=PARTITION_UNITS_PER_SECOND) as gate:
        calm = UseCases(dynamodb_local.client(), REGION, dynamodb_local.endpoint_url)
        throttled = UseCases(dynamodb_local.client(), REGION, gate.endpoint_url, names=calm.names)
        started = time.monotonic()
        accepted = throttled.ingest.accept(cluster.cluster_id, body)
        took = time.monotonic() - started
    assert accepted.stored == 1
    assert took < API_SECONDS, f"{took:.0f} s"
    assert len(list(calm.catalogue(cluster.cluster_id).current_routes)) == routes


def test_the_routes_of_a_large_cluster_are_mapped_behind_the_push_at_dynamodbs_pace(
    dynamodb_local: DynamoDBLocal,
) -> None:
    """Half of its pace, because DynamoDB Local itself takes little more."""
    cluster = SyntheticCluster(3_000, now=T0)
    with Gate(dynamodb_local.endpoint_url, units_per_second=PARTITION_UNITS_PER_SECOND / 2) as gate:
        calm = UseCases(dynamodb_local.client(), REGION, dynamodb_local.endpoint_url)
        throttled = UseCases(dynamodb_local.client(), REGION, gate.endpoint_url, names=calm.names)
        calm.ingest.accept(cluster.cluster_id, first_push(cluster))
        while (mapped := RouteMapper(throttled.stores).run(cluster.cluster_id)) is not None:
            assert mapped.left < mapped.added, "each run gets ahead"
        assert gate.seen["unprocessed"] + gate.seen["throttled"], "DynamoDB was at its limit"
    rows = calm.route_map.all(cluster.cluster_id)
    expected = {(info.domain, info.path_prefix) for info in cluster.routes}
    assert {(row.domain, row.path_prefix) for row in rows} == expected
