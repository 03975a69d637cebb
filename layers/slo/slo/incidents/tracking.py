"""Tracking: makes incidents of conditions over time. Pure: a step takes what is open and what is found now.

- One incident is open for a key (`conditions.Key`).
- While a page is open, tickets of the same key are no news. After it, they are none until what caused the page has left
  their windows.
- An incident is resolved after it has been calm for a while. What was not observed is neither wrong nor calm.
- A step whose figures are not newer than the last one changes nothing, so late and repeated evaluations are harmless.
"""

import hashlib
from collections.abc import Mapping

import msgspec

from slo.incidents.conditions import Asked, Condition, DomainFigures, Findings, Key, key_of, strongest
from slo.incidents.incident import Failing, Incident, Kind, RouteChange, Step, What, Worst
from slo.incidents.thresholds import Thresholds
from slo.times import HOUR_SECONDS

_ROUTES_NAMED = 5
_OUTAGE_RESETS_SECONDS = 300
"""An outage is over when windows of at most this length are well again; longer ones show it for longer."""
MAX_OPEN = 500
"""Incidents of one cluster. What is wrong beyond waits for one to end; pages come first."""
_ENDED_AFTER_SECONDS = 60
_ENDED_KEPT_SECONDS = 6 * HOUR_SECONDS + _ENDED_AFTER_SECONDS
"""The longest short window of a pair shows a page for so long."""


class Tracked(msgspec.Struct, frozen=True, kw_only=True):
    """An open incident, and what is needed to go on with it."""

    incident: Incident
    before: Failing = Failing()
    """What its subject had ever served when it began."""
    fired_at: float
    """When it was last seen to be wrong."""
    calm_since: float | None = None


class Tracking(msgspec.Struct, frozen=True, kw_only=True):
    """What is open in one cluster."""

    at: float = 0.0
    """Of the last evaluation that changed it, Unix seconds."""
    open: dict[str, Tracked] = {}
    """By `Key.text`."""
    ended: dict[str, float] = {}
    """When the last page of a key was seen to be wrong, while its windows may still show it."""


class Transition(msgspec.Struct, frozen=True):
    """Something that has just happened."""

    what: What
    incident: Incident


def asked_of(tracking: Tracking) -> list[Asked]:
    """What a finder has to look at because of what is open."""
    return [_asked(tracked.incident) for tracked in tracking.open.values()]


def step(
    tracking: Tracking,
    cluster_id: str,
    findings: Findings,
    thresholds: Thresholds,
    changes_of: Mapping[str, tuple[RouteChange, ...]],
) -> tuple[Tracking, list[Transition]]:
    """Go on with what is found now. `changes_of` has the routes of a domain that changed lately."""
    if findings.at <= tracking.at:
        return tracking, []
    found: dict[Key, list[Condition]] = {}
    for condition in findings.conditions:
        found.setdefault(condition.key, []).append(condition)
    transitions: list[Transition] = []
    still_open: dict[str, Tracked] = {}
    ended = {key: at for key, at in tracking.ended.items() if findings.at - at < _ENDED_KEPT_SECONDS}
    for text, tracked in tracking.open.items():
        key = key_of(tracked.incident.kind, tracked.incident.subject)
        conditions = found.pop(key, [])
        gone_on, happened = _go_on(tracked, key, conditions, findings, thresholds)
        transitions += happened
        if gone_on.incident.resolved_at is None:
            still_open[text] = gone_on
        elif gone_on.incident.severity == "page":
            ended[text] = gone_on.fired_at
    for key, conditions in sorted(found.items(), key=lambda item: (strongest(item[1]).severity, item[0].text())):
        if len(still_open) >= MAX_OPEN:
            break
        news = [each for each in conditions if not _is_old(each, ended.get(key.text()), findings.at)]
        if news:
            tracked = _opened(cluster_id, key, news, findings, changes_of)
            still_open[key.text()] = tracked
            transitions.append(Transition("opened", tracked.incident))
    if still_open == tracking.open and not transitions:
        return tracking, []
    return Tracking(at=findings.at, open=still_open, ended=ended), transitions


def acknowledge(tracking: Tracking, incident_id: str, by: str, now: float) -> tuple[Tracking, list[Transition]]:
    """Somebody looks at an incident. The first one counts. Raises KeyError if it is not open."""
    text, tracked = next(
        (item for item in tracking.open.items() if item[1].incident.incident_id == incident_id), (None, None)
    )
    if text is None or tracked is None:
        raise KeyError(incident_id)
    if tracked.incident.acknowledged_at is not None:
        return tracking, []
    incident = _with_step(tracked.incident, "acknowledged", now, by=by)
    incident = msgspec.structs.replace(incident, acknowledged_at=now, acknowledged_by=by)
    changed = msgspec.structs.replace(tracked, incident=incident)
    return (
        msgspec.structs.replace(tracking, open={**tracking.open, text: changed}),
        [Transition("acknowledged", incident)],
    )


def _asked(incident: Incident) -> Asked:
    return Asked(key_of(incident.kind, incident.subject), incident.path_prefix, incident.latency)


def _is_old(condition: Condition, ended_at: float | None, now: float) -> bool:
    """Whether a condition only shows what a page that is over has left in its windows."""
    return ended_at is not None and now < ended_at + condition.reset_seconds + _ENDED_AFTER_SECONDS


def _opened(
    cluster_id: str,
    key: Key,
    conditions: list[Condition],
    findings: Findings,
    changes_of: Mapping[str, tuple[RouteChange, ...]],
) -> Tracked:
    condition, at = strongest(conditions), findings.at
    figures = findings.figures.get(key)
    followed, latency = condition.followed, condition.latency
    incident = Incident(
        incident_id=_incident_id(cluster_id, key, at),
        cluster_id=cluster_id,
        kind=condition.kind,
        severity=condition.severity,
        subject=condition.subject,
        path_prefix=condition.path_prefix,
        since=condition.since,
        opened_at=at,
        availability=followed.target.availability if followed else None,
        period_days=followed.period.days if followed else None,
        period=followed.period.length if followed else None,
        objective=(followed.objective.name if followed.objective else "") if followed else None,
        channels=condition.channels,
        latency=latency,
        latency_threshold=latency.threshold if latency else None,
        threshold=condition.threshold,
        expires_at=condition.expires_at,
        domains=condition.domains,
        changes=changes_of.get(condition.subject.domain, ()),
    )
    before = Failing()
    if figures is not None and _counts(condition.kind):
        total, seen = figures.total, condition.seen
        before = Failing(max(0, total.requests - seen.requests), max(0, total.errors - seen.errors))
    tracked = Tracked(incident=incident, before=before, fired_at=at)
    return _stepped(_counted(tracked, condition, figures, at), "opened", at)


def _go_on(
    tracked: Tracked, key: Key, conditions: list[Condition], findings: Findings, thresholds: Thresholds
) -> tuple[Tracked, list[Transition]]:
    at, figures = findings.at, findings.figures.get(key)
    firing = [each for each in conditions if _keeps_open(tracked.incident, each)]
    if not firing and key in findings.unknown:
        return tracked, []
    if not firing:
        calm_since = at if tracked.calm_since is None else tracked.calm_since
        calm = _counted(msgspec.structs.replace(tracked, calm_since=calm_since), None, figures, at)
        if at - calm_since < thresholds.calm_seconds:
            return calm, []
        incident = msgspec.structs.replace(calm.incident, resolved_at=at)
        resolved = _stepped(msgspec.structs.replace(calm, incident=incident), "resolved", at)
        return resolved, [Transition("resolved", resolved.incident)]
    condition = strongest(firing)
    spread = msgspec.structs.replace(tracked.incident, channels=_channels(tracked.incident, condition))
    again = msgspec.structs.replace(tracked, incident=spread, calm_since=None, fired_at=at)
    again = _counted(again, condition, figures, at)
    if not _is_worse(condition, tracked.incident):
        return again, []
    incident = msgspec.structs.replace(
        again.incident,
        kind=condition.kind if condition.severity != tracked.incident.severity else tracked.incident.kind,
        severity=condition.severity,
        threshold=condition.threshold,
        acknowledged_at=None,
        acknowledged_by="",
    )
    escalated = _stepped(msgspec.structs.replace(again, incident=incident), "escalated", at)
    return escalated, [Transition("escalated", escalated.incident)]


def _channels(incident: Incident, condition: Condition) -> tuple[str, ...]:
    """Also those of what the incident has spread to. Whoever was told stays: an empty name is whom the rules choose."""
    if not condition.channels:
        return incident.channels
    return tuple(sorted({*(incident.channels or ("",)), *condition.channels}))


def _keeps_open(incident: Incident, condition: Condition) -> bool:
    """Whether a condition means that an open incident goes on. A page swallows its ticket."""
    if incident.severity == "page" and condition.severity != "page" and incident.kind != "certificate":
        return False
    return incident.kind != "outage" or condition.kind == "outage" or condition.reset_seconds <= _OUTAGE_RESETS_SECONDS


def _is_worse(condition: Condition, incident: Incident) -> bool:
    """Whether somebody has to be told again."""
    if condition.severity == "page" and incident.severity == "ticket":
        return True
    if incident.kind == "budget":
        return (condition.threshold or 0.0) > (incident.threshold or 0.0)
    if incident.kind == "certificate":
        return (condition.threshold or 0.0) < (incident.threshold or 0.0)
    return False


def _counts(kind: Kind) -> bool:
    return kind in ("outage", "burn", "trickle", "latency")


def _counted(tracked: Tracked, condition: Condition | None, figures: DomainFigures | None, at: float) -> Tracked:
    """With the figures of now, and the worst moment if this is it."""
    incident = tracked.incident
    if figures is not None:
        requests, errors = incident.requests, incident.errors
        spent = incident.budget_spent
        if _counts(incident.kind):
            requests = max(requests, figures.total.requests - tracked.before.requests)
            errors = max(errors, figures.total.errors - tracked.before.errors)
            spent = errors / figures.allowed_errors if figures.allowed_errors and incident.kind != "latency" else None
        incident = msgspec.structs.replace(
            incident,
            requests=requests,
            errors=errors,
            budget_spent=spent,
            budget_remaining=figures.budget_remaining,
        )
    if condition is not None:
        incident = _with_worst(incident, condition, at)
    return msgspec.structs.replace(tracked, incident=incident)


def _with_worst(incident: Incident, condition: Condition, at: float) -> Incident:
    if condition.expires_at is not None:
        incident = msgspec.structs.replace(incident, expires_at=condition.expires_at, domains=condition.domains)
    seen, worst = condition.seen, incident.worst
    if not seen.requests:
        return incident
    is_worst = worst is None or (seen.errors * worst.requests, seen.errors) > (
        worst.errors * seen.requests,
        worst.errors,
    )
    if not is_worst:
        return incident
    return msgspec.structs.replace(
        incident,
        worst=Worst(at=at, requests=seen.requests, errors=seen.errors),
        routes=condition.routes[:_ROUTES_NAMED],
        failing_routes=max(incident.failing_routes, len(condition.routes)),
    )


def _stepped(tracked: Tracked, what: What, at: float) -> Tracked:
    return msgspec.structs.replace(tracked, incident=_with_step(tracked.incident, what, at))


def _with_step(incident: Incident, what: What, at: float, *, by: str = "") -> Incident:
    new = Step(
        at=at,
        what=what,
        severity=incident.severity,
        requests=incident.requests,
        errors=incident.errors,
        budget_remaining=incident.budget_remaining,
        by=by,
    )
    return msgspec.structs.replace(incident, steps=(*incident.steps, new))


def _incident_id(cluster_id: str, key: Key, at: float) -> str:
    """Sorts by time. The same opening has the same id, whoever sees it."""
    digest = hashlib.sha256(f"{cluster_id}|{key.text()}|{at:.3f}".encode()).hexdigest()
    return f"{round(at * 1000):013d}-{digest[:12]}"
