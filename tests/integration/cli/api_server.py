"""The functions' own API on a loopback port, so that commands read from it as from a deployed one."""

import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from lab.cloud.embedded import Embedded
from lab.cloud.functions import LambdaContext, load_function
from lab.cloud.tables import template

READER = "islo_reader"
"""A token that reads every cluster."""
_UNAUTHORIZED = template()["Resources"]["Api"]["Properties"]["GatewayResponses"]["UNAUTHORIZED"]


class ApiServer:
    """Serves a deployment's queries. `tokens` are the clusters of each valid token; empty for all clusters."""

    def __init__(self, embedded: Embedded) -> None:
        self.embedded = embedded
        self.tokens: dict[str, tuple[str, ...]] = {READER: ()}
        self._handler = load_function("query").handler
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._requests())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def environment(self) -> Mapping[str, str]:
        """What a user has set to read from here."""
        return {"INGRESS_SLO_URL": self.url, "INGRESS_SLO_TOKEN": READER}

    def _answer(self, target: str, token: str) -> tuple[int, str]:
        clusters = self.tokens.get(token)
        if clusters is None:
            return 401, str(_UNAUTHORIZED["ResponseTemplates"]["application/json"])
        parts = urlsplit(target)
        event = self.embedded.get_event(unquote(parts.path), **dict(parse_qsl(parts.query)))
        event["requestContext"]["authorizer"] = {"scope": "read", "clusters": ",".join(clusters), "label": "test"}
        with self._lock:
            answer: dict[str, Any] = self._handler(event, LambdaContext())
        return int(answer["statusCode"]), str(answer["body"] or json.dumps({}))

    def _requests(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body = server._answer(self.path, self.headers.get("Authorization", "").removeprefix("Bearer "))
                encoded = body.encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(encoded)))
                self.end_headers()
                self.wfile.write(encoded)

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        return Handler
