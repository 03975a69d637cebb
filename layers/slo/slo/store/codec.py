"""Converts ledgers and books to the bodies of items and back. No keys, no I/O.

Every body is compressed JSON. Rows are stored by column (`slo.counting.columns`), so field names do not repeat.
"""

import zlib
from collections.abc import Mapping
from typing import Any

import msgspec

from slo.counting.books import Book, Step
from slo.counting.columns import Columns, Table
from slo.counting.gaps import Gap, Unreachable
from slo.counting.ledger import BookedProcess, Ledger, LedgerRow, LedgerRows, WatchedScope
from slo.structs import like

_LEVEL = 9
_LEVEL_OF_LARGE = 7
"""Of bodies above `_LARGE_BYTES`: a fifth of the time, for a hundredth more bytes."""
_LARGE_BYTES = 32_000


def pack(value: Any) -> bytes:
    """A msgspec type as compressed JSON.

    Z_FILTERED skips short matches, which cost more than they save in digits: the result is an eighth smaller.
    """
    body = msgspec.json.encode(value)
    level = _LEVEL_OF_LARGE if len(body) > _LARGE_BYTES else _LEVEL
    deflate = zlib.compressobj(level, memLevel=zlib.DEF_MEM_LEVEL + 1, strategy=zlib.Z_FILTERED)
    return deflate.compress(body) + deflate.flush()


def unpack[T](packed: bytes, kind: type[T]) -> T:
    """The value that was packed. Raises `msgspec.ValidationError` if it is of another kind."""
    return msgspec.json.decode(zlib.decompress(packed), type=kind)


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
    delayed: "_RowsDocument | None" = None
    unreachable: dict[str, Unreachable] = {}


class _RowsDocument(msgspec.Struct):
    """Rows of a ledger, as in _LedgerDocument."""

    rows: Table
    since: list[int]
    changed: list[int]


class _StepDocument(msgspec.Struct, omit_defaults=True):
    has_data: bool
    coverage: float
    counts: Table
    delayed: Table | None = None
    delayed_since: int = 0


class _BookDocument(msgspec.Struct, omit_defaults=True):
    domain: str
    starts_at: int
    step_seconds: int
    steps: tuple[_StepDocument, ...]
    routes: dict[str, tuple[int, ...]]


def pack_ledger(ledger: Ledger) -> bytes:
    """A ledger item's body."""
    rows, delayed = _rows(ledger, ledger.rows), _rows(ledger, ledger.delayed)
    document = like(
        _LedgerDocument,
        ledger,
        rows=rows.rows,
        since=rows.since,
        changed=rows.changed,
        delayed=delayed if delayed.since else None,
        watched_seconds=round(ledger.watched_seconds, 3),
        process_seconds=round(ledger.process_seconds, 3),
        observed_seconds=round(ledger.observed_seconds, 3),
    )
    return pack(document)


def _rows(ledger: Ledger, rows: Mapping[int, LedgerRow]) -> _RowsDocument:
    columns = LedgerRows.of(rows)
    changed = [ledger.changed_at - changed_at for changed_at in columns.changed_at]
    return _RowsDocument(columns.counts.table, columns.since, changed)


def unpack_ledger(body: bytes) -> Ledger:
    """The ledger of an item."""
    document = unpack(body, _LedgerDocument)
    rows = _RowsDocument(document.rows, document.since, document.changed)
    delayed = document.delayed or _RowsDocument(Table(), [], [])
    return like(Ledger, document, rows=_ledger_rows(document, rows), delayed=_ledger_rows(document, delayed))


def _ledger_rows(ledger: _LedgerDocument, rows: _RowsDocument) -> LedgerRows:
    return LedgerRows(Columns(rows.rows), rows.since, [ledger.changed_at - changed for changed in rows.changed])


def pack_book(book: Book) -> bytes:
    """An hourly or daily item's body."""
    return pack(like(_BookDocument, book, steps=tuple(map(_step_document, book.steps))))


def _step_document(step: Step) -> _StepDocument:
    delayed = Columns.of(step.delayed).table if step.delayed else None
    return like(_StepDocument, step, counts=Columns.of(step.counts).table, delayed=delayed)


def unpack_book(body: bytes) -> Book:
    """The book of an item."""
    document = unpack(body, _BookDocument)
    return like(Book, document, steps=tuple(map(_step, document.steps)))


def _step(document: _StepDocument) -> Step:
    delayed = dict(Columns(document.delayed)) if document.delayed else {}
    return like(Step, document, counts=dict(Columns(document.counts)), delayed=delayed)
