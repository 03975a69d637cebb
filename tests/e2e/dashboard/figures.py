"""How the page must write the API's figures, in plain Python. The digits are the same in English and in Chinese."""

from typing import Any


def percent(ratio: float) -> str:
    """Two decimals, but none for 0 % and 100 %."""
    return f"{ratio:.0%}" if ratio in (0, 1) else f"{ratio:.2%}"


def milliseconds(value: float) -> str:
    """Whole milliseconds from 10 on, else one decimal."""
    return f"{value:.1f}\u00a0ms" if value < 10 else f"{value:,.0f}\u00a0ms"


def rate(per_second: float) -> str:
    """Requests a second."""
    if 0 < per_second < 0.01:
        return "<\u00a00.01"
    digits = 0 if per_second == 0 or per_second >= 100 else 1 if per_second >= 10 else 2
    return f"{per_second:.{digits}f}"


def budget(ratio: float) -> str:
    """The share that is left, never rounded to 0 % or 100 %; of an overspent one, how many times the allowance."""
    if ratio < -0.005:
        times = 1 - ratio
        return f"{times:,.{2 if times < 10 else 1}f}".rstrip("0").rstrip(".") + "×"
    if 0 < ratio < 0.01:
        return "<\u00a01%"
    return ">\u00a099%" if 0.99 < ratio < 1 else f"{ratio:.0%}"


def of(metrics: dict[str, Any]) -> dict[str, str]:
    """A row's figures, by the name of their column."""
    return {
        "availability": percent(metrics["availability"]),
        "p95": milliseconds(metrics["p95_latency"]),
        "errors": percent(metrics["error_rate"]),
        "rate": rate(metrics["requests_per_sec"]),
    }
