"""An asyncio loop in a thread, so that sync code (tests, the demo) can own aiohttp servers and clients."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

_ROUNDS_TO_CLOSE = 5
"""Rounds of the loop in which closed connections let go of their sockets."""


class LoopThread:
    """One running event loop in a daemon thread; `call` runs a coroutine there and waits for it."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def call[T](self, work: Coroutine[Any, Any, T], timeout_seconds: float = 60) -> T:
        """Run `work` on the loop and return its result. Raises its errors, or TimeoutError."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout_seconds)

    def stop(self) -> None:
        """Cancel all tasks, close the loop and join the thread."""
        if self.loop.is_closed():
            return
        self.call(_cancel_all())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()


async def _cancel_all() -> None:
    """Cancel every other task of the loop and wait until they are gone."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for _ in range(_ROUNDS_TO_CLOSE):
        await asyncio.sleep(0)
