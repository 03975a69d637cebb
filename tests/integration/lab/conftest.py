"""Fixtures that the lab's tests share."""

from collections.abc import Iterator

import pytest

from lab.cluster.api import StandInApi


@pytest.fixture
def api() -> Iterator[StandInApi]:
    with StandInApi() as api:
        yield api
