"""Receivers on loopback, which check what they get as the services' documentation says."""

import base64
import hashlib
import hmac
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from lab.trial.certificates import Certificate

Reply = tuple[int, dict[str, str], bytes]


class Received(NamedTuple):
    """One request."""

    path: str
    headers: dict[str, str]
    """By names in small letters."""
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Receiver:
    """An HTTP server that keeps what it gets. `reply` may be changed at any time."""

    def __init__(self, server: ThreadingHTTPServer, scheme: str) -> None:
        self.received: list[Received] = []
        self.reply: Callable[[Received], Reply] = lambda _: (200, {}, b"{}")
        self.port = server.server_port
        self.url = f"{scheme}://{'[::1]' if server.address_family == socket.AF_INET6 else '127.0.0.1'}:{self.port}"

    def answer(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"{}") -> None:
        self.reply = lambda _: (status, headers or {}, body)


class _Six(ThreadingHTTPServer):
    address_family = socket.AF_INET6


@contextmanager
def receiver(*, certificate: Certificate | None = None, is_v6: bool = False) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Received(self.path, headers, self.rfile.read(length))
            made.received.append(request)
            status, answered, body = made.reply(request)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **answered}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = (_Six if is_v6 else ThreadingHTTPServer)(("::1" if is_v6 else "127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.certificate, certificate.key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    made = Receiver(server, "http" if certificate is None else "https")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def drip(text: bytes, pause_seconds: float) -> Iterator[str]:
    """A server that sends a text byte by byte, again and again, until its client is gone; yields its URL."""
    listening = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve() -> None:
        with suppress(OSError):
            connected, _ = listening.accept()
            with connected:
                connected.recv(65_536)
                while not stop.is_set():
                    for byte in text:
                        connected.sendall(bytes([byte]))
                        stop.wait(pause_seconds)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        stop.set()
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def verified(request: Received, secret: str) -> Any:
    """The payload of a webhook, if its signature is right: written after the text of the standard, not after our code.

    https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    webhook_id, timestamp = request.headers["webhook-id"], request.headers["webhook-timestamp"]
    assert "." not in webhook_id
    content = f"{webhook_id}.{int(timestamp)}.{request.body.decode()}"
    key = base64.b64decode(secret.split("_", 1)[1])
    expected = base64.b64encode(hmac.new(key, content.encode(), hashlib.sha256).digest()).decode()
    signatures = [part.split(",", 1) for part in request.headers["webhook-signature"].split(" ")]
    assert all(version == "v1" for version, _ in signatures)
    assert any(hmac.compare_digest(signature, expected) for _, signature in signatures)
    payload = request.json
    assert set(payload) == {"type", "timestamp", "data"}
    return payload


PAGERDUTY: dict[str, Any] = {
    "type": "object",
    "required": ["routing_key", "event_action", "dedup_key"],
    "additionalProperties": False,
    "properties": {
        "routing_key": {"type": "string", "minLength": 32, "maxLength": 32},
        "event_action": {"enum": ["trigger", "acknowledge", "resolve"]},
        "dedup_key": {"type": "string", "minLength": 1, "maxLength": 255},
        "client": {"type": "string"},
        "client_url": {"type": "string", "pattern": "^https?://"},
        "links": {
            "type": "array",
            "items": {"type": "object", "required": ["href"], "properties": {"href": {"pattern": "^https?://"}}},
        },
        "payload": {
            "type": "object",
            "required": ["summary", "source", "severity"],
            "additionalProperties": False,
            "properties": {
                "summary": {"type": "string", "minLength": 1, "maxLength": 1024},
                "source": {"type": "string", "minLength": 1},
                "severity": {"enum": ["critical", "error", "warning", "info"]},
                "timestamp": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$"},
                "component": {"type": "string"},
                "group": {"type": "string"},
                "class": {"type": "string"},
                "custom_details": {"type": "object"},
            },
        },
    },
    "if": {"properties": {"event_action": {"const": "trigger"}}},
    "then": {"required": ["payload"]},
}
"""https://developer.pagerduty.com/docs/send-alert-event as a JSON schema."""
PAGERDUTY_BYTES = 512 * 1024

_PLAIN = {
    "type": "object",
    "required": ["type", "text"],
    "additionalProperties": False,
    "properties": {
        "type": {"const": "plain_text"},
        "text": {"type": "string", "minLength": 1, "maxLength": 3000},
        "emoji": {"const": False},
    },
}
_BLOCKS: dict[str, Any] = {
    "header": {"text": {**_PLAIN, "properties": {**_PLAIN["properties"], "text": {"maxLength": 150}}}},  # type: ignore[dict-item]
    "section": {
        "text": _PLAIN,
        "fields": {
            "type": "array",
            "minItems": 1,
            "maxItems": 10,
            "items": {**_PLAIN, "properties": {**_PLAIN["properties"], "text": {"maxLength": 2000}}},  # type: ignore[dict-item]
        },
    },
    "context": {
        "elements": {
            "type": "array",
            "minItems": 1,
            "maxItems": 10,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"type": {"const": "mrkdwn"}, "text": {"pattern": r"^<https?://[^<>|]+\|[^<>|]+>$"}},
            },
        }
    },
}
SLACK: dict[str, Any] = {
    "type": "object",
    "required": ["text", "blocks"],
    "additionalProperties": False,
    "properties": {
        "channel": {"type": "string", "pattern": "^[A-Z0-9]+$"},
        "text": {"type": "string", "minLength": 1, "maxLength": 4000, "pattern": "^[^<>]*$"},
        "mrkdwn": {"const": False},
        "unfurl_links": {"const": False},
        "unfurl_media": {"const": False},
        "thread_ts": {"type": "string", "pattern": r"^\d+\.\d+$"},
        "reply_broadcast": {"type": "boolean"},
        "blocks": {
            "type": "array",
            "minItems": 1,
            "maxItems": 50,
            "items": {
                "oneOf": [
                    {
                        "type": "object",
                        "required": ["type"],
                        "additionalProperties": False,
                        "properties": {"type": {"const": name}, **fields},
                    }
                    for name, fields in _BLOCKS.items()
                ]
            },
        },
    },
}
"""What a message of ours may be of https://docs.slack.dev/reference/block-kit/blocks, with the documented limits."""
