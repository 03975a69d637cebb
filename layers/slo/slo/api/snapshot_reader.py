"""Reads and validates a pushed snapshot: sizes, schema, clock and shape."""

import zlib

import msgspec

from slo.counting.retention import RAW_KEPT_SECONDS
from slo.errors import BadRequestError, FieldError, TooLargeError, UnprocessableError
from slo.times import HOUR_SECONDS
from slo.traefik import snapshots
from slo.traefik.naming import is_entry_point
from slo.traefik.snapshots import Snapshot
from slo.traefik.texts import is_printable, with_printable_texts

MAX_CLOCK_SKEW_SECONDS = 600
MAX_AGE_SECONDS = RAW_KEPT_SECONDS - HOUR_SECONDS
"""An accepted snapshot can still be booked before its raw items expire."""
_DETAIL = "The snapshot is not valid."
_MAX_ERRORS = 20


def read(body: bytes, now: float) -> Snapshot:
    """The snapshot in a request body.

    Raises TooLargeError, BadRequestError (not gzip, not JSON) or UnprocessableError (names the field).
    """
    text = _gunzip(body)
    snapshot = _decode(text)
    if not is_printable(text):
        snapshot = with_printable_texts(snapshot)
    _check_clock(snapshot, now)
    _check_rows(snapshot)
    _check_pods(snapshot)
    return snapshot


def without_entry_points(snapshot: Snapshot) -> tuple[Snapshot, int]:
    """The snapshot without rows of entry points, and the number of rows removed."""
    metrics = snapshot.ingress_metrics
    processes = tuple(
        msgspec.structs.replace(
            process, rows=tuple(row for row in process.rows if not is_entry_point(row.router, row.service))
        )
        for process in metrics.processes
    )
    dropped = sum(
        len(before.rows) - len(after.rows) for before, after in zip(metrics.processes, processes, strict=True)
    )
    if not dropped:
        return snapshot, 0
    kept = msgspec.structs.replace(metrics, processes=processes)
    return msgspec.structs.replace(snapshot, ingress_metrics=kept), dropped


def _gunzip(body: bytes) -> bytes:
    if len(body) > snapshots.MAX_BODY_BYTES:
        raise TooLargeError(
            f"The body has {len(body)} bytes; at most {snapshots.MAX_BODY_BYTES} are accepted. "
            "Scrape fewer Traefik pods per agent, or split the cluster by namespace."
        )
    inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        text = inflate.decompress(body, snapshots.MAX_JSON_BYTES)
    except zlib.error as error:
        raise BadRequestError(
            f"The body is not gzip ({error}). Send the snapshot as gzip with Content-Type application/gzip."
        ) from error
    if inflate.unconsumed_tail:
        raise TooLargeError(f"The body decompresses to more than {snapshots.MAX_JSON_BYTES} bytes.")
    if not inflate.eof:
        raise BadRequestError("The gzip body is truncated. Send it again.")
    if inflate.unused_data:
        raise BadRequestError("There is data after the gzip body. Send one snapshot, compressed as one gzip member.")
    return text


def _decode(text: bytes) -> Snapshot:
    if text.count(b",") > snapshots.MAX_JSON_VALUES:
        raise TooLargeError(f"The body holds more than {snapshots.MAX_JSON_VALUES} values. Scrape fewer Traefik pods.")
    try:
        return snapshots.decode(text)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at ")
        field = path.strip("`").removeprefix("$").removeprefix(".") or "(body)"
        if field == "version":
            message = _version_message(message)
        raise _invalid(field, message) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequestError(f"The body is not JSON: {error}.") from error


def _version_message(said: str) -> str:
    """What to upgrade. msgspec says `Invalid enum value 3`."""
    version = said.rpartition(" ")[2]
    is_newer = version.isdecimal() and int(version[:9]) > snapshots.VERSION
    todo = "Upgrade the stack first, then the agent." if is_newer else "Upgrade the agent."
    return f"{said}: this stack accepts snapshots of the versions 1 to {snapshots.VERSION}. {todo}"


def _check_clock(snapshot: Snapshot, now: float) -> None:
    skew = snapshot.sent_at - now
    if abs(skew) > MAX_CLOCK_SKEW_SECONDS:
        raise _invalid(
            "sent_at",
            f"The agent's clock is {abs(skew):.0f} seconds {'ahead' if skew > 0 else 'behind'}; at most "
            f"{MAX_CLOCK_SKEW_SECONDS} are accepted. Synchronise the node's clock (NTP).",
        )
    age = snapshot.sent_at - snapshot.taken_at
    if age < -1:
        raise _invalid("taken_at", "The snapshot was taken after it was sent.")
    if age > MAX_AGE_SECONDS:
        raise _invalid("taken_at", f"The snapshot is {age:.0f} seconds old; at most {MAX_AGE_SECONDS} are accepted.")


def _check_rows(snapshot: Snapshot) -> None:
    errors = [
        FieldError(f"ingress_metrics.processes[{index}].{mistake.field}", mistake.message)
        for index, process in enumerate(snapshot.ingress_metrics.processes)
        for mistake in snapshots.mistakes(process)
    ]
    if errors:
        raise UnprocessableError(_DETAIL, errors=errors[:_MAX_ERRORS])


def _check_pods(snapshot: Snapshot) -> None:
    processes = snapshot.ingress_metrics.processes
    if len({process.pod for process in processes}) < len(processes):
        raise _invalid("ingress_metrics.processes", "A pod appears twice; scrape each pod once.")


def _invalid(field: str, message: str) -> UnprocessableError:
    return UnprocessableError(_DETAIL, errors=[FieldError(field, message)])
