r"""Reads what Helm, kubectl and Traefik send as protobuf.

That are Secrets (Helm's releases), Jobs that are created from a CronJob, and the status of Ingresses.

The envelope is the four bytes `k8s\0` and a message `Unknown` whose second field is the object
(https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding). The field numbers are those in the
`generated.proto` of `k8s.io/api/core/v1`, `k8s.io/api/networking/v1` and `k8s.io/apimachinery/pkg/apis/meta/v1`.
"""

import base64
from collections import defaultdict

from lab.cluster.objects import Object

CONTENT_TYPE = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\x00"
_RAW = 2
_METADATA, _DATA, _TYPE = 1, 2, 3
_NAME, _LABELS, _OWNERS = 1, 11, 13
_OWNER_KIND, _OWNER_NAME = 1, 3
_STATUS, _LOAD_BALANCER, _POINTS, _IP, _HOSTNAME = 3, 1, 1, 1, 2
_KEY, _VALUE = 1, 2
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def decoded(body: bytes, kind: str) -> Object:
    """The object of a request: a Secret, a Job without its `spec`, or an Ingress without it.

    Raises ValueError for any other kind.
    """
    if not body.startswith(_MAGIC) or kind not in ("Secret", "Job", "Ingress"):
        raise ValueError(f"cannot read a {kind} from protobuf")
    message = _fields(_fields(body[len(_MAGIC) :])[_RAW][0])
    metadata = _fields(message[_METADATA][0])
    if kind == "Ingress":
        return {"metadata": {"name": metadata[_NAME][0].decode()}, "status": _status(message)}
    labels = {key: value.decode() for key, value in map(_entry, metadata[_LABELS])}
    item: Object = {"metadata": {"name": metadata[_NAME][0].decode(), "labels": labels}}
    if kind == "Job":
        owners = map(_fields, metadata[_OWNERS])
        item["metadata"]["ownerReferences"] = [
            {"kind": owner[_OWNER_KIND][0].decode(), "name": owner[_OWNER_NAME][0].decode()} for owner in owners
        ]
        return item
    data = {key: base64.b64encode(value).decode() for key, value in map(_entry, message[_DATA])}
    return item | {"data": data, "type": message[_TYPE][0].decode()}


def _status(message: dict[int, list[bytes]]) -> Object:
    """An Ingress' status: the addresses of its load balancer."""
    balancer = _fields(_fields(message[_STATUS][0])[_LOAD_BALANCER][0])
    names = {_IP: "ip", _HOSTNAME: "hostname"}
    points = [_fields(point) for point in balancer[_POINTS]]
    return {
        "loadBalancer": {
            "ingress": [
                {name: point[number][0].decode() for number, name in names.items() if point[number]} for point in points
            ]
        }
    }


def _entry(message: bytes) -> tuple[str, bytes]:
    entry = _fields(message)
    return entry[_KEY][0].decode(), entry[_VALUE][0]


def _fields(message: bytes) -> dict[int, list[bytes]]:
    """The length-delimited fields of a message, by number. Others are skipped."""
    fields: dict[int, list[bytes]] = defaultdict(list)
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        number, kind = tag >> 3, tag & 7
        if kind == _BYTES:
            length, at = _varint(message, at)
            fields[number].append(message[at : at + length])
            at += length
        elif kind == _VARINT:
            _, at = _varint(message, at)
        elif kind in (_FIXED64, _FIXED32):
            at += 8 if kind == _FIXED64 else 4
        else:
            raise ValueError(f"unknown protobuf wire type {kind}")
    return fields


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, at
