"""The figures of an objective in words: as tables show them, and as options write them."""

from decimal import Decimal, InvalidOperation
from typing import Any

from slo.objectives.targets import ALL_CLUSTERS, LatencyObjective
from slo.traefik.latencies import latency_share, milliseconds

NONE = "none"
"""Takes back what is promised of latency, or a channel."""


def percent_text(share: float) -> str:
    """A ratio in per cent, exactly: `99.95%`."""
    return f"{plain(Decimal(repr(share)) * 100)}%"


def milliseconds_text(milliseconds: float) -> str:
    """`300ms`."""
    return f"{plain(Decimal(repr(milliseconds)))}ms"


def latency_text(latency: LatencyObjective | None) -> str:
    """`99% < 300ms`; `-` for None."""
    return "-" if latency is None else f"{percent_text(latency.share)} < {milliseconds_text(latency.threshold)}"


def period_text(length: str, time_zone: str) -> str:
    """`30d`, or `month (Europe/Berlin)`."""
    return length if time_zone == "UTC" else f"{length} ({time_zone})"


def subject_text(about: dict[str, Any]) -> str:
    """What an objective of the API is for."""
    if about["cluster_id"] == ALL_CLUSTERS:
        return "(all clusters)"
    return f"{about['domain']}{about['path_prefix'] or ''}" if about["domain"] else "(cluster)"


def plain(value: Decimal) -> str:
    """A decimal number without an exponent and without zeros at its end."""
    return f"{value.normalize():f}"


def share(text: str) -> float:
    """Parse `99.9` or `99.9%` into a ratio. Raises ValueError."""
    value = _decimal(text.strip().removesuffix("%"), f"{text!r} is not a share in per cent: write 99.9")
    if not 1 < value < 100:
        raise ValueError(f"{text!r} is not between 1 and 100 per cent: write 99.9")
    return float(value / 100)


def threshold(text: str) -> float:
    """Parse `300`, `300ms` or `1.5s` into milliseconds. Raises ValueError."""
    found = milliseconds(text if text.strip().endswith("s") else f"{text}ms")
    if found is None:
        raise ValueError(f"{text!r} is not a latency of at most 600s: write 300ms")
    return found


def latency(text: str) -> LatencyObjective:
    """Parse `99% < 300ms`. Raises ValueError."""
    found = latency_share(text)
    if found is None:
        raise ValueError(
            f"{text!r} is not a share below a threshold: write '99% < 300ms', with 99.999% and 600s at most"
        )
    return LatencyObjective(found.share, found.threshold)


def _decimal(text: str, wrong: str) -> Decimal:
    try:
        value = Decimal(text.strip())
    except InvalidOperation as error:
        raise ValueError(wrong) from error
    if not value.is_finite():
        raise ValueError(wrong)
    return value
