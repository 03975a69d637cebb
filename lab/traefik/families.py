"""Writes metric families as Traefik answers them to a scrape: as text and as protobuf.

Numbers of fields: `io/prometheus/client/metrics.proto` in prometheus/client_model. Families are sorted by name, metrics
by their labels, as Prometheus' Go client writes them.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

Labels = Mapping[str, str]
_VARINT, _FIXED64, _BYTES = 0, 1, 2
_NANOS = 1_000_000_000
ENTRY_POINTS = ("metrics", "web", "websecure")
_KINDS = {"counter": 0, "gauge": 1, "histogram": 4}


class Histogram(NamedTuple):
    """Observations: cumulative counts by finite upper bound, the number of all and their sum."""

    buckets: Mapping[float, int]
    observations: int
    seconds: float


class Metric(NamedTuple):
    """One series of a family."""

    labels: Labels
    value: float | Histogram
    created: float = 0.0
    """Unix seconds; 0 for a gauge, and for a counter whose creation is not told."""


class Family(NamedTuple):
    """A metric family. `kind` is counter, gauge or histogram."""

    name: str
    kind: str
    metrics: tuple[Metric, ...]


def requests(kind: str, series: Iterable[tuple[Labels, Histogram, float]]) -> list[Family]:
    """The families that Traefik has for a router or a service (`kind`), from (labels, durations, creation)."""
    known = list(series)
    counts = tuple(Metric(labels, float(durations.observations), created) for labels, durations, created in known)
    name = f"traefik_{kind}_"
    return [
        Family(name + "request_duration_seconds", "histogram", tuple(Metric(*each) for each in known)),
        *(Family(name + each, "counter", counts) for each in ("requests_bytes_total", "requests_total")),
        Family(name + "responses_bytes_total", "counter", counts),
    ]


def of_process(started_at: float, *, mallocs: float = 1e6, cpu_seconds: float = 1.0) -> list[Family]:
    """The families that every Traefik process has, before it has served anything."""
    connections = (Metric({"entrypoint": name, "protocol": "TCP"}, 0.0) for name in ENTRY_POINTS)
    return [
        Family("go_memstats_mallocs_total", "counter", (Metric({}, mallocs),)),
        Family("process_cpu_seconds_total", "counter", (Metric({}, cpu_seconds),)),
        Family("process_start_time_seconds", "gauge", (Metric({}, started_at),)),
        Family("traefik_config_reloads_total", "counter", (Metric({}, 1.0, started_at + 0.5),)),
        Family("traefik_open_connections", "gauge", tuple(connections)),
    ]


def text(families: Iterable[Family]) -> str:
    """The text exposition, version 0.0.4."""
    lines: list[str] = []
    for family in _sorted(families):
        lines += [f"# HELP {family.name} Help.", f"# TYPE {family.name} {family.kind}"]
        lines += [line for metric in family.metrics for line in _lines(family.name, metric)]
    return "".join(f"{line}\n" for line in lines)


def delimited(families: Iterable[Family]) -> bytes:
    """The protobuf exposition: each family after its length."""
    return b"".join(_delimited(_family(family)) for family in _sorted(families))


def _sorted(families: Iterable[Family]) -> Iterator[Family]:
    for family in sorted(families):
        yield family._replace(metrics=tuple(sorted(family.metrics, key=lambda metric: sorted(metric.labels.items()))))


def _lines(name: str, metric: Metric) -> Iterator[str]:
    if not isinstance(metric.value, Histogram):
        yield f"{name}{_braced(metric.labels)} {metric.value!r}"
        return
    value = metric.value
    for bound, count in value.buckets.items():
        yield f"{name}_bucket{_braced(metric.labels, bound)} {count}"
    yield f"{name}_bucket{_braced(metric.labels, '+Inf')} {value.observations}"
    yield f"{name}_sum{_braced(metric.labels)} {value.seconds!r}"
    yield f"{name}_count{_braced(metric.labels)} {value.observations}"


def _braced(labels: Labels, bound: float | str | None = None) -> str:
    pairs = [f'{name}="{_escaped(value)}"' for name, value in sorted(labels.items())]
    if bound is not None:
        pairs.append(f'le="{bound if isinstance(bound, str) else format(bound, "g")}"')
    return "{" + ",".join(pairs) + "}" if pairs else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _family(family: Family) -> bytes:
    head = _bytes(1, family.name.encode()) + _bytes(2, b"Help.") + _number(3, _KINDS[family.kind])
    return head + b"".join(_bytes(4, _metric(family.kind, metric)) for metric in family.metrics)


def _metric(kind: str, metric: Metric) -> bytes:
    labels = (_bytes(1, name.encode()) + _bytes(2, value.encode()) for name, value in sorted(metric.labels.items()))
    return b"".join(_bytes(1, label) for label in labels) + _value(kind, metric)


def _value(kind: str, metric: Metric) -> bytes:
    value = metric.value
    if isinstance(value, Histogram):
        buckets = (_number(1, count) + _double(2, bound) for bound, count in value.buckets.items())
        body = (
            _number(1, value.observations)
            + _double(2, value.seconds)
            + b"".join(_bytes(3, bucket) for bucket in buckets)
        )
        return _bytes(7, body + _created(15, metric.created))
    return _bytes(2 if kind == "gauge" else 3, _double(1, value) + _created(3, metric.created))


def _created(number: int, time: float) -> bytes:
    if not time:
        return b""
    return _bytes(number, _number(1, int(time)) + _number(2, round(time % 1 * _NANOS)))


def _bytes(number: int, body: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _delimited(body)


def _delimited(body: bytes) -> bytes:
    return _varint(len(body)) + body


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3 | _VARINT) + _varint(value)


def _double(number: int, value: float) -> bytes:
    return _varint(number << 3 | _FIXED64) + struct.pack("<d", value)


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])
