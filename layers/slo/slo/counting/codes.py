"""Status codes: what a request ended with, and which of them are errors of the server.

An HTTP status is written `200`; `0` is a client that left. A gRPC status is written `grpc:14`: Traefik puts it into the
label `code` of gRPC requests, whose HTTP status is 200 in any case.
"""

from collections.abc import Mapping

GRPC = "grpc:"
GRPC_STATUSES: Mapping[str, str] = {
    f"{GRPC}{number}": name
    for number, name in enumerate(
        (
            "OK",
            "CANCELLED",
            "UNKNOWN",
            "INVALID_ARGUMENT",
            "DEADLINE_EXCEEDED",
            "NOT_FOUND",
            "ALREADY_EXISTS",
            "PERMISSION_DENIED",
            "RESOURCE_EXHAUSTED",
            "FAILED_PRECONDITION",
            "ABORTED",
            "OUT_OF_RANGE",
            "UNIMPLEMENTED",
            "INTERNAL",
            "UNAVAILABLE",
            "DATA_LOSS",
            "UNAUTHENTICATED",
        )
    )
}
"""Their names (https://grpc.io/docs/guides/status-codes/)."""
GRPC_ERRORS = frozenset(
    code
    for code, name in GRPC_STATUSES.items()
    if name in {"DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"}
)
"""The statuses that OpenTelemetry calls errors of a server (https://opentelemetry.io/docs/specs/semconv/rpc/grpc/), but
UNKNOWN. Traefik writes UNKNOWN for every call whose status comes in a trailer that was not announced, and so for each
successful call of an ordinary gRPC server (seen with grpcio behind 3.0.4 and 3.7.15; `grpcStatusCode` in Traefik's
`pkg/middlewares/metrics/metrics.go`). As an error it would make every healthy gRPC service 0 % available."""
GRPC_OK, GRPC_UNKNOWN = f"{GRPC}0", f"{GRPC}2"
_CLIENT_LEFT = "0"
_HTTP_DIGITS = 3


def is_error(code: str) -> bool:
    """Whether a code is a server error. Clients that went away (499, or code 0) are not errors."""
    return code in GRPC_ERRORS if code.startswith(GRPC) else len(code) == _HTTP_DIGITS and code[0] == "5"


def by_number(code: str) -> tuple[bool, int]:
    """Sort key: HTTP codes by number, then gRPC statuses by number."""
    return code.startswith(GRPC), int(code.removeprefix(GRPC))


def of_version_1(codes: Mapping[str, int]) -> dict[str, int]:
    """The codes of a snapshot or a raw item of version 1, which wrote gRPC statuses like HTTP codes.

    HTTP codes have three digits. `0` stays a client that left, although some may be gRPC's OK.
    """
    return {
        f"{GRPC}{code}" if len(code) < _HTTP_DIGITS and code.isdigit() and code != _CLIENT_LEFT else code: count
        for code, count in codes.items()
    }


def with_one_zero(codes: Mapping[str, int]) -> dict[str, int]:
    """The codes with gRPC's OK as `0`, as version 1 wrote it. Makes samples of both versions comparable."""
    if GRPC_OK not in codes:
        return dict(codes)
    others = {code: count for code, count in codes.items() if code != GRPC_OK}
    return {**others, _CLIENT_LEFT: codes[GRPC_OK] + codes.get(_CLIENT_LEFT, 0)}
