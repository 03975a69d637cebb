"""Puts the SLOs of one objective together: its availability and, if they are promised, its P95 and its latency."""

from collections.abc import Mapping

import msgspec

from ingress_slo.openslo.documents import DocumentError, Node
from ingress_slo.openslo.promise import ANNOTATION, Promise
from ingress_slo.openslo.slo import Slo
from slo.api.parameters import ObjectiveBody
from slo.objectives.targets import PRESET, LatencyObjective


def joined(figures: Mapping[str, Slo]) -> Promise:
    """The objective whose figures these are, by measure. Raises DocumentError."""
    first = figures.get("availability")
    for other in figures.values():
        if first is None:
            raise DocumentError(
                f"{other.place}: The objective {other.objective} has no availability, which every objective promises. "
                f"Write one with `measure: availability` and the annotation `{ANNOTATION}objective: {other.objective}`."
            )
        if other.period != first.period:
            raise DocumentError(
                f"{other.place}: The time window is another than in {first.place}, but an objective has one period. "
                f"Give one of them another name with the annotation `{ANNOTATION}objective`."
            )
        if other is not first and other.settings:
            setting = next(iter(other.settings.values()))
            raise setting.error(f"This belongs to the SLO for the availability, in {first.place}.")
    assert first is not None  # noqa: S101 figures are never empty
    return Promise(first.subject, first.objective, _body(first, figures), first.place)


def _body(first: Slo, figures: Mapping[str, Slo]) -> ObjectiveBody:
    p95, latency = figures.get("p95"), figures.get("latency")
    settings = first.settings
    minimum = settings.get("minimum-requests")
    given = {
        "availability": first.target,
        "period": first.period.length,
        "time_zone": first.period.time_zone,
        "p95_latency": p95 and p95.threshold,
        "latency_objective": latency
        and msgspec.to_builtins(LatencyObjective(latency.target, latency.threshold or 0.0)),
        "minimum_requests": _whole(minimum) if minimum else PRESET.minimum_requests,
        "owner": settings["owner"].text() if "owner" in settings else "",
        "channel": settings["channel"].text() if "channel" in settings else "",
        "is_followed": "followed" in settings and settings["followed"].choice("true", "false") == "true",
        "origin": "file",
    }
    try:
        return msgspec.convert(given, ObjectiveBody)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at ")
        field = path.strip("`").removeprefix("$.")
        named = {"p95_latency": p95, "latency_objective": latency}.get(field.partition(".")[0]) or first
        setting = settings.get(field.replace("_", "-"))
        place = setting.place if setting else named.place
        raise DocumentError(f"{place}: {field.partition('.')[0]}: {message}.") from error


def _whole(node: Node) -> int:
    text = node.text()
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise node.error(f'Expected a whole number in quotes, such as "100", not {text!r}.')
    return int(text)
