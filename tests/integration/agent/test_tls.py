"""Nobody in the middle: neither the agent nor the command talks to a server whose certificate is not trusted."""

import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar, NamedTuple

import pytest
import requests
from integration.agent.test_versions import snapshot
from integration.command import run

from ingress_slo_agent.fetch import FetchError, Limits, fetch
from ingress_slo_agent.push import Push, UnreachableError
from ingress_slo_agent.settings import Server

TOKEN = "islo_secret"


class Secured(NamedTuple):
    """A server with a certificate of its own, and the tokens that it heard."""

    url: str
    certificate: str
    heard: list[str]


@pytest.fixture(params=["IP:127.0.0.1", "DNS:elsewhere.invalid"], ids=["its own name", "another name"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Secured]:
    certificate, key = tmp_path / "tls.crt", tmp_path / "tls.key"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-days", "2", "-subj", "/CN=lab", "-addext", f"subjectAltName={request.param}"]
    subprocess.run([*command, *names, "-keyout", key, "-out", certificate], check=True, capture_output=True)

    class Handler(BaseHTTPRequestHandler):
        heard: ClassVar[list[str]] = []

        def do_GET(self) -> None:
            self.heard.append(self.headers.get("Authorization", ""))
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(202 if self.command == "POST" else 200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listening.socket = context.wrap_socket(listening.socket, server_side=True)
    listening.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    yield Secured(f"https://127.0.0.1:{listening.server_port}", str(certificate), Handler.heard)
    listening.shutdown()
    listening.server_close()
    thread.join()


def push(server: Secured) -> int:
    with requests.Session() as session:
        pushing = Push(Server("lab", server.url, TOKEN), clock=lambda: 0.0, sleep=lambda _: None, session=session)
        return pushing.send(snapshot(0.0, 5))


def test_the_agent_pushes_to_nobody_whom_it_does_not_trust(server: Secured) -> None:
    with pytest.raises(UnreachableError, match="REQUESTS_CA_BUNDLE") as refused:
        push(server)
    assert "CERTIFICATE_VERIFY_FAILED" in str(refused.value)
    assert server.heard == [], "not even the token"


def test_the_agent_scrapes_nobody_whom_it_does_not_trust(server: Secured) -> None:
    with pytest.raises(FetchError, match="no TLS with 127"):
        fetch(server.url, "text/plain", Limits(5.0, 1 << 20))
    assert server.heard == []


def test_the_command_reads_from_nobody_whom_it_does_not_trust(server: Secured) -> None:
    done = run("clusters", "--url", server.url, env={"INGRESS_SLO_TOKEN": TOKEN})
    assert done.code == 1
    assert "REQUESTS_CA_BUNDLE" in done.err
    assert server.heard == []


def test_a_private_authority_is_trusted_where_it_is_set_and_only_for_its_name(
    server: Secured, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", server.certificate)
    if "another name" in request.node.name:
        with pytest.raises(UnreachableError):
            push(server)
        with pytest.raises(FetchError):
            fetch(server.url, "text/plain", Limits(5.0, 1 << 20))
        return
    assert push(server) == 1
    assert fetch(server.url, "text/plain", Limits(5.0, 1 << 20)).body() == b"{}"
    assert server.heard == [f"Bearer {TOKEN}", ""]
