"""Makes every text of a snapshot printable: the agent's, before it is pushed, and whatever else ingest gets."""

import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import inspect

from slo.traefik.naming import bounded
from slo.traefik.snapshots import Snapshot

type _Rewrite = Callable[[Any], Any]
"""Returns the value itself if there is nothing to change."""

_ESCAPE = re.compile(rb"\\[^\"/]")


def with_printable_texts(snapshot: Snapshot) -> Snapshot:
    """The snapshot with every text printable, and no longer than its field allows."""
    rewritten: Snapshot = _REWRITE(snapshot)
    return rewritten


def is_printable(json: bytes) -> bool:
    """Whether all texts of a JSON document are surely printable. Most are, and this is faster than a look at each."""
    return json.isascii() and b"\x7f" not in json and not _ESCAPE.search(json.replace(b"\\\\", b""))


def _rewrite_of(kind: inspect.Type) -> _Rewrite | None:
    """How to rewrite values of this type; None if they hold no text of somebody else's choice."""
    match kind:
        case inspect.StrType(pattern=None, max_length=length):
            most = sys.maxsize if length is None else length
            return lambda text: bounded(text, most) if isinstance(text, str) else text
        case inspect.UnionType(types=types):
            return next(filter(None, map(_rewrite_of, types)), None)
        case inspect.VarTupleType(item_type=item):
            return _tuples(_rewrite_of(item))
        case inspect.DictType(key_type=key):
            return _keys(_rewrite_of(key))
        case inspect.StructType(fields=fields):
            found = {field.name: _rewrite_of(field.type) for field in fields}
            return _structs({name: rewrite for name, rewrite in found.items() if rewrite})
    return None


def _tuples(rewrite: _Rewrite | None) -> _Rewrite | None:
    return rewrite and (lambda items: None if items is None else tuple(map(rewrite, items)))


def _keys(rewrite: _Rewrite | None) -> _Rewrite | None:
    """Rewrite the keys of counts. The counts of keys that become equal are added up."""
    if rewrite is None:
        return None

    def rewritten(counts: Mapping[str, int]) -> Mapping[str, int]:
        if all(map(str.isprintable, counts)):
            return counts
        found: dict[str, int] = {}
        for key, count in counts.items():
            name = rewrite(key)
            found[name] = found.get(name, 0) + count
        return found

    return rewritten


def _structs(rewrites: Mapping[str, _Rewrite]) -> _Rewrite | None:
    def rewritten(struct: msgspec.Struct) -> msgspec.Struct:
        values = {name: getattr(struct, name) for name in rewrites}
        changed = {name: new for name, old in values.items() if (new := rewrites[name](old)) != old}
        return msgspec.structs.replace(struct, **changed) if changed else struct

    return rewritten if rewrites else None


_REWRITE = _rewrite_of(inspect.type_info(Snapshot)) or (lambda snapshot: snapshot)
