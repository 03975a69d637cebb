"""One POST to an address that a user chose: checked, bounded in time and size, and never sent elsewhere.

The name is resolved once. What was checked is what is connected to, so a name server cannot change its mind in between.
TLS and the header `Host` still name the host. Nothing follows redirects, proxies or cookies.
"""

import socket
import ssl
import threading
from contextlib import suppress
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from time import monotonic, time
from urllib.parse import SplitResult, urlsplit

import msgspec

from slo.channels.addresses import Resolver, addresses_of, by_dns
from slo.channels.failures import GoneError, PermanentError, TemporaryError

_SECONDS = 10.0
"""For the name, the connection, the request and the whole answer together."""
_MOST_BYTES = 65_536
_PORTS = {"https": 443, "http": 80}
_TRY_AGAIN = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)


class Answer(msgspec.Struct, frozen=True):
    """What a receiver answered with a status of 200 to 299."""

    status: int
    body: bytes
    """At most 64 KB; the rest is not read."""


class Outside:
    """Sends to addresses of users. `resolve` is the machine's resolver unless a test needs another one."""

    def __init__(
        self, *, allow_private_targets: bool = False, resolve: Resolver = by_dns, seconds: float = _SECONDS
    ) -> None:
        self._allow_private = allow_private_targets
        self._resolve = resolve
        self._seconds = seconds

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        """POST and return the answer. Raises TemporaryError, PermanentError, or GoneError for 410."""
        deadline = monotonic() + self._seconds
        target, host, port = self._target(url)
        found = addresses_of(host, port, self._seconds, self._resolve, allow_private=self._allow_private)
        try:
            return _exchange(target, _connected(found, port, deadline), body, headers, deadline)
        except ssl.SSLCertVerificationError as error:
            raise TemporaryError(f"The receiver's certificate is not valid: {error.verify_message}.") from None
        except (OSError, HTTPException) as error:
            if monotonic() >= deadline:
                raise TemporaryError(f"The receiver gave no whole answer within {self._seconds:g} seconds.") from None
            raise TemporaryError(f"The connection to the receiver failed: {type(error).__name__}.") from None

    def _target(self, url: str) -> tuple[SplitResult, str, int]:
        """The parts of a URL, its host and its port."""
        try:
            target = urlsplit(url)
            host, port = target.hostname or "", target.port or _PORTS.get(target.scheme, 0)
        except ValueError:
            raise PermanentError("The receiver's URL is not valid.") from None
        if not host or target.scheme not in (("https", "http") if self._allow_private else ("https",)):
            raise PermanentError("The receiver's URL must begin with https://.")
        return target, host, port


def _exchange(
    target: SplitResult, plain: socket.socket, body: bytes, headers: dict[str, str], deadline: float
) -> Answer:
    connected = _with_tls(target, plain)
    connection = HTTPConnection(target.hostname or "")
    connection.sock = connected
    # A timeout of a socket is for each read, so drips would never end. This ends the whole exchange.
    ending = threading.Timer(max(0.0, deadline - monotonic()), _cut, (connected,))
    ending.daemon = True
    ending.start()
    try:
        if isinstance(connected, ssl.SSLSocket):
            connected.do_handshake()
        path = f"{target.path or '/'}{'?' if target.query else ''}{target.query}"
        connection.request("POST", path, body, {"Host": target.netloc, "User-Agent": "ingress-slo", **headers})
        answer = connection.getresponse()
        received = answer.read(_MOST_BYTES)
        if monotonic() >= deadline:
            raise TimeoutError
        _check(answer.status, answer.headers.get("Retry-After"))
        return Answer(answer.status, received)
    finally:
        ending.cancel()
        connection.close()


def _connected(addresses: list[str], port: int, deadline: float) -> socket.socket:
    """A connection to the first address that takes one. Raises OSError."""
    for address in addresses[:-1]:
        with suppress(OSError):
            return socket.create_connection((address, port), timeout=(deadline - monotonic()) / 2)
    return socket.create_connection((addresses[-1], port), timeout=max(0.1, deadline - monotonic()))


def _with_tls(target: SplitResult, plain: socket.socket) -> socket.socket:
    if target.scheme == "http":
        return plain
    context = ssl.create_default_context()
    return context.wrap_socket(plain, server_hostname=target.hostname, do_handshake_on_connect=False)


def _cut(connected: socket.socket) -> None:
    try:
        socket.socket.shutdown(connected, socket.SHUT_RDWR)
    except OSError:
        return


def _check(status: int, retry_after: str | None) -> None:
    """Raise what a status means (https://www.rfc-editor.org/rfc/rfc9110#section-15)."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return
    words = f"The receiver answered {status}{_phrase(status)}."
    if status == HTTPStatus.GONE:
        raise GoneError(words)
    if status in _TRY_AGAIN or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise TemporaryError(words, retry_after_seconds(retry_after))
    if status < HTTPStatus.BAD_REQUEST:
        words = f"{words[:-1]}, a redirect, which is not followed. Set the address to which it leads."
    raise PermanentError(words)


def retry_after_seconds(value: str | None) -> float | None:
    """Seconds of a header `Retry-After`, a number or a date; None if it has neither."""
    if value is None:
        return None
    if value.isdecimal() and value.isascii():
        return float(value[:9])
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time())
    except ValueError:
        return None


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""
