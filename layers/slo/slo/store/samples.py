"""Converts samples to the bodies of raw items and back. No keys, no I/O.

A process' first sample of a slot is stored whole. The others of the slot are stored as what they differ from it, which
takes half of the bytes or less: the counts of a minute have fewer digits than those of a process' life. A difference
is exact, and needs only the whole sample that it names.
"""

from collections.abc import Mapping
from functools import cached_property
from itertools import repeat
from operator import add, sub

import msgspec

from slo.counting.codes import of_version_1
from slo.counting.columns import Columns, Table
from slo.counting.counts import Counts
from slo.counting.rollup import Sample
from slo.store.codec import pack, unpack
from slo.structs import like
from slo.traefik.snapshots import MeasuredBy


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
    knows_created: bool = False
    created: list[int] = []
    """For each row, when its series were created; 0 for those that are old. Empty if all are."""
    unreachable: tuple[str, ...] = ()
    is_folded: bool = False
    """Whether `rows` is folded, as all are that were stored since 0.2."""


class _DifferenceDocument(msgspec.Struct, omit_defaults=True):
    """The fields that change within a process; the others are those of the whole sample."""

    date: float
    mallocs: float
    taken_at: float
    observed_at: float
    rows: Table
    """What was added since, folded."""
    cpu_seconds: float = 0.0
    may_be_cut: bool = False
    knows_created: bool = False
    created: list[int] = []


class WholeSample:
    """A sample that others are stored relative to."""

    def __init__(self, sample: Sample) -> None:
        self.sample = sample

    @cached_property
    def columns(self) -> Columns:
        """Its counts."""
        return Columns.of(self.sample.rows)

    @classmethod
    def unpacked(cls, body: bytes, sample_key: str) -> "WholeSample":
        """The sample of a whole raw item."""
        document = unpack(body, _SampleDocument)
        table = _folded(document.rows) if document.is_folded else document.rows
        return cls(_sample(document, Columns(table), sample_key))

    def by_column(self) -> "WholeSample":
        """The same sample, to tell others by: it takes a quarter of the memory."""
        return WholeSample(msgspec.structs.replace(self.sample, rows=self.columns, created={}))

    def packed(self) -> bytes:
        """The body of its raw item."""
        rows = _folded(self.columns.table)
        created = _created(self.sample, self.columns)
        return pack(like(_SampleDocument, self.sample, rows=rows, created=created, is_folded=True))

    def can_tell(self, sample: Sample) -> bool:
        """Whether another sample can be stored relative to this one: if it is of the same process."""
        return all(getattr(self.sample, name) == getattr(sample, name) for name in _SHARED)

    def packed_difference(self, sample: Sample) -> bytes:
        """The body of a raw item that needs this sample."""
        columns = Columns.of(sample.rows)
        rows = _folded(columns.combined(sub, self.columns))
        return pack(like(_DifferenceDocument, sample, rows=rows, created=_created(sample, columns)))

    def unpacked_difference(self, body: bytes, sample_key: str) -> Sample:
        """The sample of a raw item that was stored relative to this one."""
        document = unpack(body, _DifferenceDocument)
        columns = Columns(Columns(_folded(document.rows)).combined(add, self.columns))
        whole = like(
            _SampleDocument,
            document,
            rows=columns.table,
            unreachable=(),
            is_folded=False,
            **{name: getattr(self.sample, name) for name in _SHARED},
        )
        return _sample(whole, columns, sample_key)


_SHARED = ("pod", "process_start", "scope", "measured_by", "wire_version")


def _created(sample: Sample, columns: Columns) -> list[int]:
    return [sample.created.get(entry_id, 0) for entry_id in columns] if sample.created else []


def _sample(document: _SampleDocument, columns: Columns, sample_key: str) -> Sample:
    rows: Mapping[int, Counts] = columns
    if document.wire_version == 1:
        rows = {entry_id: like(Counts, row, codes=of_version_1(row.codes)) for entry_id, row in columns.items()}
    created = {entry_id: at for entry_id, at in zip(rows, document.created, strict=False) if at}
    return like(Sample, document, sample_key=sample_key, rows=rows, created=created)


def _folded(table: Table) -> Table:
    """The table with the requests above the last bound in place of those within the first one; its own inverse.

    The parts of a row add up to its requests with a latency, so each part follows from the others. Most requests are
    within the first bound, and few above the last one.
    """
    if not table.b:
        return table
    requests = map(sum, zip(*table.c.values(), strict=True)) if table.c else repeat(0)
    inside = map(sum, zip(*table.b, strict=True))
    other = [every - without - known for every, without, known in zip(requests, table.x, inside, strict=False)]
    return msgspec.structs.replace(table, b=[other, *table.b[1:]])
