"""A server that sends any bytes as its answer: what HTTP allows, and what it does not."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Self

Send = Callable[[socket.socket, bytes], None]
"""Sends an answer to a request."""


class RawServer:
    """Listens on 127.0.0.1 and lets `send` answer each request. Closes the connection after it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.requests: list[bytes] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/metrics"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                request = connection.recv(1 << 16)
                self.requests.append(request)
                self._send(connection, request)


def head(*lines: str, status: str = "200 OK", version: str = "1.1") -> bytes:
    """The head of an answer, with a Date."""
    return "\r\n".join([f"HTTP/{version} {status}", f"Date: {formatdate(usegmt=True)}", *lines, "", ""]).encode()


def answer(body: bytes, *lines: str) -> bytes:
    """A whole answer with its Content-Length."""
    return head(f"Content-Length: {len(body)}", *lines) + body


def always(*parts: bytes) -> Send:
    """Send the same bytes to everybody."""

    def send(connection: socket.socket, _: bytes) -> None:
        for part in parts:
            connection.sendall(part)

    return send


def forever(start: bytes, part: bytes, pause_seconds: float = 0.0) -> Send:
    """Send a part again and again, until the other side has enough."""

    def send(connection: socket.socket, _: bytes) -> None:
        connection.sendall(start)
        while True:
            time.sleep(pause_seconds)
            connection.sendall(part)

    return send


def silence(connection: socket.socket, _: bytes) -> None:
    """Send nothing, until the other side has enough."""
    connection.recv(1)
