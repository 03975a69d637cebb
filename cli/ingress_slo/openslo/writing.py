"""Makes OpenSLO documents of promises: a Service for each domain, and an SLO for each figure that is promised.

OpenSLO's SLO has one indicator. An objective that promises something of latency, too, is several SLOs with the same
annotation `ingress-slo.io/objective`. The one for availability has the objective's settings.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from ingress_slo.openslo.documents import DocumentError
from ingress_slo.openslo.naming import file_of, unique
from ingress_slo.openslo.promise import ANNOTATION, Promise, subject_of
from slo.api.parameters import ObjectiveBody
from slo.objectives.periods import Period
from slo.objectives.targets import ALL_CLUSTERS, PRESET, Subject

API_VERSION = "openslo/v1"
SOURCE = "ingress-slo"
P95_SHARE = 0.95
START = "2024-01-01 00:00:00"
"""A Monday, and the first day of a month and of a quarter: any of our calendar periods begins there."""
CALENDAR = {"week": "1w", "month": "1M", "quarter": "1Q"}
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_TIME_ZONE = {"UTC": "Etc/UTC"}
type Document = dict[str, Any]


def write(promises: Iterable[Promise]) -> dict[str, str]:
    """The files for these promises by name. The same promises give the same text.

    Raises DocumentError for a time zone that OpenSLO cannot name.
    """
    ordered = sorted(promises, key=lambda promise: promise.key)
    figures = [(promise, *figure) for promise in ordered for figure in _figures(promise.body)]
    names = unique(_slo_key(promise, measure) for promise, measure, _, _ in figures)
    services = unique(_service_key(_served(promise.subject)) for promise in ordered)
    files: dict[str, list[Document]] = {}
    for promise, measure, target, threshold in figures:
        service = services[_service_key(_served(promise.subject))]
        file = files.setdefault(file_of(promise.subject), [_service(service, promise.subject)])
        good = {"measure": measure} if threshold is None else {"measure": measure, "threshold_ms": _number(threshold)}
        spec = {
            "service": service,
            "indicator": _indicator(names[_slo_key(promise, measure)], promise.subject, good),
            "timeWindow": [_window(promise)],
            "budgetingMethod": "Occurrences",
            "objectives": [{"target": target}],
        }
        annotations = dict(_annotations(promise, is_first=threshold is None))
        metadata = {"name": names[_slo_key(promise, measure)], "annotations": annotations}
        file.append(_document("SLO", metadata, spec))
    return {name: _dump(documents) for name, documents in files.items()}


def _figures(body: ObjectiveBody) -> Iterator[tuple[str, float, float | None]]:
    """Each figure that is promised: its measure, the share of requests, and the threshold in milliseconds."""
    yield "availability", body.availability, None
    if body.p95_latency is not None:
        yield "p95", P95_SHARE, body.p95_latency
    if (latency := body.latency_objective) is not None:
        yield "latency", latency.share, latency.threshold


def _slo_key(promise: Promise, measure: str) -> tuple[str, ...]:
    return *_service_key(promise.subject), promise.name, "" if measure == "availability" else measure


def _service_key(subject: Subject) -> tuple[str, str]:
    """A path begins with a slash or a brace, so these words are none."""
    if subject.is_everything:
        return "", "all clusters"
    return subject.domain, subject.path_prefix if subject.domain else "cluster"


def _served(subject: Subject) -> Subject:
    """What has a Service: a domain has one for all of its routes."""
    return Subject(subject.domain, is_everything=subject.is_everything)


def _service(name: str, subject: Subject) -> Document:
    shown = subject.domain or f"All domains of {'all clusters' if subject.is_everything else 'the cluster'}"
    return _document("Service", {"name": name, "displayName": shown}, {})


def _indicator(name: str, subject: Subject, good: Document) -> Document:
    measured = {"good": _metric(subject, good), "total": _metric(subject, {"measure": "requests"})}
    return {"metadata": {"name": name}, "spec": {"ratioMetric": {"counter": True, **measured}}}


def _metric(subject: Subject, measured: Document) -> Document:
    every = ALL_CLUSTERS if subject.is_everything else ""
    about = {"cluster": every, "domain": subject.domain, "path_prefix": subject.path_prefix}
    spec = {**{name: value for name, value in about.items() if value}, **measured}
    return {"metricSource": {"type": SOURCE, "spec": spec}}


def _window(promise: Promise) -> Document:
    period = Period(promise.body.period, promise.body.time_zone)
    if not period.is_calendar:
        return {"duration": period.length, "isRolling": True}
    time_zone = _TIME_ZONE.get(period.time_zone, period.time_zone)
    if "/" not in time_zone:
        raise DocumentError(
            f"The objective {promise.name} of {subject_of(promise.subject)} is in the "
            f"time zone {time_zone}, which OpenSLO's schema does not take. Set it with a city's: Asia/Tokyo."
        )
    calendar = {"startTime": START, "timeZone": time_zone}
    return {"duration": CALENDAR[period.length], "calendar": calendar, "isRolling": False}


def _annotations(promise: Promise, *, is_first: bool) -> Iterator[tuple[str, str]]:
    yield f"{ANNOTATION}objective", promise.name
    if not is_first:
        return
    body = promise.body
    if body.owner:
        yield f"{ANNOTATION}owner", body.owner
    if body.channel:
        yield f"{ANNOTATION}channel", body.channel
    if body.minimum_requests != PRESET.minimum_requests:
        yield f"{ANNOTATION}minimum-requests", str(body.minimum_requests)
    if body.is_followed:
        yield f"{ANNOTATION}followed", "true"


def _document(kind: str, metadata: Document, spec: Document) -> Document:
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": spec}


def _number(value: float) -> float | int:
    return int(value) if value == int(value) else value


def _dump(documents: list[Document]) -> str:
    """YAML in which a name is shown as it is, or with escapes if it has characters that are not printable."""
    text = _yaml(documents, allow_unicode=True)
    return text if all(map(str.isprintable, text.split("\n"))) else _yaml(documents, allow_unicode=False)


def _yaml(documents: list[Document], *, allow_unicode: bool) -> str:
    style: dict[str, Any] = {"explicit_start": True, "sort_keys": False, "width": 120, "allow_unicode": allow_unicode}
    return str(yaml.dump_all(documents, Dumper=_DUMPER, **style))
