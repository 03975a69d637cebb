"""The parts of inputs: good examples, and the words of each format (also the fuzzer's dictionary)."""

import gzip
import math
import struct

import msgspec

from lab.traefik.families import Family, Histogram, Metric, delimited, of_process, requests
from slo.traefik import snapshots
from slo.traefik.snapshots import Certificate, IngressMetrics, IngressRouteInfo, ProcessMetrics, SeriesRow, Snapshot

_NUMBERS = (b"0", b"1", b"3", b"-1", b"1e3", b"1e400", b"NaN", b"+Inf", b"9007199254740993", b"9" * 30, b"1_0", b"0.5")
_SERIES = b'code="200",method="GET",protocol="http",router="r@kubernetescrd",service="s@kubernetescrd"'

EXPOSITION = b"".join(
    b"traefik_router_" + family + b"{" + _SERIES + labels + b"} " + value + b"\n"
    for family, labels, value in (
        (b"requests_total", b"", b"3"),
        (b"request_duration_seconds_bucket", b',le="0.1"', b"1"),
        (b"request_duration_seconds_bucket", b',le="+Inf"', b"3"),
        (b"request_duration_seconds_sum", b"", b"1.5"),
    )
) + (
    b"process_start_time_seconds 1.79545403717e+09\ngo_memstats_mallocs_total 1.234e+06\n"
    b'traefik_tls_certs_not_after{cn="a.example.com",sans="a.example.com,b.example.com",serial="7"} 1.7958e+09\n'
)
_LABELS = {
    "code": "200",
    "method": "GET",
    "protocol": "http",
    "router": "r@kubernetescrd",
    "service": "s@kubernetescrd",
}
_SERVED = (_LABELS, Histogram({0.1: 1, 1.2: 2}, 3, 1.5), 1_795_454_090.25)
_CERTIFICATE = Metric({"cn": "a.example.com", "sans": "a.example.com", "serial": "7"}, 1.7958e9)
_FAMILIES = [
    *of_process(1_795_454_037.17),
    *requests("router", [_SERVED]),
    Family("traefik_tls_certs_not_after", "gauge", (_CERTIFICATE,)),
]
PROTOBUF = delimited(_FAMILIES)
RULE = b"(Host(`a.example.com`) || Host(`b.example.com`)) && (PathPrefix(`/x`) || !Path(`/y`))"
SNAPSHOT = snapshots.encode(
    Snapshot(
        cluster_id="c1",
        snapshot_id="s1",
        taken_at=1_795_454_090.0,
        sent_at=1_795_454_100.0,
        scope="scope",
        ingress_routes=(
            IngressRouteInfo(
                name="shop",
                namespace="shop",
                domain="shop.example.com",
                service_key="r@kubernetescrd",
                router_keys=("r@kubernetescrd",),
                service_keys=("r@kubernetescrd",),
            ),
        ),
        ingress_metrics=IngressMetrics(
            processes=(
                ProcessMetrics(
                    pod="traefik/a",
                    date=1_795_454_090.0,
                    process_start_time_seconds=1_795_454_037.17,
                    mallocs=1_234_000.0,
                    measured_by="router",
                    bounds=(0.1, 1.2),
                    rows=(
                        SeriesRow(
                            router="r@kubernetescrd",
                            service="s@kubernetescrd",
                            codes={"200": 2, "503": 1},
                            methods={"GET": 3},
                            buckets=(1, 2, 3),
                            duration_seconds_sum=1.5,
                        ),
                    ),
                ),
            )
        ),
        certificates=(Certificate(common_name="a.example.com", not_after=1.7958e9),),
    )
)

EXAMPLES: dict[str, bytes] = {
    "exposition": EXPOSITION,
    "protobuf": PROTOBUF,
    "rule": RULE,
    "snapshot": SNAPSHOT,
    "body": gzip.compress(SNAPSHOT, mtime=0),
    "parameters": b"cluster_id=c1&time_range=7d&from=2026-01-01T00:00:00Z&sort=-name&limit=3&status=healthy,warning",
    "cursor": b"WzE3OTU0NTQxMDAsInNob3AiXQ",
    "cursor_content": b'[1795454100,"shop"]',
    "authorization": b"Bearer islo_abcdef",
}
"""One good input for each law."""

WORDS: dict[str, tuple[bytes, ...]] = {
    "exposition": (
        *EXPOSITION.splitlines(keepends=True),
        *_NUMBERS,
        b"traefik_router_requests_total{",
        b"traefik_service_requests_total{",
        b"traefik_router_request_duration_seconds_bucket{",
        b"traefik_router_request_duration_seconds_sum{",
        b'router="',
        b'service="',
        b'le="0.10"',
        b'le="0.1"',
        b'code="',
        b'method="',
        b'protocol="sse"',
        b"} ",
        b'",',
        b"\\",
        b'\\"',
        b"\n",
        b"process_start_time_seconds 1\n",
        b"a" * 600,
    ),
    "protobuf": (
        *(delimited([family]) for family in _FAMILIES),
        *(bytes([number << 3 | kind]) for number in (1, 2, 3, 4, 7, 15) for kind in (0, 1, 2, 3, 5)),
        *(b"\x00", b"\x01", b"\x08", b"\x7f", b"\xff", b"\xff" * 9 + b"\x01", b"\xff" * 10, b"\x80"),
        *(struct.pack("<d", value) for value in (0.0, 0.1, -1.0, 1e300, math.nan, math.inf)),
        *(b"traefik_router_requests_total", b"traefik_service_requests_total", b"process_start_time_seconds"),
        *(b"entrypoint", b"router", b"service", b"protocol", b"grpc", b"sse", b"code", b"\xc3\xa9", b"\xff"),
    ),
    "rule": (
        *(b"Host(", b"PathPrefix(", b"Path(", b"HostRegexp(", b"&&", b"||", b"!", b"(", b")", b",", b"`", b'"', b"'"),
        *(b"`a.example.com`", b"`/api`", b"``", b'"\\""', b" ", b"\\", b"\xff", b"\xc3\xa9", b"\n"),
        *(b"/" + b"p" * 1100, b"h" * 300, b"(" * 101, b"!" * 101),
    ),
    "snapshot": (
        *(b"{", b"}", b"[", b"]", b",", b":", b"null", b"true", b'"', b"\\ud800", b'"version":1,', *_NUMBERS),
        *(b'"' + name.encode() + b'":' for name in Snapshot.__struct_fields__ + SeriesRow.__struct_fields__),
    ),
    "body": (b"\x1f\x8b\x08\x00", gzip.compress(b" " * 1000, mtime=0), gzip.compress(b"{}", mtime=0), b"\x00" * 8),
    "parameters": (
        *(f"{name}=".encode() for name in ("cluster_id", "time_range", "from", "to", "step", "domain", "path_prefix")),
        *(b"limit=", b"sort=", b"status=", b"search=", b"cursor=", b"&", b"%00", b"%ff", b"%F0%9F%92%A9", b"+", b"-"),
        *(b"0001-01-01T00:00:00Z", b"9999-12-31T23:59:59%2B14:00", b"1d", b"/api", b"c1", b"healthy", *_NUMBERS),
        *(b'{"availability":', b'"p95_latency":', b'"latency_objective":{"share":', b'"threshold":', b",", b"}"),
    ),
    "cursor": (b"WzEsIm", b"EiXQ", b"=", b"-", b"_", b"\xc3\xa9", b"%"),
    "cursor_content": (b"[", b"]", b",", b'"shop"', b"null", b"{", b"}", b'"\\ud800"', *_NUMBERS),
    "authorization": (b"Bearer ", b"bearer ", b"islo_", b" ", b"\t", b"\x00", b"\xff", b"Basic "),
}
"""The words of each law's format."""


def builtins() -> dict[str, object]:
    """The good snapshot as dicts and lists."""
    decoded: dict[str, object] = msgspec.json.decode(SNAPSHOT)
    return decoded
