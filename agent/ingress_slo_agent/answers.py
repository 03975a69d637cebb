"""What Traefik answers to a scrape: in which format it is, whether it is Traefik's, and whether it is whole.

Protobuf is asked for first, because it says when each series was created; text is what else there may be. HTTP shows
where an answer ends. One that was cut before it got its length looks whole to HTTP, so the families are checked, too.
They come sorted by name: one after those that are read shows that these are complete.
"""

from email.message import Message

from ingress_slo_agent import exposition, protobuf
from ingress_slo_agent.certificates import Certificates, read
from ingress_slo_agent.rows import ExpositionError
from slo.traefik.snapshots import ProcessMetrics

ACCEPT = f"{protobuf.CONTENT_TYPE}, {exposition.CONTENT_TYPE};q=0.5"
_ALWAYS = "traefik_config_reloads_total"
_ENTRY_POINT_REQUESTS = "traefik_entrypoint_requests_total"
_BEFORE_ROUTERS = "traefik_open_connections"
"""Traefik has it from its start, and its name sorts right before those of routers and services."""
_DURATIONS, _REQUESTS, _NEXT = "request_duration_seconds", "requests_total", "responses_bytes_total"


def parse(body: bytes, content_type: str, *, pod: str, date: float) -> ProcessMetrics:
    """Parse an answer or what a recording kept of one. Raises ExpositionError."""
    read = protobuf.parse if is_protobuf(content_type) else exposition.parse
    return read(body, pod=pod, date=date)


def parse_whole(body: bytes, content_type: str, *, pod: str, date: float) -> ProcessMetrics:
    """Parse an answer as it arrived. Raises ExpositionError also if it is not Traefik's or not whole."""
    if is_protobuf(content_type):
        _check_whole(set(protobuf.families(body)))
    else:
        names = set(exposition.families(body))
        _check_whole(names)
        _check_last_lines(names)
    return parse(body, content_type, pod=pod, date=date)


def certificates(body: bytes, content_type: str, *, now: float) -> Certificates:
    """The certificates that a whole answer names, and which of them expire soon. Raises ExpositionError."""
    series = protobuf.certificates if is_protobuf(content_type) else exposition.certificates
    return read(series(body), now)


def is_protobuf(content_type: str) -> bool:
    """Whether an answer of this type is protobuf. Whatever is not is taken for text."""
    headers = Message()
    headers["Content-Type"] = content_type
    return headers.get_content_type() == protobuf.CONTENT_TYPE.partition(";")[0]


def _check_whole(names: set[str]) -> None:
    if _ALWAYS not in names:
        raise ExpositionError(
            f"this is not a Traefik, or its answer is cut off: it has no {_ALWAYS}. Is this Traefik's metrics port?"
        )
    if _BEFORE_ROUTERS not in names:
        raise ExpositionError(f"the exposition is cut off before {_BEFORE_ROUTERS}")
    kind = _measured(names)
    if kind and not {f"traefik_{kind}_{name}" for name in (_DURATIONS, _REQUESTS, _NEXT)} <= names:
        raise ExpositionError(f"the exposition is cut off: it ends within the metrics of each {kind}")


def _measured(names: set[str]) -> str:
    """The kind of the families that are read; empty if there are none."""
    for kind in ("router", "service"):
        if {f"traefik_{kind}_{_DURATIONS}", f"traefik_{kind}_{_REQUESTS}"} & names:
            return kind
    return ""


def _check_last_lines(names: set[str]) -> None:
    """Refuse a text that may end within its last family. Protobuf says how long each family is."""
    if not _measured(names) and _ENTRY_POINT_REQUESTS in names:
        raise ExpositionError(
            "the exposition has requests of entry points, but none of routers or services: it is cut off, or Traefik "
            "runs without the labels of both. Set --metrics.prometheus.addRoutersLabels=true."
        )
