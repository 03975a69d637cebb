from collections.abc import Iterator

import pytest
from integration.cli.api_server import ApiServer

from lab.cloud.dynamodb_local import DynamoDBLocal
from lab.cloud.embedded import Embedded


@pytest.fixture
def api_server(dynamodb_local: DynamoDBLocal) -> Iterator[ApiServer]:
    """The API of an empty deployment."""
    with Embedded(endpoint_url=dynamodb_local.endpoint_url) as embedded, ApiServer(embedded) as server:
        yield server
