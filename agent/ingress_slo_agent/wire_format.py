"""The encoding of protobuf messages (https://protobuf.dev/programming-guides/encoding/), as far as it is read here.

A message is a part of one body, given by its start and its end, so nothing is copied. What no message can hold raises
ValueError, and a number after the end of the body IndexError.
"""

from collections.abc import Iterator
from struct import Struct

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_MAX_SHIFT = 63
_DOUBLE = Struct("<d")

type Field = tuple[int, int, int]
"""The tag of a field, and where its content starts and ends."""


def tag(number: int, wire_type: int) -> int:
    """What stands before a field."""
    return number << 3 | wire_type


def fields(body: bytes, start: int, end: int) -> Iterator[Field]:
    """The fields of the message between `start` and `end`."""
    at = start
    while at < end:
        found, start = varint(body, at)
        kind = found & 7
        if kind == BYTES:
            length, start = varint(body, start)
            at = start + length
        elif kind == VARINT:
            at = varint(body, start)[1]
        elif kind == FIXED64:
            at = start + 8
        elif kind == FIXED32:
            at = start + 4
        else:
            raise ValueError(f"a field of the unknown type {kind} at byte {at}")
        if at > end:
            raise ValueError(f"a field ends at byte {at}, after its message, which ends at byte {end}")
        yield found, start, at


def varint(body: bytes, at: int) -> tuple[int, int]:
    """The number at this position, and the position after it."""
    byte = body[at]
    if byte < 0x80:
        return byte, at + 1
    value, shift = byte & 0x7F, 7
    while byte >= 0x80:
        if shift > _MAX_SHIFT:
            raise ValueError(f"a number without an end at byte {at}")
        at += 1
        byte = body[at]
        value |= (byte & 0x7F) << shift
        shift += 7
    return value, at + 1


def double(body: bytes, at: int) -> float:
    """The 8 bytes at this position as a number."""
    value: float = _DOUBLE.unpack_from(body, at)[0]
    return value
