"""An asyncio loop in a thread, so that sync code (tests, the demo) can own aiohttp servers and clients."""

import asyncio
import selectors
import threading
import time
from collections.abc import Coroutine
from typing import Any

_ROUNDS = 5
_CLOSING_SECONDS = 30
"""How long a connection may take to end, such as one with TLS that waits for the other side's goodbye."""


class LoopThread:
    """One running event loop in a daemon thread; `call` runs a coroutine there and waits for it."""

    def __init__(self, name: str) -> None:
        self._sockets = selectors.DefaultSelector()
        self.loop = asyncio.SelectorEventLoop(self._sockets)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def call[T](self, work: Coroutine[Any, Any, T], timeout_seconds: float = 60) -> T:
        """Run `work` on the loop and return its result. Raises its errors, or TimeoutError."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout_seconds)

    def stop(self) -> None:
        """Cancel all tasks, wait for connections that are closing, close the loop and join the thread."""
        if self.loop.is_closed():
            return
        self.call(_cancel_all())
        self.call(self._end_connections())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(60)
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()

    async def _end_connections(self) -> None:
        """Wait until the loop has no socket but the one that wakes it."""
        deadline = time.monotonic() + _CLOSING_SECONDS
        await rounds()
        while len(self._sockets.get_map()) > 1 and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        await rounds()


async def _cancel_all() -> None:
    """Cancel every other task of the loop and wait until they are gone."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def rounds() -> None:
    """Let the loop do what is due, such as taking connections that wait, and closing sockets."""
    for _ in range(_ROUNDS):
        await asyncio.sleep(0)
