"""The functions' own API on a loopback port, so that commands read from it as from a deployed one."""

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from lab.cloud.embedded import Embedded
from lab.cloud.functions import LambdaContext, load_function
from lab.cloud.tables import template

READER = "islo_reader"
"""A token that reads every cluster."""
MANAGER = "islo_manager"
"""A token that may change everything."""
_UNAUTHORIZED = template()["Resources"]["Api"]["Properties"]["GatewayResponses"]["UNAUTHORIZED"]

_QUERIES = tuple(
    f"/api/v2/slo/{name}" for name in ("clusters", "domains", "incidents", "routes", "statement", "status-", "token")
)


class _Request(NamedTuple):
    method: str
    target: str
    headers: dict[str, str]
    body: str

    @property
    def token(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")


class ApiServer:
    """Serves a deployment's queries and objectives. `tokens` are the clusters of each valid token; empty for all.

    With `takes_changes` it serves the function of notifications, too; a token of `managers` may change something.
    """

    def __init__(self, embedded: Embedded, *, takes_changes: bool = False) -> None:
        self.embedded = embedded
        self.tokens: dict[str, tuple[str, ...]] = {READER: ()}
        self.managers: set[str] = set()
        self._query = load_function("query").handler
        self._objectives = load_function("objectives").handler
        self._notifications = load_function("notifications").handler if takes_changes else self._query
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

    def _answer(self, request: "_Request") -> tuple[int, str]:
        clusters = self.tokens.get(request.token)
        if clusters is None:
            return 401, str(_UNAUTHORIZED["ResponseTemplates"]["application/json"])
        parts = urlsplit(request.target)
        event = self.embedded.get_event(unquote(parts.path), **dict(parse_qsl(parts.query)))
        scope = "manage" if request.token in self.managers else "read"
        event["requestContext"]["authorizer"] = {"scope": scope, "clusters": ",".join(clusters), "label": "test"}
        event |= {"httpMethod": request.method, "headers": request.headers, "body": request.body or None}
        is_objective = parts.path.startswith(("/api/v2/slo/objective", "/api/v2/slo/exclusions"))
        is_query = request.method == "GET" and parts.path.startswith(_QUERIES)
        with self._lock:
            handler = self._objectives if is_objective else self._query if is_query else self._notifications
            answer: dict[str, Any] = handler(event, LambdaContext())
        return int(answer["statusCode"]), str(answer["body"] or "")

    def _requests(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body_bytes = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, body = server._answer(
                    _Request(self.command, self.path, dict(self.headers.items()), body_bytes.decode())
                )
                encoded = body.encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(encoded)))
                self.end_headers()
                self.wfile.write(encoded)

            do_GET = do_PUT = do_POST = do_DELETE = answer  # noqa: N815 the names of http.server

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        return Handler
