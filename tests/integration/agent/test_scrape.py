"""Scrapes of a real Traefik, and of what only looks like one."""

import http.client
import socket
import time
from collections.abc import Iterator

import pytest
from integration.metrics_server import RawServer, always, answer, forever, head, silence

from ingress_slo_agent import protobuf
from ingress_slo_agent.answers import parse, parse_whole
from ingress_slo_agent.rows import ExpositionError
from ingress_slo_agent.scrape import Scrape, ScrapeTarget, metrics_of, scrape_all
from ingress_slo_agent.settings import Traefik
from lab.cluster.builders import ingress_route, route
from lab.ports import free_port
from lab.traefik.backends import Backend
from lab.traefik.families import of_process, text
from lab.traefik.process import TraefikPod
from lab.traefik.profiles import LAB, TraefikOptions
from lab.traefik.stage import Play, Stage
from slo.traefik.snapshots import MAX_PROCESSES, ProcessMetrics, SeriesRow

SETTINGS = Traefik(scrape_timeout_seconds=60.0)
SHOP = ingress_route("shop", "shop", route("Host(`shop.example.com`)", "web"))
OTHER = ingress_route("shop", "other", route("Host(`other.example.com`)", "web"))
FRESH = text(of_process(1_795_454_037.0)).encode()


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    play = Play([SHOP, OTHER], [Backend("shop", "web")], [], options=TraefikOptions(profile=LAB))
    with Stage(play, traffic=False) as running:
        yield running


def scrape(*urls: str) -> list[Scrape]:
    return scrape_all([ScrapeTarget(url, url) for url in urls], SETTINGS, keep_bodies=True)


def scraped(pod: TraefikPod) -> tuple[Scrape, ProcessMetrics]:
    (found,) = scrape(f"http://127.0.0.1:{pod.metrics_port}/metrics")
    assert found.metrics is not None, found.error
    return found, found.metrics


def request(pod: TraefikPod, host: str, times: int = 1, **headers: str) -> None:
    for _ in range(times):
        connection = http.client.HTTPConnection("127.0.0.1", pod.web_port)
        connection.request("GET", "/", headers={"Host": host, **headers})
        connection.getresponse().read()
        connection.close()


def row(process: ProcessMetrics, name: str) -> SeriesRow | None:
    return next((each for each in process.rows if each.router.startswith(f"shop-{name}-")), None)


def test_traefik_is_read_in_protobuf_and_says_when_each_series_was_created(stage: Stage) -> None:
    (pod,) = stage.pods
    before = time.time()
    request(pod, "shop.example.com", 3)
    after = time.time()
    found, process = scraped(pod)
    shop = row(process, "shop")
    assert shop is not None
    assert shop.codes == {"200": 3}
    assert before < shop.created < after
    assert found.content_type.startswith("application/vnd.google.protobuf")
    assert (process.measured_by, process.entry_points) == ("router", ("metrics", "traefik", "web"))
    assert 0 < process.process_start_time_seconds < shop.created
    assert process.cpu_seconds > 0


def test_its_text_and_its_protobuf_say_the_same(stage: Stage) -> None:
    (pod,) = stage.pods
    request(pod, "other.example.com")
    request(pod, "nobody.example.com")
    _, process = scraped(pod)
    plain = parse_whole(pod.scrape()[1].encode(), "text/plain", pod=process.pod, date=process.date)
    assert [(each.router, each.codes, each.buckets) for each in plain.rows] == [
        (each.router, each.codes, each.buckets) for each in process.rows
    ]
    assert (plain.bounds, plain.entry_points) == (process.bounds, process.entry_points)


def test_its_answer_cut_at_any_line_or_byte_is_refused_or_says_the_same(stage: Stage) -> None:
    (pod,) = stage.pods
    request(pod, "shop.example.com")
    request(pod, "other.example.com")
    lines = pod.scrape()[1].encode().splitlines(keepends=True)
    whole = parse(b"".join(lines), "text/plain", pod="p", date=0.0)
    body = scraped(pod)[0].body
    assert whole.rows
    assert body
    for end in range(len(lines)):
        _refused_or(whole, b"".join(lines[:end]), "text/plain")
    for end in range(0, len(body), 11):
        _refused_or(parse(body, protobuf.CONTENT_TYPE, pod="p", date=0.0), body[:end], protobuf.CONTENT_TYPE)


def _refused_or(whole: ProcessMetrics, part: bytes, content_type: str) -> None:
    try:
        assert parse_whole(part, content_type, pod="p", date=0.0).rows == whole.rows
    except ExpositionError:
        return


def test_a_series_that_came_back_is_known_even_if_someone_else_scraped_between(stage: Stage) -> None:
    """Traefik drops a removed router's series after the next scrape, whoever scrapes. It may overtake its old value."""
    (pod,) = stage.pods
    request(pod, "shop.example.com")
    old = row(scraped(pod)[1], "shop")
    again = row(scraped(pod)[1], "shop")
    assert old is not None
    assert again is not None
    assert again.created == old.created, "while the router stays, so does the time of creation"
    _remove_and_add(stage, pod)
    request(pod, "shop.example.com", old.codes["200"] + 5)
    new = row(scraped(pod)[1], "shop")
    assert new is not None
    assert new.codes["200"] == old.codes["200"] + 5
    assert new.created > old.created


def _remove_and_add(stage: Stage, pod: TraefikPod) -> None:
    stage.api.delete([SHOP])
    pod.wait(lambda: len(pod.routers()) == 1, "removal")
    for _ in range(2):
        pod.scrape()
    stage.api.apply([SHOP])
    pod.wait_for_routers(2)


def test_a_grpc_status_is_kept_apart(stage: Stage) -> None:
    (pod,) = stage.pods
    request(pod, "other.example.com", 2, **{"Content-Type": "application/grpc"})
    request(pod, "other.example.com", 1, **{"Content-Type": "application/grpc-web+proto"})
    other = row(scraped(pod)[1], "other")
    assert other is not None
    assert other.codes["grpc:2"] == 3, "the backend sent no Grpc-Status, which is UNKNOWN"


def test_a_process_that_has_served_nobody_is_whole() -> None:
    with RawServer(always(answer(FRESH))) as server:
        (found,) = scrape(server.url)
    assert found.error == ""
    assert found.metrics is not None
    assert found.metrics.rows == ()


def test_all_pods_are_asked_at_once() -> None:
    """None is answered before the last is asked."""
    asked: list[socket.socket] = []

    def answer_the_last(connection: socket.socket, _: bytes) -> None:
        asked.append(connection.dup())
        if len(asked) == MAX_PROCESSES:
            for each in asked:
                each.sendall(answer(FRESH))
                each.close()

    with RawServer(answer_the_last) as server:
        found = scrape(*[server.url] * MAX_PROCESSES)
    assert [one.error for one in found] == [""] * MAX_PROCESSES


def test_a_silent_pod_is_not_waited_for() -> None:
    with RawServer(silence) as server:
        [found] = scrape_all([ScrapeTarget(server.url, server.url)], Traefik(scrape_timeout_seconds=1.0))
    assert found.error == "no whole answer within 1 seconds"


def test_what_is_no_whole_answer_of_a_traefik_is_unreachable_and_says_why() -> None:
    secret = b"SECRET-CREDENTIAL-TEXT not an exposition\n"
    dateless = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(FRESH), FRESH)
    with (
        RawServer(always(answer(secret))) as something,
        RawServer(always(head("Content-Length: 100000") + FRESH)) as cut,
        RawServer(always(head(f"Location: {something.url}", "Content-Length: 0", status="302 Found"))) as elsewhere,
        RawServer(forever(head("Transfer-Encoding: chunked"), b"100000\r\n" + bytes(1 << 20) + b"\r\n")) as endless,
        RawServer(always(dateless)) as undated,
    ):
        nobody = f"http://127.0.0.1:{free_port()}/metrics"
        found = scrape(something.url, cut.url, elsewhere.url, endless.url, undated.url, nobody)
    expected = (
        "not a Traefik",
        "cut off",
        "a redirect",
        "larger than 5.33 MiB. If Traefik is that large, raise MAX_EXPOSITION_MIB",
        "no valid Date header",
        "is it Traefik's metrics entry point?",
    )
    for one, reason in zip(found, expected, strict=True):
        assert reason in one.error
        assert "SECRET" not in one.error
    metrics = metrics_of(found)
    assert (metrics.processes, len(metrics.unreachable)) == ((), len(expected))
