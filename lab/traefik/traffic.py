"""Clients: a steady, bounded load through Traefik, with a Host header for each flow, over HTTP and HTTPS."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, Self

import aiohttp

from lab.background import LoopThread
from lab.traefik.profiles import WEB, WEBSECURE

type Protocol = Literal["http", "websocket", "sse"]

_MOST_IN_FLIGHT = 100
_PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Flow:
    """Requests of one kind, `per_second` in total, spread over the pods in turn."""

    host: str
    path: str = "/"
    per_second: float = 5.0
    method: str = "GET"
    protocol: Protocol = "http"
    websocket_seconds: float = 2.0
    """How long a WebSocket stays open."""
    tls: bool = False
    """HTTPS to the entry point `websecure`; the server's name is the host, and its certificate is not verified."""

    @property
    def entry_point(self) -> str:
        """The entry point that it goes to."""
        return WEBSECURE if self.tls else WEB


class Traffic:
    """The load, in a thread of its own: `with Traffic(flows, pods) as traffic: traffic.pause() ...`."""

    def __init__(self, flows: Iterable[Flow], pods: Sequence[Mapping[str, int]]) -> None:
        self.flows = list(flows)
        self.pods = list(pods)
        """The ports of each Traefik by entry point; the pods are used in turn. Change the list to move the load."""
        self._turn = 0

    def __enter__(self) -> Self:
        self._thread = LoopThread("traffic")
        self._thread.call(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.call(self._stop())
        self._thread.stop()

    async def _start(self) -> None:
        timeout = aiohttp.ClientTimeout(total=_PATIENCE_SECONDS)
        self._session = aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0))
        self._allowed = asyncio.Event()
        self._allowed.set()
        self._requests: set[asyncio.Task[None]] = set()
        self._loops = [asyncio.create_task(self._run_flow(flow)) for flow in self.flows]

    async def _stop(self) -> None:
        """Requests in flight end by themselves: one that is cancelled while it connects may leave its socket open."""
        for task in self._loops:
            task.cancel()
        if self._requests:
            await asyncio.wait(self._requests, timeout=_PATIENCE_SECONDS)
        await self._session.close()

    def pause(self) -> None:
        """Stop sending, and wait until plain HTTP requests in flight end. Streams may continue."""
        self._thread.call(self._pause())

    def resume(self) -> None:
        """Continue after `pause`."""
        self._thread.loop.call_soon_threadsafe(self._allowed.set)

    async def _pause(self) -> None:
        self._allowed.clear()
        plain = [task for task in self._requests if task.get_name() == "http"]
        if plain:
            await asyncio.wait(plain, timeout=_PATIENCE_SECONDS)

    async def _run_flow(self, flow: Flow) -> None:
        """Start requests at the flow's rate; skip one if too many are in flight."""
        loop = asyncio.get_running_loop()
        next_at = loop.time()
        while True:
            next_at = max(next_at + 1 / flow.per_second, loop.time())
            await asyncio.sleep(next_at - loop.time())
            await self._allowed.wait()
            if len(self._requests) < _MOST_IN_FLIGHT and self.pods:
                task = asyncio.create_task(self._send(flow), name=flow.protocol)
                self._requests.add(task)
                task.add_done_callback(self._requests.discard)

    async def _send(self, flow: Flow) -> None:
        self._turn += 1
        port = self.pods[self._turn % len(self.pods)][flow.entry_point]
        scheme = "https" if flow.tls else "http"
        with suppress(aiohttp.ClientError, TimeoutError, OSError):
            await self._exchange(flow, f"{scheme}://127.0.0.1:{port}{flow.path}", {"Host": flow.host})

    async def _exchange(self, flow: Flow, url: str, headers: dict[str, str]) -> None:
        server_name = flow.host if flow.tls else None
        if flow.protocol == "websocket":
            async with self._session.ws_connect(url, headers=headers, ssl=False, server_hostname=server_name) as socket:
                await socket.send_str("hello")
                with suppress(TimeoutError):
                    await socket.receive(timeout=1)
                await asyncio.sleep(flow.websocket_seconds)
            return
        if flow.protocol == "sse":
            headers |= {"Accept": "text/event-stream"}
        async with self._session.request(
            flow.method, url, headers=headers, ssl=False, server_hostname=server_name
        ) as response:
            await response.read()
