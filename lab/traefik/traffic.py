"""Clients: a steady, bounded load through Traefik, a Host header for each flow, counting what was sent."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, Self

import aiohttp

from lab.background import LoopThread

type Protocol = Literal["http", "websocket", "sse"]


@dataclass(frozen=True)
class Flow:
    """Requests of one kind, `per_second` in all, shared out over the ports in turn."""

    host: str
    path: str = "/"
    per_second: float = 5.0
    method: str = "GET"
    protocol: Protocol = "http"
    websocket_seconds: float = 2.0
    """How long a WebSocket stays open."""


class Traffic:
    """The load, in a thread of its own: `with Traffic(flows, ports) as traffic: traffic.pause() ...`.

    `sent` counts finished requests by (host, path, status or error name).
    """

    def __init__(self, flows: Iterable[Flow], ports: Sequence[int], max_in_flight: int = 100) -> None:
        self.flows = list(flows)
        self.ports = list(ports)
        """The Traefik web ports that are in turn; change the list to move the load."""
        self.sent: Counter[tuple[str, str, str]] = Counter()
        self.max_in_flight = max_in_flight
        self._turn = 0

    def __enter__(self) -> Self:
        self._thread = LoopThread("traffic")
        self._thread.call(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.call(self._stop())
        self._thread.stop()

    async def _start(self) -> None:
        timeout = aiohttp.ClientTimeout(total=30)
        self._session = aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0))
        self._allowed = asyncio.Event()
        self._allowed.set()
        self._requests: set[asyncio.Task[None]] = set()
        self._loops = [asyncio.create_task(self._pour(flow)) for flow in self.flows]

    async def _stop(self) -> None:
        tasks = [*self._loops, *self._requests]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._session.close()

    def pause(self, wait_seconds: float = 5.0) -> None:
        """Send nothing new and wait until plain requests in flight are over (streams may go on)."""
        self._thread.call(self._pause(wait_seconds))

    def resume(self) -> None:
        """Go on after `pause`."""
        self._thread.loop.call_soon_threadsafe(self._allowed.set)

    def burst(self, flow: Flow, count: int, status: int | None = None) -> None:
        """Send so many requests at once and wait for them; `status` is what the backend shall answer."""
        self._thread.call(self._burst(flow, count, status))

    async def _pause(self, wait_seconds: float) -> None:
        self._allowed.clear()
        plain = [task for task in self._requests if task.get_name() == "http"]
        if plain:
            await asyncio.wait(plain, timeout=wait_seconds)

    async def _burst(self, flow: Flow, count: int, status: int | None) -> None:
        headers = {"X-Lab-Status": str(status)} if status else {}
        await asyncio.gather(*(self._send(flow, headers) for _ in range(count)))

    async def _pour(self, flow: Flow) -> None:
        """Start requests on the beat; a beat that finds too many in flight is left out."""
        loop = asyncio.get_running_loop()
        next_at = loop.time()
        while True:
            next_at = max(next_at + 1 / flow.per_second, loop.time())
            await asyncio.sleep(next_at - loop.time())
            await self._allowed.wait()
            if len(self._requests) < self.max_in_flight and self.ports:
                task = asyncio.create_task(self._send(flow, {}), name=flow.protocol)
                self._requests.add(task)
                task.add_done_callback(self._requests.discard)

    async def _send(self, flow: Flow, extra: dict[str, str]) -> None:
        self._turn += 1
        port = self.ports[self._turn % len(self.ports)]
        try:
            outcome = await self._exchange(flow, f"http://127.0.0.1:{port}{flow.path}", {"Host": flow.host} | extra)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            outcome = type(error).__name__
        self.sent[flow.host, flow.path, outcome] += 1

    async def _exchange(self, flow: Flow, url: str, headers: dict[str, str]) -> str:
        if flow.protocol == "websocket":
            async with self._session.ws_connect(url, headers=headers) as socket:
                await socket.send_str("hello")
                with suppress(TimeoutError):
                    await socket.receive(timeout=1)
                await asyncio.sleep(flow.websocket_seconds)
            return "websocket"
        if flow.protocol == "sse":
            headers |= {"Accept": "text/event-stream"}
        async with self._session.request(flow.method, url, headers=headers) as response:
            await response.read()
            return str(response.status)
