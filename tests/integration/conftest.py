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
    """The use cases on moto: quick to begin with, slow for many items."""
    with mock_aws():
        yield UseCases(boto3.client("dynamodb", region_name="eu-central-1"), "eu-central-1", None)


@pytest.fixture(params=["moto_backend", "real"], ids=["moto", "dynamodb-local"])
def backend(request: pytest.FixtureRequest) -> UseCases:
    """The use cases on both engines."""
    backend: UseCases = request.getfixturevalue(request.param)
    return backend


@pytest.fixture
def meter() -> Iterator[CapacityMeter]:
    """What DynamoDB says was consumed, for clients made within the test: ask for it before the backend."""
    meter = CapacityMeter()
    with every_client(meter.register):
        yield meter
