"""The backends of a trial: one for each way that Traefik speaks to a Service.

`X-Lab-Status` in a request is the status of the answer; `X-Lab-Grpc-Status` that of a gRPC call.
"""

import asyncio
import ssl
from typing import Self, cast

import h2.config
import h2.connection
import h2.events
from aiohttp import web

from lab.background import LoopThread, rounds
from lab.http_server import HttpServer
from lab.trial.certificates import Certificate
from lab.trial.services import HTTP2, PLAIN, TLS

STATUS_HEADER, GRPC_STATUS_HEADER = "x-lab-status", "x-lab-grpc-status"
GRPC_TYPE = "application/grpc"


class StandIns:
    """The servers, in a thread of their own: `with StandIns(certificate) as backends: backends.targets`."""

    def __init__(self, certificate: Certificate) -> None:
        self._certificate = certificate
        self.targets: dict[str, int] = {}
        """Their ports on 127.0.0.1, by the scheme of the Service."""

    def __enter__(self) -> Self:
        self._thread = LoopThread("stand-ins")
        self._thread.call(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.call(self._stop())
        self._thread.stop()

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", _answer)
        self._server = HttpServer(app)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*self._certificate)
        plain, tls = await self._server.listen(), await self._server.listen(context=context)
        self._http2 = await asyncio.get_running_loop().create_server(_Http2, "127.0.0.1", 0)
        http2 = self._http2.sockets[0].getsockname()
        self.targets = {PLAIN: plain, TLS: tls, HTTP2: http2[1]}

    async def _stop(self) -> None:
        await rounds()
        self._http2.close()
        self._http2.close_clients()
        await self._http2.wait_closed()
        await self._server.stop()


async def _answer(request: web.Request) -> web.Response:
    await request.read()
    return web.Response(status=int(request.headers.get(STATUS_HEADER, 200)), text="ok\n")


class _Http2(asyncio.Protocol):
    """HTTP/2 without TLS (h2c), which gRPC needs. Calls are answered by their trailers alone."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._requests: dict[int, dict[str, str]] = {}
        self._connection = h2.connection.H2Connection(
            h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
        )
        self._connection.initiate_connection()
        self._transport.write(self._connection.data_to_send())

    def data_received(self, data: bytes) -> None:
        for event in self._connection.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                self._requests[event.stream_id] = {str(name): str(value) for name, value in event.headers}
            elif isinstance(event, h2.events.DataReceived):
                self._connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                self._respond(event.stream_id, self._requests.pop(event.stream_id))
        self._transport.write(self._connection.data_to_send())

    def _respond(self, stream: int, request: dict[str, str]) -> None:
        if not request.get("content-type", "").startswith(GRPC_TYPE):
            self._connection.send_headers(stream, [(":status", request.get(STATUS_HEADER, "200"))], end_stream=True)
            return
        self._connection.send_headers(stream, [(":status", "200"), ("content-type", GRPC_TYPE)])
        trailers = [("grpc-status", request.get(GRPC_STATUS_HEADER, "0"))]
        self._connection.send_headers(stream, trailers, end_stream=True)
