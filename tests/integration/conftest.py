from collections.abc import Iterator

import boto3
import pytest
from integration.backend import Backend
from moto import mock_aws

from lab.dynamodb_local import REGION, CapacityMeter, DynamoDBLocal, every_client


@pytest.fixture(scope="session")
def dynamodb_local() -> Iterator[DynamoDBLocal]:
    with DynamoDBLocal() as engine:
        yield engine


@pytest.fixture
def real(dynamodb_local: DynamoDBLocal) -> Backend:
    """The use cases on DynamoDB Local."""
    return Backend(dynamodb_local.client(), REGION, dynamodb_local.endpoint_url)


@pytest.fixture
def moto_backend() -> Iterator[Backend]:
    """The use cases on moto: quick to begin with, slow for many items."""
    with mock_aws():
        yield Backend(boto3.client("dynamodb", region_name="eu-central-1"), "eu-central-1", None)


@pytest.fixture(params=["moto_backend", "real"], ids=["moto", "dynamodb-local"])
def backend(request: pytest.FixtureRequest) -> Backend:
    """The use cases on both engines."""
    backend: Backend = request.getfixturevalue(request.param)
    return backend


@pytest.fixture
def meter() -> Iterator[CapacityMeter]:
    """What DynamoDB says was consumed, for clients made within the test: ask for it before the backend."""
    meter = CapacityMeter()
    with every_client(meter.register):
        yield meter
