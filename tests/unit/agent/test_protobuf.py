"""The parser of the protobuf exposition gives what the parser of the text gives, and the times of creation."""

from dataclasses import dataclass

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress_slo_agent import exposition, protobuf
from ingress_slo_agent.rows import ExpositionError
from lab.traefik.families import Family, Histogram, Metric, delimited, of_process, requests, text
from slo.traefik.snapshots import ProcessMetrics

STARTED = 1_795_454_037.17
BOUNDS = (0.1, 1.2)


@dataclass(frozen=True)
class Served:
    router: str = "r@kubernetescrd"
    code: str = "200"
    protocol: str = "http"
    inside: tuple[int, int, int] = (1, 1, 1)
    """Requests in each bucket, not cumulative."""
    created: float = STARTED + 60.25

    def series(self, kind: str) -> tuple[dict[str, str], Histogram, float]:
        first, second, third = self.inside
        labels = {"code": self.code, "method": "GET", "protocol": self.protocol, "service": "s@kubernetescrd"}
        if kind == "router":
            labels["router"] = self.router
        buckets = dict(zip(BOUNDS, (first, first + second), strict=True))
        return labels, Histogram(buckets, first + second + third, 1.5), self.created


def traefik(*served: Served, kinds: tuple[str, ...] = ("router", "service")) -> list[Family]:
    families = of_process(STARTED, mallocs=1_234_000, cpu_seconds=12.34)
    for kind in kinds:
        by_labels = {tuple(sorted(one[0].items())): one for one in (each.series(kind) for each in served)}
        families += requests(kind, by_labels.values()) if served else []
    return families


def parse(*served: Served) -> ProcessMetrics:
    return protobuf.parse(delimited(traefik(*served)), pod="ns/pod", date=STARTED + 100)


def without_creation(process: ProcessMetrics) -> ProcessMetrics:
    rows = tuple(msgspec.structs.replace(row, created=0.0) for row in process.rows)
    return msgspec.structs.replace(process, rows=rows)


def test_a_process_is_what_its_text_says() -> None:
    families = traefik(Served(), Served(code="503", inside=(0, 0, 2)), Served(router="q@file"))
    found = protobuf.parse(delimited(families), pod="ns/pod", date=STARTED + 100)
    assert without_creation(found) == exposition.parse(text(families), pod="ns/pod", date=STARTED + 100)
    assert (found.process_start_time_seconds, found.mallocs, found.cpu_seconds) == (STARTED, 1_234_000, 12.34)
    assert (found.entry_points, found.bounds) == (("metrics", "web", "websecure"), BOUNDS)


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=200)
inside = st.tuples(*[st.integers(0, 2**40)] * 3)
codes = st.sampled_from(["0", "2", "14"])
protocols = st.sampled_from(["http", "grpc", "websocket", "sse"])
served = st.builds(Served, router=names, code=codes, protocol=protocols, inside=inside)


@given(st.lists(served, max_size=6), st.sampled_from([("router", "service"), ("service",)]))
def test_both_formats_give_the_same(requested: list[Served], kinds: tuple[str, ...]) -> None:
    families = traefik(*requested, kinds=kinds)
    found = protobuf.parse(delimited(families), pod="p", date=STARTED)
    assert without_creation(found) == exposition.parse(text(families), pod="p", date=STARTED)
    assert protobuf.families(delimited(families)) == exposition.families(text(families).encode())


def test_a_row_was_created_with_its_oldest_series() -> None:
    (row,) = parse(Served(created=STARTED + 9), Served(code="503", created=STARTED + 4.125)).rows
    assert row.created == STARTED + 4.125


def test_a_row_whose_creation_is_not_told_has_none() -> None:
    (row,) = parse(Served(created=0.0)).rows
    assert row.created == 0.0


def test_fields_that_are_not_known_are_skipped() -> None:
    unknown = b"\xa0\x06\x01" + b"\xa9\x06" + bytes(8) + b"\xad\x06" + bytes(4) + b"\xa2\x06\x03new"
    whole = delimited([Family("process_start_time_seconds", "gauge", (Metric({}, STARTED),))])
    longer = bytes([whole[0] + len(unknown)]) + whole[1:] + unknown
    assert protobuf.parse(longer, pod="p", date=0).process_start_time_seconds == STARTED


@pytest.mark.parametrize("missing", [1, 9, 200])
def test_an_exposition_that_ends_within_a_family_is_refused(missing: int) -> None:
    body = delimited(traefik(Served()))[:-missing]
    for read in (protobuf.families, lambda body: protobuf.parse(body, pod="p", date=0)):
        with pytest.raises(ExpositionError, match="missing"):
            read(body)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\xff" * 11, "number without an end"),
        (b"\x02\x0a\x09", "after its message"),
        (b"\x01\x0b", "unknown type 3"),
        (b"\x04\x0a\x02\xff\xfe", "utf-8"),
        (b"", "process_start_time_seconds is missing"),
        (delimited([Family("process_start_time_seconds", "counter", (Metric({}, 1.0),))]), "another type"),
        (delimited([Family("process_start_time_seconds", "gauge", (Metric({}, float("nan")),))]), "not a valid"),
        (delimited([Family("process_start_time_seconds", "gauge", (Metric({}, -1.0),))]), "not a valid"),
    ],
)
def test_what_no_traefik_writes_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(ExpositionError, match=reason):
        protobuf.parse(body, pod="p", date=0)


def test_a_bound_that_is_not_a_number_is_refused() -> None:
    labels, _, created = Served().series("router")
    families = requests("router", [(labels, Histogram({float("nan"): 1}, 1, 1.0), created)])
    with pytest.raises(ExpositionError, match="bound"):
        protobuf.parse(delimited([*of_process(STARTED), *families]), pod="p", date=0)


def test_a_recording_keeps_some_families_as_they_were() -> None:
    body = delimited(traefik(Served()))
    kept = protobuf.only(body, lambda name: "reloads" not in name)
    assert protobuf.families(kept) == [name for name in protobuf.families(body) if "reloads" not in name]
    assert protobuf.parse(kept, pod="p", date=0) == protobuf.parse(body, pod="p", date=0)
