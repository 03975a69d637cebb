"""Parses the protobuf exposition of Traefik's `/metrics`, which also says when each series was created.

The body is a list of `MetricFamily` messages, each after its length
(https://prometheus.io/docs/instrumenting/exposition_formats/#protobuf-format). The numbers of the fields are those of
`io/prometheus/client/metrics.proto` in prometheus/client_model; all others are skipped. Label sets repeat from family
to family and are decoded once.
"""

import math
from collections.abc import Callable, Iterator
from itertools import islice

from ingress_slo_agent.certificates import FAMILY as CERTIFICATES
from ingress_slo_agent.certificates import Series as CertificateSeries
from ingress_slo_agent.rows import (
    MAX_FAMILIES,
    MAX_SERIES,
    ExpositionError,
    ProcessValues,
    Rows,
    Series,
    bounded_names,
    counter_value,
    process_metrics,
)
from ingress_slo_agent.wire_format import BYTES, FIXED64, VARINT, double, fields, tag, varint
from slo.traefik.snapshots import MeasuredBy, ProcessMetrics

CONTENT_TYPE = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"

_FAMILY_NAME, _FAMILY_METRIC = tag(1, BYTES), tag(4, BYTES)
_LABEL, _GAUGE, _COUNTER, _HISTOGRAM = tag(1, BYTES), tag(2, BYTES), tag(3, BYTES), tag(7, BYTES)
_LABEL_NAME, _LABEL_VALUE = tag(1, BYTES), tag(2, BYTES)
_VALUE, _CREATED = tag(1, FIXED64), tag(3, BYTES)
_SAMPLE_COUNT, _SAMPLE_SUM, _BUCKET = tag(1, VARINT), tag(2, FIXED64), tag(3, BYTES)
_BUCKET_COUNT, _BUCKET_BOUND = tag(1, VARINT), tag(2, FIXED64)
_SECONDS, _NANOS = tag(1, VARINT), tag(2, VARINT)
_NANOS_PER_SECOND = 1e9
_ENTRY_POINTS = ("traefik_open_connections", "traefik_entrypoint_requests_total")

type Message = tuple[int, int]
"""Where a message starts and ends in the body."""


def parse(body: bytes, *, pod: str, date: float) -> ProcessMetrics:
    """Parse the counters of one Traefik process, as `exposition.parse` does. Raises ExpositionError."""
    try:
        return _process(body, pod, date)
    except ExpositionError:
        raise
    except (IndexError, ValueError) as error:
        raise ExpositionError(f"the exposition is not protobuf: {error}") from error


def families(body: bytes) -> list[str]:
    """The names of the metric families, in their order. Raises ExpositionError if the last one is cut off."""
    try:
        return list(_families(body))
    except ExpositionError:
        raise
    except (IndexError, ValueError) as error:
        raise ExpositionError(f"the exposition is cut off, or it is not protobuf: {error}") from error


def certificates(body: bytes) -> Iterator[CertificateSeries]:
    """The series of Traefik's certificates. Raises ExpositionError if it is not protobuf."""
    try:
        for metric in _metrics(body, _families(body), CERTIFICATES):
            _, at, after = _metric(body, *metric, _GAUGE)
            yield _labels(body, *metric), _counter(body, at, after)[0]
    except ExpositionError:
        raise
    except (IndexError, ValueError) as error:
        raise ExpositionError(f"the exposition is not protobuf: {error}") from error


def only(body: bytes, is_kept: Callable[[str], object]) -> bytes:
    """The exposition without the families whose names are not kept."""
    return b"".join(body[at:end] for at, start, end in _framed(body) if is_kept(_text(body, start, end, _FAMILY_NAME)))


def _process(body: bytes, pod: str, date: float) -> ProcessMetrics:
    found = _families(body)
    values = ProcessValues(
        started_at=_single(body, found, "process_start_time_seconds", _GAUGE),
        mallocs=_single(body, found, "go_memstats_mallocs_total", _COUNTER),
        cpu_seconds=_single(body, found, "process_cpu_seconds_total", _COUNTER),
        entry_points={
            _labels(body, *metric).get("entrypoint", "")
            for name in _ENTRY_POINTS
            for metric in islice(_metrics(body, found, name), MAX_SERIES)
        },
    )
    measured_by: MeasuredBy = "router" if "traefik_router_requests_total" in found else "service"
    return process_metrics(pod, date, values, measured_by, _rows(body, found, measured_by))


def _families(body: bytes) -> dict[str, Message]:
    messages = [(start, end) for _, start, end in islice(_framed(body), MAX_FAMILIES + 1)]
    names = bounded_names(_text(body, *message, _FAMILY_NAME) for message in messages)
    return dict(zip(names, messages, strict=True))


def _framed(body: bytes) -> Iterator[tuple[int, int, int]]:
    """For each family, where its length stands, and where its message starts and ends."""
    at = 0
    while at < len(body):
        length, start = varint(body, at)
        if start + length > len(body):
            raise ValueError(f"{start + length - len(body)} bytes of the last metric are missing")
        yield at, start, start + length
        at = start + length


def _text(body: bytes, start: int, end: int, wanted: int) -> str:
    """The string in the field with this tag; empty if it is missing."""
    for found, at, after in fields(body, start, end):
        if found == wanted:
            return body[at:after].decode()
    return ""


def _metrics(body: bytes, found: dict[str, Message], name: str) -> Iterator[Message]:
    for kind, at, after in fields(body, *found.get(name, (0, 0))):
        if kind == _FAMILY_METRIC:
            yield at, after


def _single(body: bytes, found: dict[str, Message], name: str, kind: int) -> float | None:
    """The value of a metric without labels; None if it is missing."""
    for metric in _metrics(body, found, name):
        _, at, after = _metric(body, *metric, kind)
        return counter_value(_counter(body, at, after)[0], name)
    return None


def _rows(body: bytes, found: dict[str, Message], measured_by: MeasuredBy) -> Rows:
    rows = Rows()
    known: dict[bytes, Series] = {}

    def series(labels: bytes) -> Series:
        if labels not in known:
            known[labels] = rows.series(_labels(labels, 0, len(labels)))
        return known[labels]

    for metric in _metrics(body, found, f"traefik_{measured_by}_request_duration_seconds"):
        labels, at, after = _metric(body, *metric, _HISTOGRAM)
        _add_durations(series(labels), body, at, after)
    for metric in _metrics(body, found, f"traefik_{measured_by}_requests_total"):
        labels, at, after = _metric(body, *metric, _COUNTER)
        value, created = _counter(body, at, after)
        series(labels).add_requests(int(counter_value(value, "requests_total")), created)
    return rows


def _metric(body: bytes, start: int, end: int, kind: int) -> tuple[bytes, int, int]:
    """The labels of a metric, still encoded, and its value of this kind."""
    labels: list[bytes] = []
    value = None
    field = start
    for found, at, after in fields(body, start, end):
        if found == _LABEL:
            labels.append(body[field:after])
        elif found == kind:
            value = (at, after)
        field = after
    if value is None:
        raise ValueError(f"a metric of another type at byte {start}")
    return b"".join(labels), *value


def _labels(body: bytes, start: int, end: int) -> dict[str, str]:
    return {
        _text(body, at, after, _LABEL_NAME): _text(body, at, after, _LABEL_VALUE)
        for found, at, after in fields(body, start, end)
        if found == _LABEL
    }


def _counter(body: bytes, start: int, end: int) -> tuple[float, float]:
    """The value of a counter or of a gauge, and when it was created, 0 if that is not known."""
    value = created = 0.0
    for found, at, after in fields(body, start, end):
        if found == _VALUE:
            value = double(body, at)
        elif found == _CREATED:
            created = _time(body, at, after)
    return value, created


def _time(body: bytes, start: int, end: int) -> float:
    """A `google.protobuf.Timestamp` as Unix seconds."""
    seconds = nanos = 0
    for found, at, _ in fields(body, start, end):
        if found == _SECONDS:
            seconds = varint(body, at)[0]
        elif found == _NANOS:
            nanos = varint(body, at)[0]
    return seconds + nanos / _NANOS_PER_SECOND


def _add_durations(series: Series, body: bytes, start: int, end: int) -> None:
    buckets = series.buckets
    if buckets is None:
        return
    count = 0
    for found, at, after in fields(body, start, end):
        if found == _BUCKET:
            _add_bucket(buckets, body, at, after)
        elif found == _SAMPLE_COUNT:
            count = varint(body, at)[0]
        elif found == _SAMPLE_SUM:
            series.row.duration += counter_value(double(body, at), "request_duration_seconds")
    buckets[math.inf] = count


def _add_bucket(buckets: dict[float, int], body: bytes, start: int, end: int) -> None:
    count, bound = 0, 0.0
    for found, at, _ in fields(body, start, end):
        if found == _BUCKET_COUNT:
            count = varint(body, at)[0]
        elif found == _BUCKET_BOUND:
            bound = double(body, at)
    buckets[bound] = count
