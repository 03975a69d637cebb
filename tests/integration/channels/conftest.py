from collections.abc import Iterator

import pytest
from integration.channels.receivers import Receiver, receiver

from slo.channels.outside import Outside


@pytest.fixture
def receiving() -> Iterator[Receiver]:
    """A receiver over HTTP."""
    with receiver() as made:
        yield made


@pytest.fixture
def outside() -> Outside:
    """What may send to this machine."""
    return Outside(allow_private_targets=True, seconds=60)
