"""Rows of an export: flat, with the API's names and units. Ratios are 0..1, latencies milliseconds, times UTC."""

from collections.abc import Iterator
from typing import Any, Literal

ExportSubject = Literal["domains", "routes", "history"]
ExportRow = dict[str, Any]

FIGURES = (
    "availability",
    "p50_latency",
    "p95_latency",
    "p99_latency",
    "error_rate",
    "requests_per_sec",
    "total_requests",
    "total_errors",
    "error_budget_remaining",
)
COLUMNS: dict[ExportSubject, tuple[str, ...]] = {
    "domains": ("cluster_id", "domain", "from", "to", "status", *FIGURES, "coverage"),
    "routes": ("cluster_id", "domain", "path_prefix", "from", "to", "status", "measured_by", *FIGURES, "coverage"),
    "history": ("cluster_id", "domain", "path_prefix", "timestamp", "seconds", *FIGURES),
}


def listed(answer: dict[str, Any], subject: ExportSubject) -> Iterator[ExportRow]:
    """One row for each domain of a page, or for each of their routes."""
    window = answer["window"] or {"from": None, "to": None}
    for domain in answer["domains"]:
        common = {"cluster_id": answer["cluster_id"], "domain": domain["domain"], **window}
        if subject == "domains":
            yield {**common, **domain["summary"], **_own(domain)}
            continue
        for route in domain["routes"]:
            own = {"path_prefix": route["path_prefix"], "measured_by": route["measured_by"]}
            yield {**common, **route["current"], **_own(route), **own}


def _own(item: dict[str, Any]) -> ExportRow:
    return {"status": item["status"], "error_budget_remaining": item["error_budget_remaining"]}


def points(answer: dict[str, Any]) -> Iterator[ExportRow]:
    """One row for each point of a history that has data."""
    common = {
        "cluster_id": answer["cluster_id"],
        "domain": answer["domain"],
        "path_prefix": answer["path_prefix"] or "",
    }
    return ({**common, **point} for point in answer["points"] if point["has_data"])
