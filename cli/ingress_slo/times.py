"""Parses and prints durations and times on the command line."""

import re
from datetime import UTC, datetime

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_DURATION = re.compile(r"(\d+)([smhd])")


def duration_seconds(text: str) -> int:
    """Parse `90s`, `30m`, `12h` or `7d` into seconds. Raises ValueError."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a duration: write 90s, 30m, 12h or 7d")
    return int(found[1]) * _UNITS[found[2]]


def lifetime_seconds(text: str) -> int:
    """Parse a duration that is longer than none. Raises ValueError."""
    seconds = duration_seconds(text)
    if not seconds:
        raise ValueError(f"{text!r} is over at once: write a longer duration, such as 90d")
    return seconds


def moment(text: str, now: float) -> float:
    """Parse ISO 8601 (UTC by default) or a duration before `now` (`6h`) into Unix seconds. Raises ValueError."""
    if _DURATION.fullmatch(text.strip()):
        return now - duration_seconds(text)
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError(f"{text!r} is not a time: write 2026-11-24T06:00Z, or 6h for six hours ago") from error
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


def utc_text(time: float | None) -> str:
    """Unix seconds as `2026-11-24 06:00:00Z`; `-` for None."""
    return "-" if time is None else datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def duration_text(seconds: float) -> str:
    """A duration in its two largest units: `1d 6h`."""
    rest, parts = int(seconds), []
    for unit in ("d", "h", "m", "s"):
        if rest >= _UNITS[unit]:
            parts.append(f"{rest // _UNITS[unit]}{unit}")
            rest %= _UNITS[unit]
    return " ".join(parts[:2]) or "0s"
