"""One GET that ends in time and in memory, follows nobody elsewhere, and never takes a part for the whole.

Whoever may label a pod decides who answers. So each limit holds while the answer arrives, whatever it says of itself.
"""

import base64
import math
import os
import re
import ssl
import sys
import zlib
from collections.abc import Iterator
from email.message import Message
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from time import monotonic
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from ingress_slo_agent.deadline import DeadlineSocket

_BLOCK_BYTES = 1 << 16
_OK = 200
_REDIRECTS = range(300, 400)
_LOGIN = re.compile(r"//[^/?#]*@")
_GZIP = 31
"""zlib's `wbits` for gzip."""


class FetchError(Exception):
    """Why there is no whole answer, in words for an operator."""


class NoConnectionError(FetchError):
    """Raised if nobody listens there."""


class TooLargeError(FetchError):
    """Raised for an answer that is larger than the limit."""


class Limits(NamedTuple):
    """The time for the whole answer, from the connection on, and how large it may be."""

    seconds: float
    size_bytes: int
    """Of the decompressed body."""
    received_bytes: int = sys.maxsize
    """As it arrives, if that has to be less than `size_bytes`."""
    connect_seconds: float = math.inf
    """For the connection, if that has to be less than `seconds`."""

    @property
    def most_received(self) -> int:
        """The largest body as it arrives."""
        return min(self.size_bytes, self.received_bytes)


class Answer(NamedTuple):
    """A whole answer with status 200, still compressed: many of them are in memory at once."""

    headers: Message
    received: bytes
    limits: Limits

    def body(self) -> bytes:
        """The decompressed body. Raises FetchError if it is too large, cut off or compressed in another way."""
        encoding = self.headers.get("Content-Encoding", "identity").lower()
        if encoding == "identity":
            return self.received
        if encoding != "gzip":
            raise FetchError(f"the answer has an encoding that was not asked for: {encoding[:100]!r}")
        return _decompressed(self.received, self.limits.size_bytes)


def without_login(url: str) -> str:
    """The URL as logs and snapshots may show it: without a user and a password."""
    return _LOGIN.sub("//", url, count=1)


def fetch(url: str, accept: str, limits: Limits) -> Answer:
    """GET this URL, directly and without a proxy. Raises FetchError if no whole answer arrives within the limits."""
    deadline = monotonic() + limits.seconds
    try:
        target = urlsplit(url)
        connection = _connection(target, min(limits.seconds, limits.connect_seconds))
    except ValueError as error:
        raise FetchError(f"not a URL that can be read: {error}") from error
    try:
        _connect(connection, target)
        connection.sock = DeadlineSocket(connection.sock, deadline)
        connection.request("GET", _path(target), headers=_headers(target, accept))
        with connection.getresponse() as response:
            return Answer(response.headers, b"".join(_received(response, limits.most_received)), limits)
    except TimeoutError as error:
        raise FetchError(f"no whole answer within {limits.seconds:.3g} seconds") from error
    except HTTPException as error:
        raise FetchError(f"not a whole answer of HTTP: {type(error).__name__}: {str(error)[:200]}") from error
    except ValueError as error:
        raise FetchError(f"not a URL that can be read: {error}") from error
    except OSError as error:
        raise FetchError(f"the connection broke: {type(error).__name__}: {error}") from error
    finally:
        connection.close()


def _connection(target: SplitResult, timeout_seconds: float) -> HTTPConnection:
    if target.scheme not in ("http", "https") or not target.hostname:
        raise ValueError("expected http://HOST or https://HOST")
    if target.scheme == "http":
        return HTTPConnection(target.hostname, target.port, timeout=timeout_seconds)
    trusted = ssl.create_default_context(cafile=os.environ.get("REQUESTS_CA_BUNDLE") or DEFAULT_CA_BUNDLE_PATH)
    return HTTPSConnection(target.hostname, target.port, timeout=timeout_seconds, context=trusted)


def _connect(connection: HTTPConnection, target: SplitResult) -> None:
    try:
        connection.connect()
    except TimeoutError:
        raise
    except ssl.SSLError as error:
        raise FetchError(f"no TLS with {target.hostname}: {error}") from error
    except OSError as error:
        raise NoConnectionError(f"no connection to port {connection.port} ({type(error).__name__})") from error


def _path(target: SplitResult) -> str:
    return (target.path or "/") + (f"?{target.query}" if target.query else "")


def _headers(target: SplitResult, accept: str) -> dict[str, str]:
    headers = {"Accept": accept, "Accept-Encoding": "gzip", "Connection": "close"}
    if target.username is not None:
        login = f"{unquote(target.username)}:{unquote(target.password or '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(login.encode()).decode()}"
    return headers


def _received(response: HTTPResponse, limit_bytes: int) -> Iterator[bytes]:
    """The parts of the body as they arrive. Raises FetchError if nothing says where the body ends, or if it is cut."""
    if response.status in _REDIRECTS:
        raise FetchError(f"the answer is {response.status}, a redirect, which is not followed")
    if response.status != _OK:
        raise FetchError(f"the answer is {response.status} {response.reason[:100]}")
    if not response.chunked and response.length is None:
        raise FetchError("the answer has neither a Content-Length nor chunks, so nobody can tell whether it is whole")
    size = 0
    while part := response.read1(_BLOCK_BYTES):
        size += len(part)
        if size > limit_bytes:
            raise _too_large(limit_bytes)
        yield part
    if response.length:
        raise FetchError(f"the answer is cut off: {response.length} bytes of its Content-Length are missing")


def _decompressed(received: bytes, limit_bytes: int) -> bytes:
    inflate = zlib.decompressobj(_GZIP)
    try:
        body = inflate.decompress(received, limit_bytes + 1)
    except zlib.error as error:
        raise FetchError(f"the answer is not gzip, as it says: {error}") from error
    if len(body) > limit_bytes:
        raise _too_large(limit_bytes)
    if not inflate.eof:
        raise FetchError("the answer is cut off: its gzip has no end")
    return body


def _too_large(limit_bytes: int) -> TooLargeError:
    return TooLargeError(f"the answer is larger than {limit_bytes / (1 << 20):.3g} MiB")
