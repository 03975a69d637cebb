"""An answer is Traefik's and whole, or it is refused: never a shorter truth."""

import msgspec
import pytest

from ingress_slo_agent import exposition, protobuf
from ingress_slo_agent.answers import ACCEPT, is_protobuf, parse, parse_whole
from ingress_slo_agent.rows import ExpositionError
from lab.traefik.families import Family, Histogram, Metric, delimited, of_process, requests, text
from slo.traefik.snapshots import SeriesRow

STARTED = 1_795_454_037.0
TEXT = "text/plain; version=0.0.4; charset=utf-8; escaping=values"
PROTOBUF = f"{protobuf.CONTENT_TYPE}; escaping=values"


def traefik(*kinds: str) -> list[Family]:
    """A process that has served 404 itself, and what these kinds of series count."""
    families = of_process(STARTED)
    ok, failed = ({"code": code, "method": "GET", "protocol": "http", "service": "s@file"} for code in ("200", "503"))
    served = Histogram({0.1: 2, 1.2: 3}, 3, 1.5)
    for kind in kinds:
        own = {"router": "r@file"} if kind == "router" else {"entrypoint": "web"} if kind == "entrypoint" else {}
        families += requests(kind, [({**labels, **own}, served, STARTED + 1) for labels in (ok, failed)])
    return families


EVERYTHING = traefik("entrypoint", "router", "service")


def rows(families: list[Family], content_type: str) -> tuple[SeriesRow, ...]:
    body = delimited(families) if is_protobuf(content_type) else text(families).encode()
    found = parse_whole(body, content_type, pod="p", date=STARTED).rows
    return tuple(msgspec.structs.replace(row, created=0.0) for row in found)


@pytest.mark.parametrize("kinds", [("entrypoint", "router", "service"), ("entrypoint", "service"), ("router",), ()])
def test_what_traefik_answers_is_whole_in_both_formats(kinds: tuple[str, ...]) -> None:
    assert rows(traefik(*kinds), TEXT) == rows(traefik(*kinds), PROTOBUF)


@pytest.mark.parametrize("kinds", [("entrypoint", "router", "service"), ("entrypoint", "service")])
def test_a_text_that_is_cut_at_the_end_of_a_line_is_refused_or_says_the_same(kinds: tuple[str, ...]) -> None:
    lines = text(traefik(*kinds)).encode().splitlines(keepends=True)
    whole = parse(b"".join(lines), TEXT, pod="p", date=STARTED).rows
    refused = 0
    for end in range(len(lines)):
        try:
            found = parse_whole(b"".join(lines[:end]), TEXT, pod="p", date=STARTED)
        except ExpositionError:
            refused += 1
        else:
            assert found.rows == whole, lines[end]
    assert refused > len(lines) / 2


def test_protobuf_that_is_cut_within_a_family_is_refused() -> None:
    body = delimited(EVERYTHING)
    ends = {len(delimited(sorted(EVERYTHING)[:number])) for number in range(len(EVERYTHING) + 1)}
    for end in set(range(len(body))) - ends:
        with pytest.raises(ExpositionError, match="cut off"):
            parse_whole(body[:end], PROTOBUF, pod="p", date=STARTED)


def test_a_cut_between_the_families_of_routers_is_refused() -> None:
    names = [family.name for family in EVERYTHING]
    for last in ("request_duration_seconds", "requests_bytes_total", "requests_total"):
        cut = EVERYTHING[: names.index(f"traefik_router_{last}") + 1]
        for content_type in (TEXT, PROTOBUF):
            with pytest.raises(ExpositionError, match="cut off: it ends within the metrics of each router"):
                rows(cut, content_type)


@pytest.mark.parametrize("content_type", [TEXT, PROTOBUF])
def test_the_metrics_of_something_else_are_not_a_traefik(content_type: str) -> None:
    other = [Family("process_start_time_seconds", "gauge", (Metric({}, STARTED),))]
    with pytest.raises(ExpositionError, match=r"not a Traefik.*metrics port\?"):
        rows(other, content_type)


def test_a_page_of_html_is_not_a_traefik() -> None:
    with pytest.raises(ExpositionError, match="not a Traefik"):
        parse_whole(b"<html>\n</html>\n", "text/html", pod="p", date=STARTED)


def test_a_traefik_without_labels_is_told_to_have_them() -> None:
    with pytest.raises(ExpositionError, match="addRoutersLabels=true"):
        rows(traefik("entrypoint"), TEXT)
    assert rows(traefik("entrypoint"), PROTOBUF) == (), "protobuf shows that nothing is missing"


def test_a_recording_of_some_lines_can_be_read() -> None:
    kept = [family for family in EVERYTHING if family.name.startswith(("traefik_router", "process"))]
    found = parse(text(kept).encode(), "", pod="p", date=STARTED)
    assert found.rows == exposition.parse(text(EVERYTHING), pod="p", date=STARTED).rows


def test_protobuf_is_asked_for_before_text() -> None:
    assert ACCEPT == (
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited, "
        "text/plain; version=0.0.4;q=0.5"
    )
