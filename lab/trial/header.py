"""The line `# try: {...}` of a manifest file: requests to send, and how Traefik and the agent are started."""

import json
from dataclasses import dataclass, field
from typing import Any

from lab.traefik.profiles import WEB, WEBSECURE

_MARK = "# try:"


class TrialError(Exception):
    """The input cannot be tried. The message says what to change."""


@dataclass(frozen=True)
class Request:
    """Some equal requests."""

    count: int
    host: str
    path: str = "/"
    tls: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "GET"
    entry_point: str = WEB


@dataclass(frozen=True)
class Header:
    """What a file asks for."""

    requests: tuple[Request, ...] | None = None
    """None: one to each router over each of its entry points."""
    arguments: tuple[str, ...] = ()
    """Further arguments of Traefik; `APIURL` stands for the Kubernetes API's address."""
    environment: dict[str, str] = field(default_factory=dict)
    """The agent's."""
    profile: str | None = None
    labels: bool = True
    """Whether Traefik has router labels."""
    settle_seconds: float = 1.0
    """How long Traefik's routers must not have changed before the first request."""
    every_group: bool = False
    """Whether the Kubernetes API serves every API group that Traefik ever had."""
    gateway_port: bool = False
    """Whether each Gateway listens on the port of the entry point."""


def header_of(text: str) -> Header:
    """The header of a file; an empty one if it has none. Raises TrialError."""
    lines = [line for line in text.splitlines() if line.startswith(_MARK)]
    if not lines:
        return Header()
    if len(lines) > 1:
        raise TrialError(f"{len(lines)} lines start with `{_MARK}`; keep one")
    try:
        given = json.loads(lines[0].removeprefix(_MARK))
        return _header(given)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise TrialError(
            f"the line `{_MARK}` needs a JSON object such as "
            f'{{"requests": [[3, "app.example.com", "/", {{"tls": true}}]]}}: {error}'
        ) from error


def _header(given: dict[str, Any]) -> Header:
    requests = given.get("requests")
    return Header(
        requests=None if requests is None else tuple(_request(*item) for item in requests),
        arguments=tuple(map(str, given.get("args", ()))),
        environment={name: str(value) for name, value in given.get("env", {}).items()},
        profile=given.get("profile"),
        labels=bool(given.get("labels", True)),
        settle_seconds=float(given.get("settle", Header.settle_seconds)),
        every_group=bool(given.get("absentnone", False)),
        gateway_port=bool(given.get("gwport", False)),
    )


def _request(count: int, host: str, path: str = "/", options: dict[str, Any] | None = None) -> Request:
    options = options or {}
    tls = bool(options.get("tls", False))
    return Request(
        count=int(count),
        host=str(host),
        path=str(path),
        tls=tls,
        headers={name: str(value) for name, value in options.get("headers", {}).items()},
        method=str(options.get("method", "GET")),
        entry_point=str(options.get("entryPoint", WEBSECURE if tls else WEB)),
    )
