r"""Reads a Secret that a client sends as protobuf: Helm keeps its releases in Secrets and sends them so.

The envelope is the four bytes `k8s\0` and a message `Unknown` whose second field is the object
(https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding). The numbers of the fields are those of
`k8s.io/api/core/v1/generated.proto` and `k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto`.
"""

import base64
from collections.abc import Iterator

from lab.cluster.objects import Object

CONTENT_TYPE = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\x00"
_RAW = 2
_METADATA, _DATA, _TYPE = 1, 2, 3
_NAME, _LABELS = 1, 11
_KEY, _VALUE = 1, 2
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def secret(body: bytes) -> Object:
    """The Secret of a request. Raises ValueError if it is none."""
    if not body.startswith(_MAGIC):
        raise ValueError("this is no protobuf of the Kubernetes API")
    item: Object = {"metadata": {"labels": {}}, "data": {}}
    raw = next(value for number, value in _fields(body[len(_MAGIC) :]) if number == _RAW)
    for number, value in _fields(raw):
        if number == _METADATA:
            for inner, text in _fields(value):
                if inner == _NAME:
                    item["metadata"]["name"] = text.decode()
                elif inner == _LABELS:
                    name, label = _entry(text)
                    item["metadata"]["labels"][name] = label.decode()
        elif number == _DATA:
            name, content = _entry(value)
            item["data"][name] = base64.b64encode(content).decode()
        elif number == _TYPE:
            item["type"] = value.decode()
    return item


def _entry(message: bytes) -> tuple[str, bytes]:
    entry = dict(_fields(message))
    return entry[_KEY].decode(), entry.get(_VALUE, b"")


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The length-delimited fields of a message, by number; others are passed over."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        number, kind = tag >> 3, tag & 7
        if kind == _BYTES:
            length, at = _varint(message, at)
            yield number, message[at : at + length]
            at += length
        elif kind == _VARINT:
            _, at = _varint(message, at)
        elif kind in (_FIXED64, _FIXED32):
            at += 8 if kind == _FIXED64 else 4
        else:
            raise ValueError(f"a protobuf field of wire type {kind}")


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, at
