"""Servers and clients of the stage leave no socket behind, however busy the machine is.

asyncio warns of a socket that is left behind when it is collected; pytest makes an error of the warning.
"""

import asyncio
import gc
import socket
import threading

import pytest
from aiohttp import web

from lab.background import LoopThread
from lab.http_server import HttpServer

A_MOMENT_SECONDS = 0.2
MUCH = bytes(32 << 20)
"""More than the buffers of a connection take."""


@pytest.fixture
def thread() -> LoopThread:
    return LoopThread("test")


def test_connections_that_wait_while_their_server_stops_are_closed(thread: LoopThread) -> None:
    server, may_go_on = HttpServer(web.Application()), threading.Event()
    port = thread.call(server.listen())
    thread.loop.call_soon_threadsafe(may_go_on.wait)
    waiting = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
    threading.Timer(A_MOMENT_SECONDS, may_go_on.set).start()
    thread.call(server.stop())
    thread.stop()
    gc.collect()
    for each in waiting:
        with each:
            assert each.recv(1) == b""


def test_a_connection_that_still_has_to_send_is_waited_for(thread: LoopThread) -> None:
    async def send(port: int) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(MUCH)
        writer.close()

    received = bytearray()

    def read_late() -> None:
        while part := other.recv(1 << 20):
            received.extend(part)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread.call(send(listening.getsockname()[1]))
        other, _ = listening.accept()
        with other:
            reading = threading.Timer(A_MOMENT_SECONDS, read_late)
            reading.start()
            thread.stop()
            gc.collect()
            reading.join()
    assert len(received) == len(MUCH)
