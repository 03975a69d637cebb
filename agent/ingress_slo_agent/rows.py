"""Sums up the series of one exposition to the rows of a snapshot, whatever format they arrived in."""

import math
from collections.abc import Iterable, Iterator, Mapping
from sys import getsizeof
from typing import NamedTuple

import msgspec

from slo.traefik.naming import bounded
from slo.traefik.snapshots import MAX_ROWS, MeasuredBy, ProcessMetrics, SeriesRow, mistakes

STREAM_PROTOCOLS = frozenset({"websocket", "sse"})
"""The duration of a stream is its lifetime, which would distort a latency histogram."""
GRPC_PROTOCOLS = frozenset({"grpc", "grpc-web"})
"""Traefik writes the gRPC status into `code` for these."""
MAX_ENTRY_POINTS = 64
MAX_SERIES = 100_000
"""Of one process, without buckets: twenty sets of labels for each of the rows that a snapshot holds."""
_MAX_LABEL_BYTES = 24 << 20
"""Of all series of one process: as many as they may be, with labels twice as long as Traefik's usually are."""
MAX_FAMILIES = 1_000
"""Traefik has less than a hundred metric families."""


class ExpositionError(ValueError):
    """Raised for what is not a complete exposition of Traefik. The whole answer is rejected."""


class Series(NamedTuple):
    """One set of labels, without `le`."""

    row: "RowBuilder"
    code: str
    method: str
    buckets: dict[float, int] | None
    """Cumulative count by upper bound; None for streams, which have no latency."""

    def add_requests(self, count: int, created: float = 0.0) -> None:
        """Count requests. `created` is when Traefik created the series, 0 if that is not known."""
        row = self.row
        row.codes[self.code] = row.codes.get(self.code, 0) + count
        row.methods[self.method] = row.methods.get(self.method, 0) + count
        if created and (not row.created or created < row.created):
            row.created = created


class RowBuilder:
    """The sums of one (router, service) pair."""

    def __init__(self, router: str, service: str) -> None:
        self.router, self.service = router, service
        self.codes: dict[str, int] = {}
        self.methods: dict[str, int] = {}
        self.histograms: list[dict[float, int]] = []
        self.duration = 0.0
        self.created = 0.0

    def build(self, bounds: list[float]) -> SeriesRow:
        """The row of a snapshot. `bounds` are all upper bounds with +Inf."""
        return SeriesRow(
            router=self.router,
            service=self.service,
            codes=self.codes,
            methods=self.methods,
            buckets=tuple(sum(histogram.get(bound, 0) for histogram in self.histograms) for bound in bounds),
            duration_seconds_sum=self.duration,
            created=self.created,
        )


class Rows:
    """The rows of one exposition, in the order in which they were first seen."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], RowBuilder] = {}
        self._series = 0
        self._label_bytes = 0

    def series(self, labels: Mapping[str, str]) -> Series:
        """A new series with these labels, in the row of its router and service.

        Raises ExpositionError if there are more than a snapshot can hold, before they take any memory.
        """
        self._series += 1
        if self._series > MAX_SERIES:
            raise ExpositionError(f"it has more than {MAX_SERIES} series, which no Traefik has")
        self._label_bytes += sum(map(getsizeof, labels.values()))
        if self._label_bytes > _MAX_LABEL_BYTES:
            raise ExpositionError("its labels are longer than those of any Traefik")
        name = (bounded(labels.get("router", "")), bounded(labels.get("service", "")))
        row = self._rows.get(name)
        if row is None:
            if len(self._rows) == MAX_ROWS:
                raise ExpositionError(f"it has more than {MAX_ROWS} routers or services, the most that a push holds")
            row = self._rows[name] = RowBuilder(*name)
        code, protocol = labels.get("code", "0"), labels.get("protocol")
        buckets: dict[float, int] | None = None
        if protocol not in STREAM_PROTOCOLS:
            buckets = {}
            row.histograms.append(buckets)
        method = labels.get("method", "EXTENSION_METHOD")
        return Series(row, f"grpc:{code}" if protocol in GRPC_PROTOCOLS else code, method, buckets)

    def bounds(self) -> list[float]:
        """All upper bounds, ascending, the last one +Inf. Raises ExpositionError if series have different bounds."""
        bounds = {bound for row in self._rows.values() for histogram in row.histograms for bound in histogram}
        for row in self._rows.values():
            for histogram in row.histograms:
                if histogram and histogram.keys() != bounds:
                    raise ExpositionError(f"the buckets of {row.router or row.service} are incomplete")
        if bounds and math.inf not in bounds:
            raise ExpositionError("the buckets have no `+Inf`")
        if not all(bound >= 0 for bound in bounds):
            raise ExpositionError("a bound of the buckets is negative or not a number")
        return sorted(bounds | {math.inf})

    def build(self, bounds: list[float]) -> tuple[SeriesRow, ...]:
        """The rows of a snapshot."""
        return tuple(row.build(bounds) for row in self._rows.values())


class ProcessValues(NamedTuple):
    """What an exposition says of the process itself. None for what it does not say."""

    started_at: float | None
    mallocs: float | None
    cpu_seconds: float | None
    entry_points: Iterable[str]


def process_metrics(
    pod: str, date: float, values: ProcessValues, measured_by: MeasuredBy, rows: Rows
) -> ProcessMetrics:
    """The process as a snapshot has it. Raises ExpositionError if a snapshot cannot hold it."""
    if values.started_at is None:
        raise ExpositionError("process_start_time_seconds is missing: is this Traefik's metrics port?")
    bounds = rows.bounds()
    names = {bounded(name) for name in values.entry_points if name}
    process = ProcessMetrics(
        pod=pod,
        date=date,
        process_start_time_seconds=values.started_at,
        mallocs=values.mallocs or 0.0,
        cpu_seconds=values.cpu_seconds or 0.0,
        entry_points=tuple(sorted(names)[:MAX_ENTRY_POINTS]),
        measured_by=measured_by,
        bounds=tuple(bounds[:-1]),
        rows=rows.build(bounds),
    )
    return _checked(process)


def _checked(process: ProcessMetrics) -> ProcessMetrics:
    try:
        checked = msgspec.convert(msgspec.to_builtins(process), ProcessMetrics)
    except msgspec.ValidationError as error:
        raise ExpositionError(f"a value is outside what a snapshot can hold: {error}") from error
    for mistake in mistakes(checked):
        raise ExpositionError(f"{mistake.field}: {mistake.message}")
    return checked


def bounded_names(names: Iterable[str]) -> Iterator[str]:
    """The names of the families. Raises ExpositionError if there are far more than Traefik has."""
    for number, name in enumerate(names, 1):
        if number > MAX_FAMILIES:
            raise ExpositionError(f"this is not a Traefik: it has more than {MAX_FAMILIES} kinds of metrics")
        yield name


def counter_value(value: float, where: str) -> float:
    """The value, which a counter can have. Raises ExpositionError for one below 0, NaN or infinity."""
    if not 0 <= value < math.inf:
        raise ExpositionError(f"{value} is not a valid counter value: {where[:300]}")
    return value
