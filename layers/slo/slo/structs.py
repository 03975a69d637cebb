"""Structs that have attributes in common."""

from typing import Any

import msgspec


def like[T: msgspec.Struct](kind: type[T], source: object, **own: Any) -> T:
    """A struct of this kind: `own` fields, and the others from the attributes of `source` with the same names."""
    shared = {name: getattr(source, name) for name in kind.__struct_fields__ if name not in own}
    return kind(**shared, **own)
