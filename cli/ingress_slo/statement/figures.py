"""The figures of a line in words. Shares are cut off, not rounded: what was just missed is not shown as reached."""

from decimal import ROUND_DOWN, ROUND_UP, Decimal
from typing import Any

from ingress_slo.figures import milliseconds_text, percent_text, period_text, plain

Line = dict[str, Any]
_DIGITS = Decimal("0.0001")


def subject_text(line: Line) -> str:
    """The domain or the route."""
    return f"{line['domain']}{line['path_prefix'] or ''}"


def availability_text(line: Line) -> str:
    """What was reached in per cent, cut off after four digits; empty without requests."""
    requests, errors = line["total_requests"], line["total_errors"]
    return _share(requests - errors, requests) if requests else ""


def period_of(line: Line, words: dict[str, str]) -> str:
    """`the calendar month (Europe/Berlin)`; a period that has no word as the API says it."""
    promise = line["objective"]["promise"]
    return period_text(words.get(f"period_{promise['period']}", promise["period"]), promise["time_zone"])


def promised(promise: dict[str, Any], under: str) -> list[str]:
    """Availability, then what is promised of latency."""
    found, latency = [percent_text(promise["availability"])], promise["latency_objective"]
    if latency is not None:
        found.append(f"{percent_text(latency['share'])} {under} {milliseconds_text(latency['threshold'])}")
    if promise["p95_latency"] is not None:
        found.append(f"P95 {milliseconds_text(promise['p95_latency'])}")
    return found


def reached(line: Line, under: str) -> list[str]:
    """The same of what was reached; empty texts where it is not known."""
    found, promise, latency = [availability_text(line)], line["objective"]["promise"], line["latency"]
    if promise["latency_objective"] is not None:
        known = latency is not None and latency["share"] is not None
        found.append(
            f"{_cut(latency['share'])} {under} {milliseconds_text(latency['measured_threshold'])}" if known else ""
        )
    if promise["p95_latency"] is not None:
        p95 = line["p95_latency"]
        open_end = "> " if line["p95_is_lower_bound"] else ""
        found.append("" if p95 is None else f"P95 {open_end}{milliseconds_text(p95)}")
    return found


def budget_used_text(line: Line) -> str:
    """The share of the error budget that was used, rounded up; empty without requests."""
    remaining = line["error_budget_remaining"]
    if remaining is None:
        return ""
    used = (1 - Decimal(repr(remaining))) * 100
    return f"{plain(max(Decimal(0), used).quantize(Decimal('0.1'), ROUND_UP))}%"


def coverage_text(line: Line) -> str:
    """The observed share of the month."""
    return f"{plain((Decimal(repr(line['coverage'])) * 100).quantize(Decimal('0.01'), ROUND_DOWN))}%"


def result_key(line: Line) -> str:
    """Which word says whether the objective was kept."""
    return {True: "kept", False: "missed", None: "untold"}[line["is_kept"]]


def _share(part: int, whole: int) -> str:
    return f"{plain((Decimal(part) * 100 / whole).quantize(_DIGITS, ROUND_DOWN))}%"


def _cut(share: float) -> str:
    return f"{plain((Decimal(repr(share)) * 100).quantize(_DIGITS, ROUND_DOWN))}%"
