"""Incidents in words, one line for each and for each thing that happens to one; times, and times that do not count."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from ingress_slo.times import duration_text, utc_text

Incident = dict[str, Any]


def seconds(time: str) -> float:
    """A time of the API as Unix seconds."""
    return datetime.fromisoformat(time).timestamp()


def time_text(time: str | None) -> str:
    """A time of the API as the other commands print it; `-` for None."""
    return "-" if time is None else utc_text(seconds(time))


def excluded_text(exclusion: dict[str, Any]) -> str:
    """A time that does not count, with its recurrence and why."""
    again = f", {exclusion['rule']} ({exclusion['time_zone']})" if exclusion["rule"] else ""
    return f"{time_text(exclusion['from'])} to {time_text(exclusion['to'])}{again}: {exclusion['reason']}"


def subject(incident: Incident) -> str:
    """What an incident is about."""
    named = incident["subject"]
    if named["domain"] is not None:
        return f"{named['domain']}{incident['path_prefix'] or ''}"
    return named["pod"] or named["certificate"] or f"cluster {incident['cluster_id']}"


def lasted(incident: Incident, now: float) -> str:
    """How long an incident went on, or goes on."""
    end = incident["resolved_at"]
    return duration_text((now if end is None else seconds(end)) - seconds(incident["since"]))


def failures(counted: dict[str, Any], kind: str) -> str:
    """Requests that failed, of an incident, a step or a route of it; empty where nothing is counted."""
    if not counted["requests"]:
        return ""
    how = "were too slow" if kind == "latency" else "failed"
    return f"{counted['errors']:,} of {counted['requests']:,} requests {how}"


class News:
    """What happened to incidents since the last look. Everything is told once."""

    def __init__(self) -> None:
        self._told: dict[str, int] = {}
        """Steps that were told, by incident."""

    def since_then(self, incidents: Iterable[Incident]) -> Iterator[tuple[Incident, dict[str, Any]]]:
        """Each new step with its incident, oldest first."""
        found = []
        for incident in incidents:
            steps, told = incident["steps"], self._told.get(incident["incident_id"], 0)
            found += [(incident, step) for step in steps[told:]]
            self._told[incident["incident_id"]] = max(told, len(steps))
        yield from sorted(found, key=lambda told: seconds(told[1]["at"]))


def line(incident: Incident, step: dict[str, Any]) -> str:
    """One step in one line."""
    who = f" by {step['by']}" if step["by"] else ""
    counted = failures(step, incident["kind"])
    figures = f": {counted}" if counted else ""
    return (
        f"{time_text(step['at'])}  {step['what']}{who}  {step['severity']}  {incident['kind']}  {subject(incident)}"
        f"{figures}  {incident['incident_id']}"
    )
