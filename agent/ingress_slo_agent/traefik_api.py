"""Reads Traefik's own API: the routers, services and entry points that a process serves, for every provider.

Only four paths are read (https://doc.traefik.io/traefik/operations/api/#endpoints). `/api/rawdata` is never read,
because it holds the password hashes of middlewares.
"""

import time
from collections.abc import Iterable, Iterator
from email.message import Message
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from ingress_slo_agent.fetch import FetchError, Limits, fetch, without_login
from ingress_slo_agent.settings import Traefik

_PORT_NAME = "traefik"
_USUAL_PORT = 8080
_PAGE_SIZE = 500
_OFF, _AUTO = "off", "auto"
_TRY_SECONDS = 2.0
"""Time to connect to an API that no setting names: a network policy may swallow the request."""


class ApiError(Exception):
    """Raised when Traefik's API does not answer. The message says why."""


class _Observability(msgspec.Struct, frozen=True):
    metrics: bool = True


class ApiRouter(msgspec.Struct, frozen=True, rename="camel"):
    """One router, as Traefik serves it: a router on several entry points may appear once for each."""

    name: str
    """The `router` label of its metrics."""
    provider: str
    rule: str = ""
    rule_syntax: str = ""
    service: str = ""
    status: str = "enabled"
    """`enabled`, `warning` or `disabled`."""
    error: tuple[str, ...] = ()
    entry_points: tuple[str, ...] = ()
    parent_refs: tuple[str, ...] = ()
    tls: Any = None
    observability: _Observability = _Observability()

    @property
    def qualified_service(self) -> str:
        """The `service` label of its metrics."""
        return qualified(self.service, self.provider)


class _Child(msgspec.Struct, frozen=True):
    name: str


class _Children(msgspec.Struct, frozen=True):
    services: tuple[_Child, ...] = ()


class _Mirroring(msgspec.Struct, frozen=True):
    service: str = ""


class _Failover(msgspec.Struct, frozen=True):
    service: str = ""
    fallback: str = ""


class ApiService(msgspec.Struct, frozen=True, rename="camel"):
    """One service, with the names of its children."""

    name: str
    provider: str
    weighted: _Children = _Children()
    highest_random_weight: _Children = _Children()
    mirroring: _Mirroring = _Mirroring()
    failover: _Failover = _Failover()

    @property
    def children(self) -> tuple[str, ...]:
        """The services that answer in its place. The targets of a mirror are not among them."""
        named = (
            *(child.name for child in (*self.weighted.services, *self.highest_random_weight.services)),
            *(self.mirroring.service, self.failover.service, self.failover.fallback),
        )
        return tuple(qualified(name, self.provider) for name in named if name)


class _Http(msgspec.Struct, frozen=True):
    tls: Any = None


class ApiEntryPoint(msgspec.Struct, frozen=True):
    """One entry point."""

    name: str
    http: _Http = _Http()


class _Total(msgspec.Struct, frozen=True):
    total: int = 0


class _HttpTotals(msgspec.Struct, frozen=True):
    routers: _Total = _Total()


class _Overview(msgspec.Struct, frozen=True):
    http: _HttpTotals = _HttpTotals()


class ApiView(msgspec.Struct, frozen=True):
    """What one Traefik process serves."""

    routers: tuple[ApiRouter, ...] = ()
    services: tuple[ApiService, ...] = ()
    entry_points: tuple[ApiEntryPoint, ...] = ()


class ApiTarget(NamedTuple):
    """The base URL of one API, such as `http://10.42.0.7:8080`."""

    url: str
    is_asked_for: bool
    """Whether a setting names it. An API that was only tried may be absent."""


def qualified(name: str, provider: str) -> str:
    """A name with its provider, as Traefik's metrics have it."""
    return name if not name or "@" in name else f"{name}@{provider}"


def api_targets(pods: Iterable[dict[str, Any]], settings: Traefik) -> list[ApiTarget]:
    """Where to read Traefik's API: the URLs of TRAEFIK_API, or each running pod's port `traefik`."""
    asked = settings.traefik_api.strip()
    if asked.lower() == _OFF:
        return []
    if asked.lower() != _AUTO:
        return [ApiTarget(url.strip().rstrip("/"), is_asked_for=True) for url in asked.split(",") if url.strip()]
    if settings.urls:
        return [ApiTarget(f"http://{urlsplit(url).hostname}:{_USUAL_PORT}", False) for url in settings.urls]
    return [ApiTarget(f"http://{_host(pod)}:{_port(pod)}", False) for pod in pods if _host(pod)]


def _host(pod: dict[str, Any]) -> str:
    address = str((pod.get("status") or {}).get("podIP") or "")
    return f"[{address}]" if ":" in address else address


def _port(pod: dict[str, Any]) -> int:
    ports = [
        port for container in (pod.get("spec") or {}).get("containers") or () for port in container.get("ports") or ()
    ]
    named = (int(port["containerPort"]) for port in ports if port.get("name") == _PORT_NAME)
    return next(named, _USUAL_PORT)


def read_api(target: ApiTarget, limits: Limits) -> ApiView:
    """Everything that one API tells. Raises ApiError if it does not answer, or answers with something else.

    The limits are for all answers together.
    """
    reader = _Reader(target, limits)
    view = ApiView(
        routers=tuple(reader.pages("/api/http/routers", ApiRouter)),
        services=tuple(reader.pages("/api/http/services", ApiService)),
        entry_points=tuple(reader.pages("/api/entrypoints", ApiEntryPoint)),
    )
    expected = reader.one("/api/overview", _Overview).http.routers.total
    if len(view.routers) < expected:
        raise ApiError(
            f"{reader.name}: {len(view.routers)} of {expected} routers were listed; the next run reads again"
        )
    return view


class _Reader:
    def __init__(self, target: ApiTarget, limits: Limits) -> None:
        self.name = without_login(target.url)
        self._url = target.url
        self._deadline = time.monotonic() + limits.seconds
        self._bytes_left = limits.size_bytes
        self._connect_seconds = limits.seconds if target.is_asked_for else _TRY_SECONDS

    def pages[T](self, path: str, kind: type[T]) -> Iterator[T]:
        """All items of a list. Traefik says the number of the next page, and 1 after the last one."""
        page = 1
        while True:
            body, headers = self._get(f"{path}?page={page}&per_page={_PAGE_SIZE}")
            yield from self._decoded(body, tuple[kind, ...])  # type: ignore[valid-type]
            following = headers.get("X-Next-Page", "1")
            if not (following.isascii() and following.isdecimal()) or int(following[:9]) <= page:
                return
            page = int(following[:9])

    def one[T](self, path: str, kind: type[T]) -> T:
        return self._decoded(self._get(path)[0], kind)

    def _get(self, path: str) -> tuple[bytes, Message]:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise ApiError(f"{self.name}: no answer in time")
        try:
            limits = Limits(left, self._bytes_left, connect_seconds=self._connect_seconds)
            answer = fetch(f"{self._url}{path}", "application/json", limits)
            body = answer.body()
        except FetchError as error:
            raise ApiError(f"{self.name}: {error}") from error
        self._bytes_left -= len(body)
        return body, answer.headers

    def _decoded[T](self, body: bytes, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ApiError(f"{self.name} is not Traefik's API: {error}") from error
