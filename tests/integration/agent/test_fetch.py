"""A GET ends in time and in memory, whatever answers, and takes nothing but a whole answer of the one it asked."""

import gzip
import zlib

import pytest
from integration.metrics_server import RawServer, Send, always, answer, forever, head, silence

from ingress_slo_agent.fetch import FetchError, Limits, NoConnectionError, fetch
from lab.ports import free_port

LIMITS = Limits(seconds=60.0, size_bytes=1 << 20)
BRIEF = Limits(seconds=1.0, size_bytes=1 << 20)
CHUNKED = "Transfer-Encoding: chunked"
GZIP = "Content-Encoding: gzip"


def got(send: Send, limits: Limits = LIMITS) -> bytes:
    with RawServer(send) as server:
        return fetch(server.url, "text/plain", limits).body()


def bomb(size_bytes: int) -> bytes:
    deflate = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(1 << 20)
    return b"".join([*(deflate.compress(block) for _ in range(size_bytes >> 20)), deflate.flush()])


@pytest.mark.parametrize(
    "whole",
    [
        answer(b"body\n"),
        answer(gzip.compress(b"body\n"), GZIP),
        answer(b"body\n", "Content-Encoding: identity"),
        head("Content-Length: 5", version="1.0") + b"body\n",
        head(CHUNKED) + b"2\r\nbo\r\n3\r\ndy\n\r\n0\r\n\r\n",
    ],
    ids=["a length", "gzip", "identity", "HTTP/1.0 with a length", "chunks"],
)
def test_a_whole_answer_is_taken(whole: bytes) -> None:
    assert got(always(whole)) == b"body\n"


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (head("Content-Length: 10") + b"body\n", "cut off: 5 bytes of its Content-Length are missing"),
        (head(CHUNKED) + b"5\r\nbody\n\r\n", "IncompleteRead"),
        (head(CHUNKED) + b"9\r\nbody\n", "IncompleteRead"),
        (head(CHUNKED) + b"5\r\nbody\n\r\nnonsense\r\n", "IncompleteRead"),
        (head() + b"body\n", "neither a Content-Length nor chunks"),
        (head(version="1.0") + b"body\n", "neither a Content-Length nor chunks"),
        (answer(gzip.compress(b"body\n" * 100)[:-9], GZIP), "its gzip has no end"),
        (answer(b"body\n", GZIP), "not gzip"),
        (answer(b"body\n", "Content-Encoding: br"), "not asked for: 'br'"),
        (head("Content-Length: 0", status="404 Not Found"), "the answer is 404 Not Found"),
        (head("Content-Length: 0", status="204 No Content"), "the answer is 204"),
        (b"", "RemoteDisconnected"),
        (b"SSH-2.0-OpenSSH_9.9\r\n", "BadStatusLine"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", "LineTooLong"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 200 + b"\r\n", "more than 100 headers"),
    ],
    ids=lambda part: part if isinstance(part, str) else "sent",  # bytes have the time in them
)
def test_anything_else_is_refused_with_the_reason(sent: bytes, reason: str) -> None:
    with pytest.raises(FetchError, match=reason):
        got(always(sent))


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_not_followed(status: str) -> None:
    with RawServer(always(answer(b"SECRET"))) as other:
        location = f"Location: {other.url}"
        with pytest.raises(FetchError, match="a redirect, which is not followed"):
            got(always(head(location, "Content-Length: 0", status=status)))
        assert other.requests == []


@pytest.mark.parametrize(
    "send",
    [
        always(answer(bytes(LIMITS.size_bytes + 1))),
        always(answer(bomb(100 << 20), GZIP)),
        forever(head(CHUNKED), b"10000\r\n" + bytes(1 << 16) + b"\r\n"),
        forever(head(f"Content-Length: {1 << 40}"), bytes(1 << 16)),
    ],
    ids=["one byte more", "a gzip bomb", "endless chunks", "a terabyte"],
)
def test_no_answer_is_larger_than_the_limit(send: Send) -> None:
    with pytest.raises(FetchError, match="larger than 1 MiB"):
        got(send)


def test_an_answer_of_just_the_limit_is_taken() -> None:
    assert len(got(always(answer(bytes(LIMITS.size_bytes))))) == LIMITS.size_bytes
    assert len(got(always(answer(gzip.compress(bytes(LIMITS.size_bytes)), GZIP)))) == LIMITS.size_bytes


@pytest.mark.parametrize(
    ("start", "drip"),
    [
        (b"HTTP/1.1 200 OK\r\nX-", b"x"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (head("Content-Length: 100000"), b"#"),
        (head(CHUNKED), b"1\r\n#\r\n"),
        (head(CHUNKED) + b"0\r\n", b"X: x\r\n"),
    ],
    ids=["a header", "100 Continue", "a body", "chunks", "trailers"],
)
def test_the_time_is_for_the_whole_answer_and_not_for_each_byte(start: bytes, drip: bytes) -> None:
    with pytest.raises(FetchError, match="no whole answer within 1 seconds"):
        got(forever(start, drip, pause_seconds=0.1), BRIEF)


def test_silence_ends_as_well() -> None:
    with pytest.raises(FetchError, match="no whole answer within 1 seconds"):
        got(silence, BRIEF)


def test_nobody_who_listens_is_no_connection() -> None:
    port = free_port()
    with pytest.raises(NoConnectionError, match=f"no connection to port {port}"):
        fetch(f"http://127.0.0.1:{port}/metrics", "text/plain", LIMITS)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http:///metrics",
        "ftp://127.0.0.1/",
        "http://127.0.0.1:99999/",
        "http://[::1/",
    ],
)
def test_only_http_is_asked(url: str) -> None:
    with pytest.raises(FetchError, match="not a URL that can be read"):
        fetch(url, "text/plain", LIMITS)


def test_a_path_with_a_line_break_sends_no_header_of_its_own() -> None:
    with RawServer(always(answer(b"body\n"))) as server, pytest.raises(FetchError):
        fetch(f"http://127.0.0.1:{server.port}/metrics HTTP/1.1\x0bX-Evil: 1", "text/plain", LIMITS)
    assert not any(server.requests)


@pytest.mark.parametrize("path", ["/\u00e9", "/\ud800", "/?\u202e"])
def test_a_path_that_http_cannot_say_is_refused(path: str) -> None:
    with RawServer(always(answer(b"body\n"))) as server, pytest.raises(FetchError, match="not a URL that can be read"):
        fetch(f"http://127.0.0.1:{server.port}{path}", "text/plain", LIMITS)


def test_a_login_in_the_url_is_sent_as_basic_authentication() -> None:
    with RawServer(always(answer(b"body\n"))) as server:
        fetch(f"http://me:p%40ss@127.0.0.1:{server.port}/metrics?a=b", "text/plain", LIMITS)
    (request,) = server.requests
    assert request.startswith(b"GET /metrics?a=b HTTP/1.1\r\n")
    assert b"Authorization: Basic bWU6cEBzcw==\r\n" in request
    assert b"Host: 127.0.0.1:%d\r\n" % server.port in request


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    assert got(always(answer(b"body\n"))) == b"body\n"


def test_https_is_not_spoken_with_a_server_that_has_no_certificate() -> None:
    with RawServer(always(answer(b"body\n"))) as server, pytest.raises(FetchError, match="no TLS with 127"):
        fetch(server.url.replace("http:", "https:"), "text/plain", LIMITS)
