"""Reads one SLO: what is measured for whom, how much is promised, and over which period."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

import msgspec

from ingress_slo.openslo.documents import Node
from ingress_slo.openslo.promise import ANNOTATION, SAME_CLOCK
from ingress_slo.openslo.writing import P95_SHARE, SOURCE, START
from slo.api.parameters import ObjectiveParameters
from slo.objectives.objective import check_name
from slo.objectives.periods import Length, Period
from slo.objectives.targets import ALL_CLUSTERS, EVERYTHING, Subject
from slo.traefik.domains import canonical

Measure = Literal["availability", "p95", "latency"]
_SETTINGS = ("owner", "channel", "minimum-requests", "followed")
_ROLLING: dict[str, Length] = {"7d": "7d", "1w": "7d", "28d": "28d", "4w": "28d", "30d": "30d"}
_CALENDAR: dict[str, Length] = {"1w": "week", "1M": "month", "1Q": "quarter", "3M": "quarter"}
_TIME = "%Y-%m-%d %H:%M:%S"
_COMPOSITE = "an SLO with indicators for its objectives is composite. Write an SLO for each."
_TIMESLICES = "budgets count requests (`budgetingMethod: Occurrences`), not slices of time."
_THRESHOLD_METRIC = (
    "write it as a `ratioMetric`: `good` has `measure: latency` (a share below `threshold_ms`) or `measure: p95`, "
    "`total` has `measure: requests`."
)


@dataclass(frozen=True)
class Slo:
    """One figure of an objective."""

    place: str
    objective: str
    """The name of the objective that it belongs to."""
    subject: Subject
    measure: Measure
    threshold: float | None
    """Milliseconds."""
    target: float
    """Ratio."""
    period: Period
    settings: dict[str, Node] = field(default_factory=dict)
    """Our annotations but the name."""
    policies: tuple[Node, ...] = ()
    """What it says about alerts."""


def read_slo(place: str, metadata: Node, spec: Node, cluster_id: str) -> Slo:
    """Read an SLO. Raises DocumentError for what cannot be mapped."""
    fields = spec.fields(
        ("service", "indicator", "timeWindow", "budgetingMethod", "objectives"),
        ("description", "alertPolicies"),
        {"indicatorRef": "write the indicator here, as `indicator`."},
    )
    fields["service"].text()
    method = fields["budgetingMethod"]
    if method.text() != "Occurrences":
        raise method.error(f"`{method.text()}` cannot be mapped: {_TIMESLICES}")
    name = name_of(metadata)
    settings = _settings(metadata)
    named = settings.pop("objective", None)
    objective = name if named is None else named.text()
    if (problem := check_name(objective)) is not None:
        raise (named or metadata).error(f"{objective!r} is no name of an objective. {problem}")
    subject, measure, threshold = _indicator(fields["indicator"], cluster_id)
    return Slo(
        place=place,
        objective=objective,
        subject=subject,
        measure=measure,
        threshold=threshold,
        target=_target(fields["objectives"], measure),
        period=_period(fields["timeWindow"]),
        settings=settings,
        policies=tuple(fields["alertPolicies"].items()) if "alertPolicies" in fields else (),
    )


def name_of(metadata: Node) -> str:
    """`metadata.name`. Raises DocumentError if it is no DNS label."""
    name = metadata.fields(("name",), ("displayName", "labels", "annotations"))["name"]
    if (problem := check_name(name.text())) is not None:
        raise name.error(problem)
    return name.text()


def _settings(metadata: Node) -> dict[str, Node]:
    """Our annotations without their prefix."""
    entries = metadata.entries()
    given = entries["annotations"].entries() if "annotations" in entries else {}
    ours = {name.removeprefix(ANNOTATION): node for name, node in given.items() if name.startswith(ANNOTATION)}
    for name, node in ours.items():
        if name not in ("objective", *_SETTINGS):
            known = ", ".join(f"{ANNOTATION}{each}" for each in ("objective", *_SETTINGS))
            raise node.error(f"The annotation {ANNOTATION}{name} is unknown. Expected {known}.")
        node.text()
    return ours


def _indicator(indicator: Node, cluster_id: str) -> tuple[Subject, Measure, float | None]:
    fields = indicator.fields(("spec",), ("metadata",))
    spec = fields["spec"].fields(("ratioMetric",), ("description",), {"thresholdMetric": _THRESHOLD_METRIC})
    ratio = spec["ratioMetric"].fields(
        ("good", "total"),
        ("counter",),
        {
            "bad": "write it as `good`.",
            "raw": "write it as `good` and `total`.",
            "rawType": "write `good` and `total`.",
        },
    )
    good, measured = _metric(ratio["good"], cluster_id)
    total, counted = _metric(ratio["total"], cluster_id)
    counted["measure"].choice("requests")
    measure: Measure = measured["measure"].choice("availability", "p95", "latency")
    if good != total:
        raise ratio["total"].error("`good` and `total` have different domains or paths.")
    threshold = measured.get("threshold_ms")
    if (threshold is None) != (measure == "availability"):
        raise ratio["good"].error("`threshold_ms` belongs to the measures p95 and latency, and only to them.")
    return good, measure, None if threshold is None else float(threshold.number())


def _metric(metric: Node, cluster_id: str) -> tuple[Subject, dict[str, Node]]:
    source = metric.fields(("metricSource",))["metricSource"].fields(
        ("type", "spec"), refused={"metricSourceRef": f"write `type: {SOURCE}` instead."}
    )
    if source["type"].text() != SOURCE:
        raise source["type"].error(
            f"The metric source {source['type'].text()!r} cannot be mapped: ingress-slo measures with `type: {SOURCE}`."
        )
    spec = source["spec"].fields(("measure",), ("domain", "path_prefix", "threshold_ms", "cluster"))
    return _subject(source["spec"], spec, cluster_id), spec


def _subject(place: Node, spec: dict[str, Node], cluster_id: str) -> Subject:
    cluster = spec["cluster"].text() if "cluster" in spec else ""
    if cluster and cluster_id and cluster != cluster_id:
        raise spec["cluster"].error(f"This is for the cluster {cluster}, not for {cluster_id}. Keep a folder for each.")
    if ALL_CLUSTERS in (cluster, cluster_id):
        if not cluster or "domain" in spec or "path_prefix" in spec:
            raise place.error(f"What is for all clusters has `cluster: '{ALL_CLUSTERS}'`, and no domain.")
        return EVERYTHING
    given = {name: spec[name].text() for name in ("domain", "path_prefix") if name in spec}
    try:
        asked = msgspec.convert(given, ObjectiveParameters)
    except msgspec.ValidationError as error:
        raise place.error(f"{error}.") from error
    subject = Subject(canonical(asked.domain or ""), asked.path_prefix or "")
    if (subject.path_prefix or asked.domain) and not subject.domain:
        raise place.error("A path belongs to a domain. Leave both out for the whole cluster.")
    return subject


def _target(objectives: Node, measure: Measure) -> float:
    items = objectives.items()
    if len(items) != 1:
        raise objectives.error("Expected one objective: a second figure is an SLO of its own.")
    fields = items[0].fields(
        (),
        ("displayName", "target", "targetPercent"),
        {
            **dict.fromkeys(("op", "value"), _THRESHOLD_METRIC),
            **dict.fromkeys(("timeSliceTarget", "timeSliceWindow"), _TIMESLICES),
            **dict.fromkeys(("indicator", "indicatorRef", "compositeWeight"), _COMPOSITE),
        },
    )
    if ("target" in fields) == ("targetPercent" in fields):
        raise items[0].error("Give either `target` (0.999) or `targetPercent` (99.9).")
    node = fields.get("target") or fields["targetPercent"]
    target = node.number() / (100 if "targetPercent" in fields else 1)
    if not 0 < target < 1:
        raise node.error("A target is more than none and less than all of the requests: 0.999 is 99.9 %.")
    if measure == "p95" and target != Decimal(str(P95_SHARE)):
        raise node.error(f"A P95 has the target {P95_SHARE}. Another share is `measure: latency`.")
    return float(target)


def _period(windows: Node) -> Period:
    items = windows.items()
    if len(items) != 1:
        raise windows.error("Expected one time window: an objective has one period.")
    window = items[0].fields(("duration",), ("isRolling", "calendar"))
    duration, calendar = window["duration"], window.get("calendar")
    is_rolling = window["isRolling"].boolean() if "isRolling" in window else calendar is None
    if is_rolling != (calendar is None):
        raise items[0].error("A time window is either `isRolling: true`, or has a `calendar`.")
    lengths = _ROLLING if calendar is None else _CALENDAR
    length = lengths.get(duration.text())
    if length is None:
        kind = "rolling period" if calendar is None else "period of the calendar"
        raise duration.error(f"A {kind} is {' or '.join(lengths)}, not {duration.text()}.")
    return Period(length) if calendar is None else _calendar_period(length, calendar)


def _calendar_period(length: Length, calendar: Node) -> Period:
    fields = calendar.fields(("startTime", "timeZone"))
    zone = fields["timeZone"].text()
    try:
        period = Period(length, SAME_CLOCK.get(zone, zone))
    except ValueError as error:
        raise fields["timeZone"].error(f"{error}.") from error
    _check_start(period, fields["startTime"])
    return period


def _check_start(period: Period, start: Node) -> None:
    """A calendar period of ours begins at midnight of a Monday, or of the first of a month or a quarter."""
    try:
        time = datetime.strptime(start.time(), _TIME).replace(tzinfo=UTC).timestamp()
    except ValueError as error:
        raise start.error(f"Expected a time such as {START}, without a time zone.") from error
    if Period(period.length).start(time) != time:
        raise start.error(f"No {period.length} begins at {start.time()}: write {START}.")
