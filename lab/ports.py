"""TCP ports of this machine."""

import random
import socket
from contextlib import suppress

_GIVEN_OUT: set[int] = set()


def free_port() -> int:
    """A TCP port that is free and was not returned before.

    It is below the kernel's range for outgoing connections, so that none of them takes it before the caller binds it.
    """
    for port in random.sample(range(15_000, 32_000), 200):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            if port not in _GIVEN_OUT:
                _GIVEN_OUT.add(port)
                return port
    raise OSError("no free TCP port between 15000 and 32000")
