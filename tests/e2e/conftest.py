from collections.abc import Iterator

import pytest
from e2e.builds import build_once
from e2e.tokens import store_of

from lab.cloud.local import Cloud, Deployment
from slo.store.tokens import TokenStore


@pytest.fixture(scope="session")
def cloud(testrun_uid: str) -> Iterator[Cloud]:
    """The local cloud of this test process. Its stack has slots of 10 seconds, booked 4 seconds after they end."""
    with Cloud() as cloud:
        build_once(cloud, testrun_uid)
        cloud.deploy_built()
        yield cloud


@pytest.fixture(scope="session")
def deployment(cloud: Cloud) -> Deployment:
    return cloud.deployment()


@pytest.fixture(scope="session")
def token_store(cloud: Cloud, deployment: Deployment) -> TokenStore:
    """Makes tokens that the operator's command does not make, such as expired ones."""
    return store_of(cloud, deployment)
