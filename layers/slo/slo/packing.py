"""How counts are packed into DynamoDB items: columns, not rows, as compressed JSON.

A table of counts, for rows sorted by entry id:

    i   entry ids, each as the difference to the one before
    c   {status code: [count of each row]}            0 where a row has none
    m   {method: [count of each row]}                 without GET, which is what the codes leave over
    b   [[of each row] of each finite bound]          not cumulative; rows with fewer bounds are padded by 0
    n   [number of bounds of each row]
    x   [codes' sum less latencies, of each row]      WebSockets and server-sent events, so mostly 0
    d   [duration in microseconds of each row]

What can be derived is left out, and columns of like numbers compress well.
"""

import zlib
from collections.abc import Mapping
from typing import Any

import msgspec

from slo.counts import Counts

_DERIVED_METHOD = "GET"
_LEVEL = 9


class Table(msgspec.Struct, omit_defaults=True):
    """Counts by entry id, column by column."""

    i: list[int] = []
    c: dict[str, list[int]] = {}
    m: dict[str, list[int]] = {}
    b: list[list[int]] = []
    n: list[int] = []
    x: list[int] = []
    d: list[int] = []


def to_table(counts: Mapping[int, Counts]) -> Table:
    """Columns of counts by entry id."""
    ids = sorted(counts)
    rows = [counts[entry_id] for entry_id in ids]
    codes = sorted({code for row in rows for code in row.codes})
    methods = sorted({method for row in rows for method in row.methods} - {_DERIVED_METHOD})
    bounds = [max(0, len(row.buckets) - 1) for row in rows]
    return Table(
        i=[after - before for before, after in zip([0, *ids], ids, strict=False)],
        c={code: [row.codes.get(code, 0) for row in rows] for code in codes},
        m={method: [row.methods.get(method, 0) for row in rows] for method in methods},
        b=[[_bucket(row.buckets, index) for row in rows] for index in range(max(bounds, default=0))],
        n=bounds,
        x=[row.requests - (row.buckets[-1] if row.buckets else 0) for row in rows],
        d=[row.duration_microseconds for row in rows],
    )


def _bucket(buckets: list[int], index: int) -> int:
    if index >= len(buckets) - 1:
        return 0
    return buckets[index] - (buckets[index - 1] if index else 0)


def from_table(table: Table) -> dict[int, Counts]:
    """The counts that `to_table` was given."""
    result = {}
    entry_id = 0
    codes, methods = list(table.c.items()), list(table.m.items())
    for row, step in enumerate(table.i):
        entry_id += step
        own_codes = {code: column[row] for code, column in codes if column[row]}
        own_methods = {method: column[row] for method, column in methods if column[row]}
        requests = sum(own_codes.values())
        if derived := requests - sum(own_methods.values()):
            own_methods[_DERIVED_METHOD] = derived
        result[entry_id] = Counts(own_codes, own_methods, _buckets(table, row, requests), table.d[row])
    return result


def _buckets(table: Table, row: int, requests: int) -> list[int]:
    cumulative = 0
    buckets = []
    for column in table.b[: table.n[row]]:
        cumulative += column[row]
        buckets.append(cumulative)
    buckets.append(requests - table.x[row])
    return buckets


def pack(value: Any) -> bytes:
    """A msgspec type as compressed JSON.

    Z_FILTERED passes over short matches, which cost more than they save among digits: an eighth less.
    """
    deflate = zlib.compressobj(_LEVEL, memLevel=zlib.DEF_MEM_LEVEL + 1, strategy=zlib.Z_FILTERED)
    return deflate.compress(msgspec.json.encode(value)) + deflate.flush()


def unpack[T](packed: bytes, kind: type[T]) -> T:
    """What `pack` was given. Raises `msgspec.ValidationError` where the item is of another kind."""
    return msgspec.json.decode(zlib.decompress(packed), type=kind)
