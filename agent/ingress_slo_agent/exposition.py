"""Parses Traefik's `/metrics` into rows of cumulative values: router series if there are any, else service series.

The format is Prometheus' text exposition 0.0.4
(https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format). The counts of entry points are never
read, only their names.
A general parser creates an object for each line. Here a line costs one match and one look-up, as label sets repeat.
"""

import math
import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

import msgspec

from slo.traefik.naming import bounded
from slo.traefik.snapshots import MeasuredBy, ProcessMetrics, SeriesRow, mistakes

STREAM_PROTOCOLS = frozenset({"websocket", "sse"})
"""The duration of a stream is its lifetime, which would distort a latency histogram."""
GRPC_PROTOCOLS = frozenset({"grpc", "grpc-web"})
"""Traefik writes the gRPC status into `code` for these."""
MAX_ENTRY_POINTS = 64

_SERIES = (
    r"^traefik_%s_(requests_total|request_duration_seconds_(?:bucket|sum))\{(.*)\}[ \t]+(\S+)(?:[ \t]+\S+)?[ \t]*$"
)
_PATTERNS: dict[MeasuredBy, re.Pattern[str]] = {
    "router": re.compile(_SERIES % "router", re.MULTILINE),
    "service": re.compile(_SERIES % "service", re.MULTILINE),
}
_ROUTERS = b"traefik_router_requests_total{"
_ENTRY_POINTS = (b"traefik_open_connections{", b"traefik_entrypoint_requests_total{")
"""Every entry point is in `traefik_open_connections` from the start, even without entry-point labels."""
_LABEL = re.compile(r'(?<![a-zA-Z0-9_])([a-zA-Z_][a-zA-Z0-9_]*+)="((?:[^"\\]|\\.)*+)"')
"""Matches only at the start of a word and never backtracks, so the time is linear in the length of the text."""
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "\\": "\\", '"': '"'}
_LAST_BOUND = ',le="'
_MAX_DIGITS = 19
_BLOCK_BYTES = 1 << 20


class ExpositionError(ValueError):
    """Raised for a text that is not a complete exposition of Traefik. The whole text is rejected."""


class _Series(NamedTuple):
    """One set of labels, without `le`."""

    row: "_RowBuilder"
    code: str
    method: str
    buckets: dict[str, int] | None
    """Count by `le`; None for streams, which have no latency."""


class _RowBuilder:
    def __init__(self, router: str, service: str) -> None:
        self.router, self.service = router, service
        self.codes: dict[str, int] = {}
        self.methods: dict[str, int] = {}
        self.histograms: list[dict[str, int]] = []
        self.duration = 0.0


def parse(text: str | bytes, *, pod: str, date: float) -> ProcessMetrics:
    """Parse the counters of one Traefik process.

    `pod` and `date` (the answer's Date header, Unix seconds) are copied into the result. Raises ExpositionError if the
    text is cut off, is not Traefik's, or has a value that ingest would reject: one bad pod must not fail the snapshot.
    """
    data = text.encode() if isinstance(text, str) else text
    if not data.endswith(b"\n"):
        raise ExpositionError("the exposition is cut off: its last line has no newline")
    started_at = _bare(data, "process_start_time_seconds")
    if started_at is None:
        raise ExpositionError("process_start_time_seconds is missing: is this Traefik's metrics port?")
    measured_by: MeasuredBy = "router" if any(_lines(data, _ROUTERS)) else "service"
    rows = list(_rows(data, measured_by))
    labels = _bounds(rows)
    return _checked(
        ProcessMetrics(
            pod=pod,
            date=date,
            process_start_time_seconds=started_at,
            mallocs=_bare(data, "go_memstats_mallocs_total") or 0.0,
            cpu_seconds=_bare(data, "process_cpu_seconds_total") or 0.0,
            entry_points=_entry_points(data),
            measured_by=measured_by,
            bounds=tuple(float(label) for label in labels),
            rows=tuple(_row(row, labels) for row in rows),
        )
    )


def _blocks(data: bytes) -> Iterator[str]:
    """Decode the text in blocks of whole lines, so that a large text is never in memory twice."""
    start = 0
    while start < len(data):
        end = data.rfind(b"\n", start, start + _BLOCK_BYTES) + 1 or data.find(b"\n", start) + 1
        try:
            yield data[start:end].decode()
        except UnicodeDecodeError as error:
            where = start + error.start
            raise ExpositionError(f"the exposition is not UTF-8: {error.reason} at byte {where}") from error
        start = end


def _lines(data: bytes, start: bytes) -> Iterator[str]:
    """The lines that start so. A search for bytes is much faster than an expression over each line."""
    at = 0 if data.startswith(start) else data.find(b"\n" + start) + 1 or len(data)
    while at < len(data):
        end = data.index(b"\n", at)
        yield data[at:end].decode(errors="replace")
        at = data.find(b"\n" + start, end) + 1 or len(data)


def _bare(data: bytes, name: str) -> float | None:
    """The value of a metric without labels; None if it is missing."""
    for line in _lines(data, name.encode()):
        found, *values = line.split()
        if found == name and values:
            return _number(values[0], name)
    return None


def _entry_points(data: bytes) -> tuple[str, ...]:
    lines = chain.from_iterable(_lines(data, start) for start in _ENTRY_POINTS)
    names = {bounded(_labels(line).get("entrypoint", "")) for line in lines}
    return tuple(sorted(names - {""})[:MAX_ENTRY_POINTS])


def _checked(process: ProcessMetrics) -> ProcessMetrics:
    """Return the process. Raises ExpositionError if a snapshot cannot hold it."""
    try:
        checked = msgspec.convert(msgspec.to_builtins(process), ProcessMetrics)
    except msgspec.ValidationError as error:
        raise ExpositionError(f"a value is outside what a snapshot can hold: {error}") from error
    for mistake in mistakes(checked):
        raise ExpositionError(f"{mistake.field}: {mistake.message}")
    return checked


def _rows(data: bytes, measured_by: MeasuredBy) -> Iterator[_RowBuilder]:
    rows: dict[tuple[str, str], _RowBuilder] = {}
    known: dict[str, _Series] = {}
    pattern = _PATTERNS[measured_by]
    for found in chain.from_iterable(map(pattern.finditer, _blocks(data))):
        family, raw, value = found.groups()
        bound = ""
        if family == "request_duration_seconds_bucket":
            raw, bound = _without_bound(raw)
        series = known.get(raw)
        if series is None:
            series = known[raw] = _series(raw, rows)
        if family == "requests_total":
            count = _count(value, raw)
            series.row.codes[series.code] = series.row.codes.get(series.code, 0) + count
            series.row.methods[series.method] = series.row.methods.get(series.method, 0) + count
        elif series.buckets is None:
            continue
        elif bound:
            series.buckets[bound] = _count(value, raw)
        else:
            series.row.duration += _number(value, raw)
    yield from rows.values()


def _without_bound(raw: str) -> tuple[str, str]:
    """Split a bucket's labels into the others and `le`. Traefik writes `le` last, but the format allows any order."""
    before, found, bound = raw.rpartition(_LAST_BOUND)
    if found and bound.find('"') == len(bound) - 1:
        return before, bound[:-1]
    labels = dict(_LABEL.findall(raw))
    if "le" not in labels:
        raise ExpositionError(f"a bucket without `le`: {{{raw}}}")
    return ",".join(f'{name}="{value}"' for name, value in labels.items() if name != "le"), labels["le"]


def _series(raw: str, rows: dict[tuple[str, str], _RowBuilder]) -> _Series:
    labels = _labels(raw)
    name = (bounded(labels.get("router", "")), bounded(labels.get("service", "")))
    row = rows.get(name)
    if row is None:
        row = rows[name] = _RowBuilder(*name)
    buckets: dict[str, int] | None = None
    if labels.get("protocol") not in STREAM_PROTOCOLS:
        buckets = {}
        row.histograms.append(buckets)
    return _Series(row, _code(labels), labels.get("method", "EXTENSION_METHOD"), buckets)


def _labels(raw: str) -> dict[str, str]:
    return {name: _unescape(value) for name, value in _LABEL.findall(raw)}


def _code(labels: dict[str, str]) -> str:
    code = labels.get("code", "0")
    return f"grpc:{code}" if labels.get("protocol") in GRPC_PROTOCOLS else code


def _unescape(value: str) -> str:
    if "\\" not in value:
        return value
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[0]), value)


def _number(value: str, where: str) -> float:
    try:
        number = float(value)
    except ValueError as error:
        raise ExpositionError(f"{value[:100]!r} is not a number: {where[:300]}") from error
    if not math.isfinite(number) or number < 0:
        raise ExpositionError(f"{value[:100]!r} is not a valid counter value: {where[:300]}")
    return number


def _count(value: str, where: str) -> int:
    return int(value) if len(value) <= _MAX_DIGITS and value.isdecimal() else int(_number(value, where))


def _bounds(rows: list[_RowBuilder]) -> list[str]:
    """The `le` labels of the finite bounds, ascending. Raises ExpositionError if series have different bounds."""
    labels = {label for row in rows for histogram in row.histograms for label in histogram}
    finite = sorted(labels - {"+Inf"}, key=lambda label: _number(label, "le"))
    for row in rows:
        for histogram in row.histograms:
            if histogram and histogram.keys() != labels:
                raise ExpositionError(f"the buckets of {row.router or row.service} are incomplete")
    if labels and "+Inf" not in labels:
        raise ExpositionError("the buckets have no `+Inf`")
    return finite


def _row(row: _RowBuilder, labels: list[str]) -> SeriesRow:
    return SeriesRow(
        router=row.router,
        service=row.service,
        codes=row.codes,
        methods=row.methods,
        buckets=tuple(sum(histogram.get(label, 0) for histogram in row.histograms) for label in (*labels, "+Inf")),
        duration_seconds_sum=row.duration,
    )
