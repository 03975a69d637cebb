"""Sends single requests to a port of Traefik, with the host as the server's name in TLS."""

import http.client
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import h2.config
import h2.connection
import h2.events

from lab.trial.backends import GRPC_TYPE
from lab.trial.header import Request

_TIMEOUT_SECONDS = 60


def send(request: Request, port: int, *, tls: bool) -> int:
    """Send it once. Returns the status that the client sees. Raises OSError or http.client.HTTPException.

    A request whose `Content-Type` is gRPC's is sent over HTTP/2.
    """
    kinds = {name.lower(): value for name, value in request.headers.items()}
    with _connected(request.host if tls else None, port, is_http2=_is_grpc(kinds)) as connection:
        if _is_grpc(kinds):
            return _send_over_http2(request, kinds, connection, "https" if tls else "http")
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS)
        client.sock = connection
        client.putrequest(request.method, request.path, skip_host=True, skip_accept_encoding=True)
        client.putheader("Host", request.host.encode("utf-8"))
        for name, value in request.headers.items():
            client.putheader(name, value)
        client.endheaders()
        answer = client.getresponse()
        answer.read()
        return answer.status


def _is_grpc(headers: dict[str, str]) -> bool:
    return headers.get("content-type", "").startswith(GRPC_TYPE)


@contextmanager
def _connected(server_name: str | None, port: int, *, is_http2: bool) -> Iterator[socket.socket]:
    """A connection, over TLS if there is a server's name. The certificate is not verified."""
    with socket.create_connection(("127.0.0.1", port), timeout=_TIMEOUT_SECONDS) as connection:
        if server_name is None:
            yield connection
            return
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(["h2" if is_http2 else "http/1.1"])
        with context.wrap_socket(connection, server_hostname=server_name) as secure:
            yield secure


def _send_over_http2(request: Request, headers: dict[str, str], connection: socket.socket, scheme: str) -> int:
    http2 = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
    http2.initiate_connection()
    pseudo = {":method": "POST", ":scheme": scheme, ":authority": request.host, ":path": request.path}
    stream = http2.get_next_available_stream_id()
    http2.send_headers(stream, [*pseudo.items(), ("te", "trailers"), *headers.items()])
    http2.send_data(stream, bytes(5), end_stream=True)
    connection.sendall(http2.data_to_send())
    status = 0
    while data := connection.recv(65536):
        for event in http2.receive_data(data):
            if isinstance(event, h2.events.ResponseReceived):
                status = next(int(value) for name, value in event.headers if str(name) == ":status")
            elif isinstance(event, h2.events.StreamEnded):
                return status
            elif isinstance(event, (h2.events.StreamReset, h2.events.ConnectionTerminated)):
                raise ConnectionError(f"the stream was reset: {event}")
        connection.sendall(http2.data_to_send())
    raise ConnectionError("the connection ended before the answer")
