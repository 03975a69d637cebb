"""POSTs to addresses that a user chose, with real connections on this machine."""

import time
from email.utils import formatdate
from pathlib import Path

import pytest
from integration.channels.receivers import Receiver, drip, receiver

from lab.trial.certificates import Certificate, self_signed
from slo.channels.failures import GoneError, PermanentError, TemporaryError
from slo.channels.outside import Outside, retry_after_seconds

HEADERS = {"Content-Type": "application/json"}


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    made = self_signed(tmp_path, names=("hooks.example.com",))
    monkeypatch.setenv("SSL_CERT_FILE", str(made.certificate))
    return made


def test_what_is_sent_arrives_and_what_is_answered_comes_back(receiving: Receiver, outside: Outside) -> None:
    receiving.answer(202, body=b"thanks")
    answer = outside.post(f"{receiving.url}/a/b?c=d", b"{}", HEADERS)
    (request,) = receiving.received
    assert (answer.status, answer.body) == (202, b"thanks")
    assert (request.path, request.body) == ("/a/b?c=d", b"{}")
    assert request.headers["host"] == receiving.url.partition("//")[2]
    assert request.headers["user-agent"] == "ingress-slo"


def test_it_is_sent_over_ipv6_too(outside: Outside) -> None:
    with receiver(is_v6=True) as six:
        outside.post(six.url, b"{}", HEADERS)
        assert len(six.received) == 1


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "169.254.169.254",
        "0",
    ],
)
def test_no_way_to_write_an_address_of_this_machine_reaches_it(host: str) -> None:
    """The machine's own resolver reads them."""
    with pytest.raises(PermanentError, match="AllowPrivateTargets"):
        Outside(seconds=60).post(f"https://{host}:443/", b"{}", HEADERS)


def test_a_name_that_resolves_to_a_private_address_is_not_connected_to(receiving: Receiver) -> None:
    outside = Outside(resolve=lambda *_: ["127.0.0.1"])
    with pytest.raises(PermanentError, match="AllowPrivateTargets"):
        outside.post(f"https://hooks.example.com:{receiving.port}/", b"{}", HEADERS)
    assert receiving.received == []


def test_a_name_is_resolved_once_and_what_was_checked_is_connected_to(certificate: Certificate) -> None:
    """A name server that changes its answer has nothing to change. TLS and the header still have the name."""
    asked = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["127.0.0.1"] if len(asked) == 1 else ["192.0.2.1"]

    with receiver(certificate=certificate) as secured:
        outside = Outside(allow_private_targets=True, resolve=resolve, seconds=60)
        outside.post(f"https://hooks.example.com:{secured.port}/", b"{}", HEADERS)
        assert asked == [("hooks.example.com", secured.port)]
        assert secured.received[0].headers["host"] == f"hooks.example.com:{secured.port}"


def test_who_has_another_names_certificate_gets_nothing(certificate: Certificate) -> None:
    with receiver(certificate=certificate) as secured:
        outside = Outside(allow_private_targets=True, resolve=lambda *_: ["127.0.0.1"], seconds=60)
        with pytest.raises(TemporaryError, match="certificate is not valid"):
            outside.post(f"https://elsewhere.example.com:{secured.port}/", b"secret", HEADERS)
        assert secured.received == []


def test_without_private_targets_there_is_no_http() -> None:
    with pytest.raises(PermanentError, match="https://"):
        Outside(resolve=lambda *_: ["8.8.8.8"]).post("http://hooks.example.com/", b"{}", HEADERS)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "https://", "https://a.example:99999/", "gopher://a/", "x"])
def test_what_is_no_address_of_the_web_is_refused(url: str, outside: Outside) -> None:
    with pytest.raises(PermanentError):
        outside.post(url, b"{}", HEADERS)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int, receiving: Receiver, outside: Outside) -> None:
    with receiver() as elsewhere:
        receiving.answer(status, {"Location": f"{elsewhere.url}/stolen"})
        with pytest.raises(PermanentError, match="not followed"):
            outside.post(receiving.url, b"{}", HEADERS)
        assert elsewhere.received == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 422])
def test_what_the_receiver_refuses_is_not_tried_again(status: int, receiving: Receiver, outside: Outside) -> None:
    receiving.answer(status)
    with pytest.raises(PermanentError, match=str(status)) as raised:
        outside.post(receiving.url, b"{}", HEADERS)
    assert not isinstance(raised.value, GoneError)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_what_may_work_later_is_tried_again_when_the_receiver_says(
    status: int, receiving: Receiver, outside: Outside
) -> None:
    receiving.answer(status, {"Retry-After": "120"})
    with pytest.raises(TemporaryError, match=str(status)) as raised:
        outside.post(receiving.url, b"{}", HEADERS)
    assert raised.value.retry_after_seconds == 120


def test_a_receiver_that_is_gone_is_known_as_such(receiving: Receiver, outside: Outside) -> None:
    receiving.answer(410)
    with pytest.raises(GoneError, match="410 Gone"):
        outside.post(receiving.url, b"{}", HEADERS)


def test_a_date_says_when_to_try_again_too() -> None:
    before = int(time.time())
    waits = retry_after_seconds(formatdate(before + 90, usegmt=True))
    assert waits is not None
    assert before + 90 - time.time() <= waits <= 90
    assert retry_after_seconds("Mon, 01 Jan 2001 00:00:00 GMT") == 0
    assert [retry_after_seconds(text) for text in (None, "soon", "-5", "")] == [None, None, None, None]


@pytest.mark.parametrize(
    "text",
    [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nx"],
    ids=["in its headers", "in its body"],
)
def test_the_time_is_for_the_whole_answer_and_not_for_each_byte(text: bytes) -> None:
    with drip(text, 0.05) as url, pytest.raises(TemporaryError, match=r"within 0\.5 seconds"):
        Outside(allow_private_targets=True, seconds=0.5).post(url, b"{}", HEADERS)


def test_a_handshake_that_never_ends_is_ended() -> None:
    record = b"\x16\x03\x03\x40\x00" + bytes(1 << 14)  # of TLS, with 16 KB to come
    with drip(record, 0.05) as url, pytest.raises(TemporaryError, match=r"within 0\.5 seconds"):
        Outside(allow_private_targets=True, seconds=0.5).post(url.replace("http:", "https:"), b"{}", HEADERS)


def test_of_an_endless_answer_64_kilobytes_are_read(receiving: Receiver, outside: Outside) -> None:
    receiving.answer(200, body=b"x" * 10_000_000)
    assert len(outside.post(receiving.url, b"{}", HEADERS).body) == 65_536


def test_who_does_not_listen_is_tried_again() -> None:
    with receiver() as closed:
        url = closed.url
    with pytest.raises(TemporaryError, match="ConnectionRefusedError"):
        Outside(allow_private_targets=True, seconds=60).post(url, b"{}", HEADERS)


def test_the_next_address_of_a_name_is_tried(receiving: Receiver) -> None:
    outside = Outside(allow_private_targets=True, resolve=lambda *_: ["::1", "127.0.0.1"], seconds=60)
    outside.post(f"http://hooks.example.com:{receiving.port}/", b"{}", HEADERS)
    assert len(receiving.received) == 1


def test_no_failure_tells_the_address(receiving: Receiver, outside: Outside) -> None:
    """Addresses of webhooks are secrets."""
    for status in (404, 410, 503):
        receiving.answer(status, body=b"you sent /secret-path")
        with pytest.raises((PermanentError, TemporaryError)) as raised:
            outside.post(f"{receiving.url}/secret-path", b"{}", HEADERS)
        assert "secret-path" not in raised.value.words
        assert "127.0.0.1" not in raised.value.words
