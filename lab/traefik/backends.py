"""HTTP backends on 127.0.0.1 with a set latency and failure share, server-sent events and WebSockets."""

import asyncio
import random
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from aiohttp import WSMsgType, web

from lab.background import LoopThread
from lab.cluster.builders import service
from lab.cluster.objects import Object
from lab.http_server import HttpServer

_FAILURES = (500, 502, 503)


@dataclass(frozen=True)
class Outages:
    """A backend fails all requests for a while, again and again."""

    first_after_seconds: float
    """After the backend's start."""
    last_seconds: float
    every_seconds: float
    """From the start of one to the start of the next."""

    def is_now(self, running_seconds: float) -> bool:
        """Whether the backend fails, so long after its start."""
        since = running_seconds - self.first_after_seconds
        return since >= 0 and since % self.every_seconds < self.last_seconds


@dataclass(frozen=True)
class Temper:
    """How a backend behaves: log-normal latency (`latency_spread` is sigma) and a share of failures."""

    latency_seconds: float = 0.02
    """The median."""
    latency_spread: float = 0.5
    failure_share: float = 0.0
    outages: Outages | None = None
    stream_seconds: float = 2.0
    """How long a stream of server-sent events lasts."""


@dataclass
class Backend:
    """One Kubernetes Service and its server. Without a `temper` the Service has no endpoints."""

    namespace: str
    name: str
    temper: Temper | None = field(default_factory=Temper)
    port: int = 0
    """The port it listens on, once started; 0 without endpoints."""

    def objects(self) -> list[Object]:
        """The Service and its endpoints, once started."""
        return service(self.namespace, self.name, self.port or None)


class Backends:
    """All backends of a stage, served by one thread: `with Backends([Backend(...)]) as running: ...`."""

    def __init__(self, backends: Iterable[Backend]) -> None:
        self.backends = list(backends)

    def __enter__(self) -> Self:
        self._thread = LoopThread("backends")
        self._servers: list[HttpServer] = []
        for backend in self.backends:
            if backend.temper:
                self._thread.call(self._start(backend, backend.temper))
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            self._thread.call(server.stop())
        self._thread.stop()

    def objects(self) -> list[Object]:
        """The Services and endpoints of all backends."""
        return [item for backend in self.backends for item in backend.objects()]

    async def _start(self, backend: Backend, temper: Temper) -> None:
        server = HttpServer(_application(temper))
        self._servers.append(server)
        backend.port = await server.listen(backend.port)


def _application(temper: Temper) -> web.Application:
    """Answers every path. `Upgrade: websocket` and `Accept: text/event-stream` choose the protocol."""
    started_at = time.monotonic()

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await _echo(request)
        if request.headers.get("Accept") == "text/event-stream":
            return await _stream(request, temper.stream_seconds)
        await asyncio.sleep(random.lognormvariate(0, temper.latency_spread) * temper.latency_seconds)
        is_out = temper.outages is not None and temper.outages.is_now(time.monotonic() - started_at)
        failed = is_out or random.random() < temper.failure_share
        status = random.choice(_FAILURES) if failed else 200
        return web.Response(status=status, text="ok\n")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    return app


async def _echo(request: web.Request) -> web.StreamResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            await socket.send_str(message.data)
    return socket


async def _stream(request: web.Request, seconds: float) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
    await response.prepare(request)
    for number in range(max(1, round(seconds / 0.2))):
        await response.write(f"data: {number}\n\n".encode())
        await asyncio.sleep(0.2)
    return response
