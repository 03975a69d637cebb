"""Converts samples, ledgers, books and catalogues to the bodies of items and back. No keys, no I/O.

Every body is compressed JSON. Rows are stored by column (`slo.counting.columns`), so field names do not repeat.
"""

import zlib
from typing import Any

import msgspec

from slo.counting.books import Book, Step
from slo.counting.codes import of_version_1
from slo.counting.columns import Columns, Table
from slo.counting.counts import Counts
from slo.counting.ledger import BookedProcess, Gap, Ledger, LedgerRows, WatchedScope
from slo.counting.rollup import Sample
from slo.structs import like
from slo.traefik.snapshots import MeasuredBy

_LEVEL = 9


def pack(value: Any) -> bytes:
    """A msgspec type as compressed JSON.

    Z_FILTERED skips short matches, which cost more than they save in digits: the result is an eighth smaller.
    """
    deflate = zlib.compressobj(_LEVEL, memLevel=zlib.DEF_MEM_LEVEL + 1, strategy=zlib.Z_FILTERED)
    return deflate.compress(msgspec.json.encode(value)) + deflate.flush()


def unpack[T](packed: bytes, kind: type[T]) -> T:
    """The value that was packed. Raises `msgspec.ValidationError` if it is of another kind."""
    return msgspec.json.decode(zlib.decompress(packed), type=kind)


class _SampleDocument(msgspec.Struct, omit_defaults=True):
    pod: str
    date: float
    process_start: float
    mallocs: float
    taken_at: float
    observed_at: float
    scope: str
    measured_by: MeasuredBy
    rows: Table
    cpu_seconds: float = 0.0
    wire_version: int = 1
    may_be_cut: bool = False


class _LedgerDocument(msgspec.Struct, omit_defaults=True):
    at: int
    changed_at: int
    rows: Table
    since: list[int]
    changed: list[int]
    """For each row, seconds before the ledger's own `changed_at`: mostly 0, because most rows change each time."""
    processes: tuple[BookedProcess, ...]
    scopes: dict[str, WatchedScope]
    gaps: tuple[Gap, ...]
    watched_since: float
    watched_at: float
    watched_seconds: float
    process_seconds: float
    observed_seconds: float
    imported_since: float = 0.0
    imported_seconds: float = 0.0


class _StepDocument(msgspec.Struct, omit_defaults=True):
    has_data: bool
    coverage: float
    counts: Table


class _BookDocument(msgspec.Struct, omit_defaults=True):
    domain: str
    starts_at: int
    step_seconds: int
    steps: tuple[_StepDocument, ...]
    routes: dict[str, tuple[int, ...]]


def pack_sample(sample: Sample) -> bytes:
    """A raw item's body."""
    return pack(like(_SampleDocument, sample, rows=Columns.of(sample.rows).table))


def unpack_sample(body: bytes, sample_key: str) -> Sample:
    """The sample of a raw item."""
    document = unpack(body, _SampleDocument)
    rows = dict(Columns(document.rows))
    if document.wire_version == 1:
        rows = {entry_id: like(Counts, row, codes=of_version_1(row.codes)) for entry_id, row in rows.items()}
    return like(Sample, document, sample_key=sample_key, rows=rows)


def pack_ledger(ledger: Ledger) -> bytes:
    """A ledger item's body."""
    rows = LedgerRows.of(ledger.rows)
    document = like(
        _LedgerDocument,
        ledger,
        rows=rows.counts.table,
        since=rows.since,
        changed=[ledger.changed_at - changed_at for changed_at in rows.changed_at],
        watched_seconds=round(ledger.watched_seconds, 3),
        process_seconds=round(ledger.process_seconds, 3),
        observed_seconds=round(ledger.observed_seconds, 3),
    )
    return pack(document)


def unpack_ledger(body: bytes) -> Ledger:
    """The ledger of an item."""
    document = unpack(body, _LedgerDocument)
    changed_at = [document.changed_at - changed for changed in document.changed]
    return like(Ledger, document, rows=LedgerRows(Columns(document.rows), document.since, changed_at))


def pack_book(book: Book) -> bytes:
    """An hourly or daily item's body."""
    steps = tuple(_StepDocument(step.has_data, step.coverage, Columns.of(step.counts).table) for step in book.steps)
    return pack(_BookDocument(book.domain, book.starts_at, book.step_seconds, steps, book.routes))


def unpack_book(body: bytes) -> Book:
    """The book of an item."""
    document = unpack(body, _BookDocument)
    steps = tuple(Step(step.has_data, step.coverage, dict(Columns(step.counts))) for step in document.steps)
    return Book(document.domain, document.starts_at, document.step_seconds, steps, document.routes)
