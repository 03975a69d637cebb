"""A socket whose time ends at one moment. A timeout of a socket is for each read, so slow drips would never end."""

import io
import socket
from time import monotonic
from typing import Protocol


class _Raw(Protocol):
    def readinto(self, buffer: memoryview, /) -> int | None: ...
    def close(self) -> None: ...


class DeadlineSocket:
    """What `http.client` uses of a connected socket. Raises TimeoutError after `deadline` (monotonic seconds)."""

    def __init__(self, connected: socket.socket, deadline: float) -> None:
        self._socket = connected
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        """Send all of it."""
        self.set_timeout()
        self._socket.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        """A file to read from. Only `rb` is known."""
        if mode != "rb":
            raise ValueError(f"cannot open a socket as {mode!r}")
        return io.BufferedReader(_Reader(self, self._socket.makefile("rb", buffering=0)))

    def set_timeout(self) -> None:
        """Let the next operation take what time is left."""
        left = self._deadline - monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        self._socket.settimeout(left)

    def close(self) -> None:
        """Close the socket when its file is closed, too."""
        self._socket.close()


class _Reader(io.RawIOBase):
    def __init__(self, owner: DeadlineSocket, raw: _Raw) -> None:
        self._owner = owner
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int | None:  # type: ignore[override]
        self._owner.set_timeout()
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
