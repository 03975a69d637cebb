"""Draws the answer of `GET /api/v2/slo/domains` as a tree of paths."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from rich.text import Text

from ingress_slo.words import Words
from slo.traefik.printable import printable

_DOMAIN_WIDTH = 40
_MOST_DIGITS = 6
_MILLISECONDS_TO_SECONDS = 10_000
_COLOURS = {
    "healthy": "green",
    "warning": "yellow",
    "critical": "bold red",
    "unknown": "yellow",
    "no_traffic": "dim",
    "not_counted": "yellow",
    "stale": "magenta",
}


def draw(answer: dict[str, Any], words: Words) -> Text:
    """The tree of all domains, followed by the services without a route."""
    lines = list(_lines(answer, words))
    return Text("\n").join(lines) if lines else Text(words.no_domains, style="dim")


def _lines(answer: dict[str, Any], words: Words) -> Iterator[Text]:
    if answer["stale"]:
        yield Text(words.stale, style=_COLOURS["stale"])
    for domain in answer["domains"]:
        yield Text(f"{printable(domain['domain']):<{_DOMAIN_WIDTH}}") + _status(domain["status"], words)
        paths = [printable(route["path_prefix"]) for route in domain["routes"]]
        width = max(map(len, paths)) + 5
        for number, (path, route) in enumerate(zip(paths, domain["routes"], strict=True), 1):
            branch = "└── " if number == len(domain["routes"]) else "├── "
            yield (
                Text(f"{branch}{path:<{width}}")
                + _figures(route["current"], words, is_counted=not route["not_counted"])
                + _notes(route, words)
            )
    if answer["unattributed"]:
        yield Text(words.unattributed, style="dim")
        for service in answer["unattributed"]:
            yield Text(f"    {printable(service['service_name']):<36}") + _figures(service["current"], words)


def _status(status: str, words: Words) -> Text:
    return Text(f"[{words.statuses[status]}]", style=_COLOURS[status])


def _figures(current: dict[str, Any], words: Words, *, is_counted: bool = True) -> Text:
    if current["availability"] is None:
        status = "no_traffic" if is_counted else "not_counted"
        return Text(words.statuses[status], style=_COLOURS[status])
    latency = f"  P95 {milliseconds(current)}" if current["p95_latency"] is not None else ""
    rate = f"  {per_second(current['requests_per_sec'])} {words.requests_per_second}"
    return Text(f"{words.availability} {percent(current['availability'])}{latency}{rate}")


def _notes(route: dict[str, Any], words: Words) -> Text:
    notes = Text()
    if route["status"] not in ("healthy", "no_traffic", "not_counted"):
        notes += Text("  ") + _status(route["status"], words)
    if route["shared"]:
        others = ", ".join(f"{domain}{path}" for domain, path in route["shared_with"])
        notes += Text(printable(f"  ({words.shared} {others})"), style="dim")
    return notes


def percent(ratio: float) -> str:
    """A ratio as the page writes it: two decimals, or as many as it takes so that nothing becomes 0 % or 100 %."""
    if ratio in (0, 1):
        return f"{ratio:.0%}"
    exact = Decimal(repr(ratio)) * 100
    digits = next((each for each in range(2, _MOST_DIGITS) if _rounded(exact, each) != 100), _MOST_DIGITS)
    edge = Decimal(1).scaleb(-digits)
    if 0 < ratio < 1:
        exact = min(max(exact, edge), 100 - edge)
    return f"{_rounded(exact, digits)}%"


def _rounded(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def milliseconds(current: dict[str, Any]) -> str:
    """P95 as the page writes it, in seconds from 10 s on, and with `>` if it lies in the `+Inf` bucket."""
    sign = ">" if "p95_latency" in current["latency_lower_bounds"] else ""
    value = Decimal(repr(current["p95_latency"]))
    if value >= _MILLISECONDS_TO_SECONDS:
        return f"{sign}{_rounded(value / 1000, 1).normalize():,f}s"
    return f"{sign}{_rounded(value, 1 if value < 10 else 0).normalize():,f}ms"


def per_second(rate: float) -> str:
    """A rate as the page writes it: two decimals below 10, one below 100."""
    if 0 < rate < 0.01:
        return "<0.01"
    return f"{_rounded(Decimal(repr(rate)), 0 if rate == 0 or rate >= 100 else 1 if rate >= 10 else 2):,f}"
