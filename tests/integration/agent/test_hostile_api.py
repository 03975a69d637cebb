"""What answers instead of Traefik's API: it ends in time and in memory, and leads nowhere else."""

import json
import re
import socket

import pytest
from integration.metrics_server import RawServer, Send, always, answer, forever, head

from ingress_slo_agent.fetch import Limits
from ingress_slo_agent.traefik_api import ApiError, ApiTarget, read_api

LIMITS = Limits(seconds=60.0, size_bytes=1 << 20)
BRIEF = Limits(seconds=1.0, size_bytes=1 << 20)
PAGE = json.dumps([{"name": f"r{number}@file", "provider": "file"} for number in range(500)]).encode()


def refused(send: Send, login: str = "", limits: Limits = LIMITS) -> tuple[str, RawServer]:
    with RawServer(send) as server, pytest.raises(ApiError) as caught:
        read_api(ApiTarget(f"http://{login}127.0.0.1:{server.port}", is_asked_for=True), limits)
    return str(caught.value), server


def endless_pages(connection: socket.socket, request: bytes) -> None:
    page = int(request.partition(b"page=")[2].partition(b"&")[0])
    connection.sendall(answer(PAGE, f"X-Next-Page: {page + 1}"))


def test_a_list_without_an_end_is_read_no_further_than_one_answer_may_be() -> None:
    said, server = refused(endless_pages)
    assert "larger than" in said
    assert len(server.requests) <= LIMITS.size_bytes // len(PAGE) + 1


def test_the_time_is_for_all_answers_together() -> None:
    drip = forever(head("Content-Length: 100000"), b" ", pause_seconds=0.1)
    said, _ = refused(drip, limits=BRIEF)
    assert re.search(r"no whole answer within (1|0\.\d{1,3}) seconds$", said)


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (answer(b"{}"), "is not Traefik's API"),
        (answer(b'[{"name":"\xff"}]'), "is not Traefik's API"),
        (answer(b'[{"name":"a","provider":"b","tls":' + b"[" * 100_000), "is not Traefik's API"),
        (head("Content-Length: 0", status="404 Not Found"), "404"),
        (head("Content-Length: 0", "Location: http://127.0.0.1:9/", status="302 Found"), "not followed"),
    ],
    ids=["another document", "not UTF-8", "deep", "absent", "a redirect"],
)
def test_anything_else_is_refused_with_the_reason(sent: bytes, says: str) -> None:
    assert says in refused(always(sent))[0]


def test_a_password_in_its_url_stands_in_no_message() -> None:
    said, server = refused(always(answer(b"{}")), login="me:secret@")
    assert "secret" not in said
    assert b"Authorization: Basic " in server.requests[0]
