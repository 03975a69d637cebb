"""The memory that reading a body takes is bounded, however well the body is compressed."""

import gzip
import tracemalloc

import pytest
from fuzz.laws import NOW

from slo.api.snapshot_reader import read
from slo.errors import CallerError, TooLargeError
from slo.traefik.snapshots import MAX_BODY_BYTES, MAX_JSON_BYTES, MAX_JSON_VALUES

MEBIBYTE = 1024 * 1024
FUNCTION_MEMORY = 512 * MEBIBYTE
INTERPRETER_MEMORY = 150 * MEBIBYTE
"""Memory of a function before it reads a body, with a good margin."""


def peak_of_reading(body: bytes, refusal: type[CallerError]) -> int:
    tracemalloc.start()
    try:
        with pytest.raises(refusal):
            read(body, NOW)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_bomb_of_a_gibibyte_is_refused_at_its_limit() -> None:
    bomb = gzip.compress(bytes(MEBIBYTE), 9) * 1024
    assert peak_of_reading(bomb, CallerError) < 2 * MAX_JSON_BYTES


def test_one_member_that_goes_on_beyond_the_limit_is_refused_there() -> None:
    bomb = gzip.compress(bytes(8 * MAX_JSON_BYTES), 9)
    assert len(bomb) < MAX_BODY_BYTES
    assert peak_of_reading(bomb, TooLargeError) < 3 * MAX_JSON_BYTES


def filled(start: bytes, piece: bytes, end: bytes, count: int = MAX_JSON_VALUES) -> bytes:
    count = min(count, (MAX_JSON_BYTES - len(start) - len(end)) // len(piece) - 1)
    return start + piece * count + piece.rstrip(b",") + end


PROCESS = b'{"ingress_metrics":{"processes":[{"pod":"a",'
WIDE = '"😀'.encode() + b"a" * 1000 + b'",'
DOCUMENTS = {
    "many numbers": filled(PROCESS + b'"bounds":[', b"1,", b"]}]}}"),
    "more numbers than there may be": filled(PROCESS + b'"bounds":[', b"1,", b"]}]}}", count=MAX_JSON_BYTES),
    "many texts": filled(b'{"warnings":[', b'"ab",', b"]}"),
    "wide texts": filled(b'{"warnings":[', WIDE, b"]}"),
    "many lists": filled(b'{"warnings":[', b"[],", b"]}"),
    "many keys": b"{" + b",".join(b'"%x":0' % number for number in range(MAX_JSON_VALUES)) + b"}",
    "many codes": PROCESS + b'"rows":[{"codes":{' + b",".join(b'"%d":0' % n for n in range(2_000_000)) + b"}}]}]}}",
    "deep": b"[" * (MAX_JSON_BYTES - 1),
}


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_document_that_unfolds_is_refused_within_the_functions_memory(kind: str) -> None:
    assert len(DOCUMENTS[kind]) <= MAX_JSON_BYTES
    assert peak_of_reading(gzip.compress(DOCUMENTS[kind], 1), CallerError) < FUNCTION_MEMORY - INTERPRETER_MEMORY
