from collections.abc import Iterator

import pytest

from lab.cloud import Cloud, Deployment


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """The local cloud, with the stack deployed: slots of 10 seconds, booked 4 seconds after their end."""
    with Cloud() as cloud:
        cloud.deploy()
        yield cloud


@pytest.fixture(scope="session")
def deployment(cloud: Cloud) -> Deployment:
    return cloud.deployment()
