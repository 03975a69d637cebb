"""Draws the answer of `GET /api/v2/slo/domains` as a tree of paths."""

from collections.abc import Iterator
from math import floor
from typing import Any

from rich.text import Text

from ingress_slo.words import Words
from slo.traefik.printable import printable

_DOMAIN_WIDTH = 40
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
    """A ratio as a percentage, rounded down: only 1 becomes 100%."""
    decimals = 1 if ratio < 0.999 else 2 if ratio < 0.9999 else 3
    scale = 10**decimals
    return f"{floor(ratio * 100 * scale + 1e-9) / scale:.{decimals}f}".rstrip("0").rstrip(".") + "%"


def milliseconds(current: dict[str, Any]) -> str:
    """P95 in milliseconds, with `>` if it lies in the `+Inf` bucket."""
    sign = ">" if "p95_latency" in current["latency_lower_bounds"] else ""
    return f"{sign}{current['p95_latency']:.0f}ms"


def per_second(rate: float) -> str:
    """A rate with about two significant digits."""
    return f"{rate:.0f}" if rate >= 10 else f"{rate:.1f}" if rate >= 0.1 else f"{rate:.2g}"
