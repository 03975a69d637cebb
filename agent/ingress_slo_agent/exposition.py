"""Parses the text of Traefik's `/metrics`: router series if there are any, else service series.

The format is Prometheus' text exposition 0.0.4
(https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format). The counts of entry points are never
read, only their names. A general parser creates an object for each line. Here a line costs one match and one look-up,
as label sets repeat.
"""

import math
import re
from collections.abc import Iterator
from itertools import chain, islice

from ingress_slo_agent.certificates import FAMILY as CERTIFICATES
from ingress_slo_agent.certificates import Series as CertificateSeries
from ingress_slo_agent.rows import (
    MAX_SERIES,
    ExpositionError,
    ProcessValues,
    Rows,
    Series,
    bounded_names,
    counter_value,
    process_metrics,
)
from slo.traefik.snapshots import MeasuredBy, ProcessMetrics

CONTENT_TYPE = "text/plain; version=0.0.4"

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
_CERTIFICATES = f"{CERTIFICATES}{{".encode()
_TYPE = b"# TYPE "
_LABEL = re.compile(r'(?<![a-zA-Z0-9_])([a-zA-Z_][a-zA-Z0-9_]*+)="((?:[^"\\]|\\.)*+)"')
"""Matches only at the start of a word and never backtracks, so the time is linear in the length of the text."""
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "\\": "\\", '"': '"'}
_LAST_BOUND = ',le="'
_MAX_DIGITS = 19
_BLOCK_BYTES = 1 << 20


def parse(text: str | bytes, *, pod: str, date: float) -> ProcessMetrics:
    """Parse the counters of one Traefik process.

    `pod` and `date` (the answer's Date header, Unix seconds) are copied into the result. Raises ExpositionError if the
    last line is cut off, or if a value is one that ingest would reject: one bad pod must not fail the snapshot.
    """
    data = _whole_lines(text.encode() if isinstance(text, str) else text)
    values = ProcessValues(
        started_at=_bare(data, "process_start_time_seconds"),
        mallocs=_bare(data, "go_memstats_mallocs_total"),
        cpu_seconds=_bare(data, "process_cpu_seconds_total"),
        entry_points=_entry_points(data),
    )
    measured_by: MeasuredBy = "router" if any(_lines(data, _ROUTERS)) else "service"
    return process_metrics(pod, date, values, measured_by, _rows(data, measured_by))


def families(data: bytes) -> list[str]:
    """The names of the metric families, in their order, by their `# TYPE` lines. Raises ExpositionError if cut off."""
    lines = _lines(_whole_lines(data), _TYPE)
    return list(bounded_names(words[2] for line in lines if len(words := line.split()) > 2))


def certificates(data: bytes) -> Iterator[CertificateSeries]:
    """The series of Traefik's certificates. Raises ExpositionError if it is cut off, or a value is not a number."""
    for line in _lines(_whole_lines(data), _CERTIFICATES):
        labels, _, values = line.rpartition("}")
        value = next(iter(values.split()), "")
        try:
            yield _labels(labels), float(value)
        except ValueError as error:
            raise ExpositionError(f"{value[:100]!r} is not a number: {labels[:300]}") from error


def _whole_lines(data: bytes) -> bytes:
    if not data.endswith(b"\n"):
        raise ExpositionError("the exposition is cut off: its last line has no newline")
    return data


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


def _entry_points(data: bytes) -> set[str]:
    lines = chain.from_iterable(_lines(data, start) for start in _ENTRY_POINTS)
    return {_labels(line).get("entrypoint", "") for line in islice(lines, MAX_SERIES)}


def _rows(data: bytes, measured_by: MeasuredBy) -> Rows:
    rows = Rows()
    known: dict[str, Series] = {}
    bounds: dict[str, float] = {}
    pattern = _PATTERNS[measured_by]
    for found in chain.from_iterable(map(pattern.finditer, _blocks(data))):
        family, raw, value = found.groups()
        le = ""
        if family == "request_duration_seconds_bucket":
            raw, le = _without_bound(raw)
        series = known.get(raw)
        if series is None:
            series = known[raw] = rows.series(_labels(raw))
        if family == "requests_total":
            series.add_requests(_count(value, raw))
        elif series.buckets is None:
            continue
        elif le:
            bound = bounds.get(le)
            if bound is None:
                bound = bounds[le] = _bound(le, raw)
            series.buckets[bound] = _count(value, raw)
        else:
            series.row.duration += _number(value, raw)
    return rows


def _without_bound(raw: str) -> tuple[str, str]:
    """Split a bucket's labels into the others and `le`. Traefik writes `le` last, but the format allows any order."""
    before, found, bound = raw.rpartition(_LAST_BOUND)
    if found and bound.find('"') == len(bound) - 1:
        return before, bound[:-1]
    labels = dict(_LABEL.findall(raw))
    if "le" not in labels:
        raise ExpositionError(f"a bucket without `le`: {{{raw}}}")
    return ",".join(f'{name}="{value}"' for name, value in labels.items() if name != "le"), labels["le"]


def _bound(le: str, where: str) -> float:
    return math.inf if le == "+Inf" else _number(le, where)


def _labels(raw: str) -> dict[str, str]:
    return {name: _unescape(value) for name, value in _LABEL.findall(raw)}


def _unescape(value: str) -> str:
    if "\\" not in value:
        return value
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[0]), value)


def _number(value: str, where: str) -> float:
    try:
        number = float(value)
    except ValueError as error:
        raise ExpositionError(f"{value[:100]!r} is not a number: {where[:300]}") from error
    return counter_value(number, where)


def _count(value: str, where: str) -> int:
    return int(value) if len(value) <= _MAX_DIGITS and value.isdecimal() else int(_number(value, where))
