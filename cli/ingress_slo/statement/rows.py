"""A statement as a table: one row for each line, with the API's names and units."""

from typing import Any

from ingress_slo.statement.figures import Line

COLUMNS = (
    "cluster_id",
    "month",
    "domain",
    "path_prefix",
    "objective",
    "level",
    "owner",
    "period",
    "time_zone",
    "from",
    "to",
    "promised_availability",
    "promised_latency_share",
    "promised_latency_threshold",
    "promised_p95_latency",
    "total_requests",
    "total_errors",
    "availability",
    "latency_share",
    "p95_latency",
    "is_kept",
    "allowed_errors",
    "error_budget_remaining",
    "coverage",
    "measured_by",
    "shared",
    "incidents",
    "changes",
    "exclusions",
    "corrections",
    "is_verified",
)


def row(statement: dict[str, Any], line: Line) -> dict[str, Any]:
    """One line."""
    objective, promise = line["objective"], line["objective"]["promise"]
    latency, reached = promise["latency_objective"] or {}, line["latency"] or {}
    verification = line.get("verification")
    return {
        **{name: line[name] for name in COLUMNS if name in line},
        "cluster_id": statement["cluster_id"],
        "month": statement["month"],
        "path_prefix": line["path_prefix"] or "",
        "objective": objective["name"],
        "level": objective["level"],
        "owner": objective["owner"],
        "period": promise["period"],
        "time_zone": promise["time_zone"],
        "promised_availability": promise["availability"],
        "promised_latency_share": latency.get("share"),
        "promised_latency_threshold": latency.get("threshold"),
        "promised_p95_latency": promise["p95_latency"],
        "latency_share": reached.get("share"),
        "incidents": len(line["incidents"]),
        "changes": len(line["changes"]),
        "exclusions": "; ".join(map(_excluded, line["exclusions"])),
        "corrections": "; ".join(
            f"{each['what']} {each['corrected_at']} ({each['corrected_by']}): {_excluded(each)}"
            for each in line["corrections"]
        ),
        "is_verified": verification["is_equal"] if verification else None,
    }


def _excluded(each: dict[str, Any]) -> str:
    return f"{each['from']}/{each['to']} {each['reason']} ({each['by']})"
