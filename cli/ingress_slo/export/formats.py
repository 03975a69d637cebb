"""Writes rows as CSV, JSON or OpenMetrics."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.registry import Collector

from ingress_slo.export.rows import COLUMNS, ExportRow, ExportSubject
from slo.traefik.printable import printable

Format = Literal["csv", "json", "openmetrics"]
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Also as wide characters, which some programs take for the same."""
_LABELS = ("cluster_id", "domain", "path_prefix")


class _Gauge(NamedTuple):
    """A figure as a metric. `scale` converts it to a base unit, which OpenMetrics requires."""

    name: str
    help: str
    scale: float = 1.0
    quantile: str = ""


_GAUGES = {
    "availability": _Gauge("ingress_slo_availability_ratio", "Share of requests without a server error."),
    "error_rate": _Gauge("ingress_slo_error_ratio", "Share of requests with a server error."),
    "error_budget_remaining": _Gauge("ingress_slo_error_budget_remaining_ratio", "What is left of the error budget."),
    "requests_per_sec": _Gauge("ingress_slo_requests_per_second", "Rate of requests."),
    "total_requests": _Gauge("ingress_slo_requests", "Requests in the window or point."),
    "total_errors": _Gauge("ingress_slo_errors", "Server errors in the window or point."),
    "coverage": _Gauge("ingress_slo_coverage_ratio", "Share of the window that was observed."),
    "p50_latency": _Gauge("ingress_slo_latency_seconds", "Latency, interpolated.", 0.001, "0.5"),
    "p95_latency": _Gauge("ingress_slo_latency_seconds", "Latency, interpolated.", 0.001, "0.95"),
    "p99_latency": _Gauge("ingress_slo_latency_seconds", "Latency, interpolated.", 0.001, "0.99"),
}


def text(rows: Sequence[ExportRow], subject: ExportSubject, chosen: Format) -> str:
    """The rows as one document in the chosen format."""
    return _WRITERS[chosen]([_printable(row) for row in rows], subject)


def _printable(row: ExportRow) -> ExportRow:
    return {name: printable(value) if isinstance(value, str) else value for name, value in row.items()}


def csv_text(rows: Iterable[ExportRow], columns: Sequence[str]) -> str:
    """RFC 4180, but lines end with LF. Missing values are empty, and no text is what a table takes for a formula.

    Nor does any text control a terminal.
    """
    file = io.StringIO()
    writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _no_formula(value) for name, value in _printable(row).items()} for row in rows)
    return file.getvalue()


def _csv(rows: Sequence[ExportRow], subject: ExportSubject) -> str:
    return csv_text(rows, COLUMNS[subject])


def _no_formula(value: Any) -> Any:
    """The value with an apostrophe before what starts a formula (https://owasp.org/www-community/attacks/CSV_Injection).

    Numbers stay numbers, also below zero.
    """
    return f"'{value}" if isinstance(value, str) and value.lstrip().startswith(_FORMULA) else value


def _json(rows: Sequence[ExportRow], subject: ExportSubject) -> str:
    named = [{column: row.get(column) for column in COLUMNS[subject]} for row in rows]
    return json.dumps(named, indent=2, ensure_ascii=False) + "\n"


def _openmetrics(rows: Sequence[ExportRow], _subject: ExportSubject) -> str:
    """OpenMetrics 1.0 (https://prometheus.io/docs/specs/om/open_metrics_spec/).

    The timestamp of a sample is the end of its point or window. `promtool tsdb create-blocks-from openmetrics` imports
    the document into Prometheus.
    """
    document: str = generate_latest(_Collector(rows)).decode()  # type: ignore[arg-type, no-untyped-call, unused-ignore]
    return document


class _Collector(Collector):
    """Gauges of all rows, grouped by metric; the samples of a series are ordered by time."""

    def __init__(self, rows: Iterable[ExportRow]) -> None:
        self._rows = sorted(rows, key=lambda row: (row["domain"], row.get("path_prefix", ""), _time(row)))

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """One family for each metric that has samples."""
        families: dict[str, GaugeMetricFamily] = {}
        for figure, gauge in _GAUGES.items():
            names = (*_LABELS, "quantile") if gauge.quantile else _LABELS
            family = families.setdefault(gauge.name, GaugeMetricFamily(gauge.name, gauge.help, labels=names))
            for row in self._rows:
                if row.get(figure) is not None:
                    labels = [str(row.get(label, "")) for label in _LABELS]
                    labels += [gauge.quantile] if gauge.quantile else []
                    family.add_metric(labels, row[figure] * gauge.scale, timestamp=_time(row))
        return [family for family in families.values() if family.samples]


def _time(row: ExportRow) -> float:
    """The end of the row's point or window in Unix seconds."""
    if "timestamp" in row:
        return datetime.fromisoformat(row["timestamp"]).timestamp() + float(row["seconds"])
    return datetime.fromisoformat(row["to"]).timestamp() if row["to"] else 0.0


_WRITERS: dict[Format, Callable[[Sequence[ExportRow], ExportSubject], str]] = {
    "csv": _csv,
    "json": _json,
    "openmetrics": _openmetrics,
}
