"""The parser of Traefik's exposition, compared with Prometheus' own parser."""

import re
from collections import defaultdict
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from ingress_slo_agent.exposition import parse
from ingress_slo_agent.rows import ExpositionError
from slo.traefik.printable import printable
from slo.traefik.snapshots import ProcessMetrics, SeriesRow

HEAD = (
    "go_memstats_mallocs_total 1.234e+06\n"
    "process_cpu_seconds_total 12.34\n"
    "process_start_time_seconds 1.79545403717e+09\n"
)
ROUTER = 'code="200",method="GET",protocol="http",router="r@kubernetescrd",service="s@kubernetescrd"'


def exposition(*lines: str, head: str = HEAD) -> ProcessMetrics:
    return parse("".join(f"{line}\n" for line in lines) + head, pod="ns/pod", date=1_795_454_100)


def series(kind: str, labels: str, requests: str = "3", buckets: tuple[str, ...] = ("1", "2", "3")) -> list[str]:
    name = f"traefik_{kind}_request"
    return [
        f"{name}s_total{{{labels}}} {requests}",
        *(
            f'{name}_duration_seconds_bucket{{{labels},le="{bound}"}} {count}'
            for bound, count in zip(("0.1", "1.2", "+Inf"), buckets, strict=True)
        ),
        f"{name}_duration_seconds_sum{{{labels}}} 1.5",
        f"{name}_duration_seconds_count{{{labels}}} {requests}",
    ]


def only(found: ProcessMetrics) -> SeriesRow:
    (row,) = found.rows
    return row


def test_a_series_becomes_a_row() -> None:
    found = exposition(*series("router", ROUTER))
    assert (found.measured_by, found.bounds) == ("router", (0.1, 1.2))
    assert (found.process_start_time_seconds, found.mallocs, found.cpu_seconds) == (1_795_454_037.17, 1_234_000, 12.34)
    row = only(found)
    assert (row.router, row.service) == ("r@kubernetescrd", "s@kubernetescrd")
    assert (row.codes, row.methods, row.buckets) == ({"200": 3}, {"GET": 3}, (1, 2, 3))
    assert row.duration_seconds_sum == 1.5


def test_methods_and_protocols_add_up_in_one_row() -> None:
    post = ROUTER.replace("GET", "POST").replace("200", "503")
    row = only(exposition(*series("router", ROUTER), *series("router", post)))
    assert (row.codes, row.methods, row.buckets) == ({"200": 3, "503": 3}, {"GET": 3, "POST": 3}, (2, 4, 6))


@pytest.mark.parametrize("protocol", ["websocket", "sse"])
def test_the_lifetime_of_a_stream_is_no_latency(protocol: str) -> None:
    stream = ROUTER.replace('"http"', f'"{protocol}"').replace("200", "0")
    row = only(exposition(*series("router", ROUTER), *series("router", stream)))
    assert row.codes == {"200": 3, "0": 3}
    assert row.buckets == (1, 2, 3)
    assert row.duration_seconds_sum == 1.5


@pytest.mark.parametrize("protocol", ["grpc", "grpc-web"])
def test_a_grpc_status_is_not_an_http_status(protocol: str) -> None:
    call = ROUTER.replace('"http"', f'"{protocol}"').replace('"200"', '"14"')
    row = only(exposition(*series("router", ROUTER), *series("router", call)))
    assert row.codes == {"200": 3, "grpc:14": 3}
    assert row.buckets == (2, 4, 6)


def test_the_counts_of_entry_points_are_never_read() -> None:
    entry_point = 'code="200",entrypoint="web",method="GET",protocol="http"'
    found = exposition(*series("entrypoint", entry_point))
    assert (found.rows, found.entry_points) == ((), ("web",))


def test_the_entry_points_are_those_that_accept_connections() -> None:
    lines = (f'traefik_open_connections{{entrypoint="{name}",protocol="TCP"}} 0' for name in ("websecure", "web"))
    assert exposition(*lines).entry_points == ("web", "websecure")


def test_a_label_that_quotes_an_entry_point_names_none() -> None:
    label = r'agent=",entrypoint=",code="200",entrypoint="a\"b",method="GET",protocol="http"'
    assert exposition(f"traefik_entrypoint_requests_total{{{label}}} 1").entry_points == ('a"b',)


def test_service_series_are_read_only_where_there_are_no_router_series() -> None:
    service = 'code="200",method="GET",protocol="http",service="s@kubernetescrd"'
    both = exposition(*series("service", service), *series("router", ROUTER))
    assert (both.measured_by, only(both).router) == ("router", "r@kubernetescrd")
    alone = exposition(*series("service", service))
    assert (alone.measured_by, only(alone).router, only(alone).service) == ("service", "", "s@kubernetescrd")


def test_exponents_are_numbers() -> None:
    row = only(exposition(*series("router", ROUTER, "1.234e+06", ("1", "2", "1.234e+06"))))
    assert (row.codes, row.buckets[-1]) == ({"200": 1_234_000}, 1_234_000)


def test_labels_may_be_escaped_and_in_any_order() -> None:
    labels = r'service="s",router="say \"hi\", {a\\b}\n=x",protocol="http",method="GET",code="200"'
    lines = series("router", labels)
    bucket = next(number for number, line in enumerate(lines) if 'le="0.1"' in line)
    lines[bucket] = re.sub(r"\{(.*),le=\"0.1\"\}", r'{le="0.1",\1}', lines[bucket])
    row = only(exposition(*lines))
    assert row.router == 'say "hi", {a\\b}\\u000a=x'
    assert row.buckets == (1, 2, 3)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (HEAD + 'traefik_router_requests_total{router="r"} 1', "cut off"),
        ("traefik_config_reloads_total 1\n", "process_start_time_seconds is missing"),
        (HEAD + f"traefik_router_requests_total{{{ROUTER}}} NaN\n", "not a valid counter value"),
        (HEAD + f"traefik_router_requests_total{{{ROUTER}}} +Inf\n", "not a valid counter value"),
        (HEAD + f"traefik_router_requests_total{{{ROUTER}}} -1\n", "not a valid counter value"),
        (HEAD + f"traefik_router_requests_total{{{ROUTER}}} many\n", "not a number"),
        (HEAD + "\n".join(series("router", ROUTER)[:3]) + "\n", "no `\\+Inf`"),
    ],
)
def test_half_an_exposition_is_refused_whole(text: str, reason: str) -> None:
    with pytest.raises(ExpositionError, match=reason):
        parse(text, pod="p", date=0)


def test_a_fresh_traefik_has_no_rows() -> None:
    assert exposition().rows == ()


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
requests = st.tuples(
    names, st.sampled_from(["200", "404", "503"]), st.sampled_from(["GET", "POST"]),
    st.lists(st.integers(0, 9), min_size=3, max_size=3),
)  # fmt: skip


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


@given(st.lists(requests, min_size=1, max_size=8, unique_by=lambda each: each[:3]))
def test_the_counts_are_those_of_prometheus_own_parser(served: list[tuple[str, str, str, list[int]]]) -> None:
    lines: list[str] = []
    for name, code, method, inside in served:
        labels = f'code="{code}",method="{method}",protocol="http",router="{escaped(name)}",service="s"'
        counts = tuple(str(count) for count in accumulate(inside))
        lines += series("router", labels, counts[-1], counts)
    expected: dict[tuple[str, str], float] = defaultdict(float)
    buckets: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for family in text_string_to_metric_families("\n".join(lines) + "\n"):
        for sample in family.samples:
            if sample.name.endswith("_total"):
                expected[sample.labels["router"], sample.labels["code"]] += sample.value
            elif sample.name.endswith("_bucket"):
                index = ("0.1", "1.2", "+Inf").index(sample.labels["le"])
                buckets[sample.labels["router"]][index] += sample.value
    found = exposition(*lines)
    assert {(row.router, code): count for row in found.rows for code, count in row.codes.items()} == {
        (printable(router), code): count for (router, code), count in expected.items()
    }
    assert {row.router: list(row.buckets) for row in found.rows} == {
        printable(router): counts for router, counts in buckets.items()
    }
