from collections.abc import Iterator

import boto3
import pytest
from integration.use_cases import UseCases
from moto import mock_aws

from lab.cloud.dynamodb_local import REGION, CapacityMeter, DynamoDBLocal, every_client


@pytest.fixture(scope="session")
def dynamodb_local() -> Iterator[DynamoDBLocal]:
    with DynamoDBLocal() as engine:
        yield engine


@pytest.fixture
def real(dynamodb_local: DynamoDBLocal) -> UseCases:
    """The use cases on DynamoDB Local."""
    return UseCases(dynamodb_local.client(), REGION, dynamodb_local.endpoint_url)


@pytest.fixture
def moto_backend() -> Iterator[UseCases]:
    """The use cases on moto, which starts fast and is slow with many items."""
    with mock_aws():
        yield UseCases(boto3.client("dynamodb", region_name="eu-central-1"), "eu-central-1", None)


@pytest.fixture(params=["moto_backend", "real"], ids=["moto", "dynamodb-local"])
def backend(request: pytest.FixtureRequest) -> UseCases:
    """The use cases on both engines."""
    backend: UseCases = request.getfixturevalue(request.param)
    return backend


@pytest.fixture
def meter() -> Iterator[CapacityMeter]:
    """Counts the capacity that DynamoDB reports. Request it before the backend: it sees only clients made after it."""
    meter = CapacityMeter()
    with every_client(meter.register):
        yield meter
