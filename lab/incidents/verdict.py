"""Compares what was told with what happened."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import inf

from lab.incidents.plan import LOW_TRAFFIC_REQUESTS, SLOT_SECONDS, Expected, Plan
from lab.incidents.services import Told
from lab.incidents.stage import EVERYONE, START, Outcome
from slo.incidents.conditions import Key, key_of
from slo.incidents.incident import Incident, Subject
from slo.times import MINUTE_SECONDS, ceil_to

_COUNTED = ("outage", "burn", "trickle", "latency")
_STEPPED = ("budget", "certificate")
"""Kinds whose steps are known beforehand."""


@dataclass
class Row:
    """The results of one kind."""

    number: int = 0
    told: int = 0
    """Within their time."""
    after: list[float] = field(default_factory=list)
    """Seconds from the beginning to the first message."""
    allowed: float = 0.0
    """Seconds; the most of all."""
    twice: int = 0
    resolved: int = 0
    """With exactly one resolve for each channel that was told."""
    counted: int = 0
    exact: int = 0
    """Of those whose requests are counted: with the requests and errors of the truth."""


@dataclass
class Verdict:
    """What was right and what was wrong."""

    rows: dict[str, Row] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    quiet_domains: int = 0
    quiet_incidents: int = 0
    false_incidents: int = 0

    @property
    def expected(self) -> int:
        """All incidents that had to be told."""
        return sum(row.number for row in self.rows.values())


def judge(plan: Plan, outcome: Outcome) -> Verdict:
    """Match each incident with what was planned."""
    verdict = Verdict(quiet_domains=len(plan.quiet))
    left = {incident.incident_id: incident for each in outcome.incidents.values() for incident in each}
    by_incident: dict[str, list[Told]] = defaultdict(list)
    for told in outcome.told:
        by_incident[told.incident_id].append(told)
    for expected in sorted(plan.expected, key=lambda each: (each.cluster_id, each.begins)):
        row = verdict.rows.setdefault(expected.row, Row())
        row.number += 1
        found = _found(expected, left.values())
        if found is None:
            verdict.problems.append(f"missed: {_named(expected)}")
            continue
        del left[found.incident_id]
        problems = list(_compared(expected, found, by_incident[found.incident_id], outcome, row))
        verdict.problems += [f"{problem}: {_named(expected)}, {found.incident_id}" for problem in problems]
    for incident in left.values():
        is_quiet = incident.subject.domain in plan.quiet
        verdict.quiet_incidents += is_quiet
        verdict.false_incidents += not is_quiet
        verdict.problems.append(f"false: {_shown(incident)}")
    verdict.problems += list(_twice(outcome.told))
    return verdict


def _key(expected: Expected) -> Key:
    subject = Subject(domain=expected.domain, pod=expected.pod, certificate=expected.certificate)
    return key_of(expected.kind, subject)


def _found(expected: Expected, incidents: Iterable[Incident]) -> Incident | None:
    """The first incident of its key that opened in its time."""
    key = _key(expected)
    for incident in incidents:
        opened = incident.opened_at - START
        is_its = incident.cluster_id == expected.cluster_id and key_of(incident.kind, incident.subject) == key
        if is_its and expected.begins <= opened <= expected.ends + MINUTE_SECONDS:
            return incident
    return None


def _compared(expected: Expected, incident: Incident, told: list[Told], outcome: Outcome, row: Row) -> Iterator[str]:
    if incident.kind != expected.kind or incident.severity != expected.severity:
        yield f"a {incident.severity} of kind {incident.kind}"
    if expected.path and incident.path_prefix != expected.path:
        yield f"names the path {incident.path_prefix!r}"
    if expected.kind in _STEPPED and _steps(incident)["escalated"] != expected.escalations:
        yield f"escalated {_steps(incident)['escalated']} times"
    yield from _in_time(expected, incident, told, outcome, row)
    yield from _resolved(expected, incident, told, row)
    if expected.kind in _COUNTED:
        row.counted += 1
        differences = list(_counts(incident, outcome))
        row.exact += not differences
        yield from differences


def _in_time(expected: Expected, incident: Incident, told: list[Told], outcome: Outcome, row: Row) -> Iterator[str]:
    """When everyone's channel was first called about it as severe as it is."""
    what = "escalated" if _opened_as(incident) != expected.severity and expected.kind not in _STEPPED else "opened"
    calls = [each.at - START for each in told if each.channel == EVERYONE and each.what == what]
    if not calls:
        yield "not told"
        return
    begins = _begins(expected, outcome)
    allowed = _with_patience(begins, begins + expected.within, outcome.disturbed[expected.cluster_id]) - begins
    row.after.append(min(calls) - begins)
    row.allowed = max(row.allowed, expected.within)
    if min(calls) - begins <= allowed:
        row.told += 1
    else:
        yield f"told {min(calls) - begins:.0f} s after it began, {allowed:.0f} s are allowed"


def _opened_as(incident: Incident) -> str:
    return incident.steps[0].severity


def _begins(expected: Expected, outcome: Outcome) -> float:
    """When it begins; what needs some requests begins with the last of them."""
    if not expected.after_requests:
        return expected.begins
    cluster = outcome.clusters[expected.cluster_id]
    is_outage = expected.after_requests == LOW_TRAFFIC_REQUESTS
    bound = expected.begins
    if is_outage:  # the window must begin where everything already fails: at a ledger of a scrape after the beginning
        scrape = next(taken for taken in cluster.taken if taken - START >= expected.begins)
        bound = float(ceil_to(scrape - START, int(SLOT_SECONDS)))
    first = cluster.scrape_until(START + bound)
    for number in range(first + 1, len(cluster.taken)):
        requests, _, _ = cluster.served_between(expected.domain, "", first, number)
        if requests >= expected.after_requests:
            return max(cluster.taken[number] - START, bound + SLOT_SECONDS if is_outage else 0.0)
    return inf


def _with_patience(begins: float, until: float, disturbed: list[float]) -> float:
    """A push that came late, or that no evaluation survived, is worth a minute more."""
    for at in disturbed:
        if begins - MINUTE_SECONDS <= at <= until:
            until += MINUTE_SECONDS
    return until


def _resolved(expected: Expected, incident: Incident, told: list[Told], row: Row) -> Iterator[str]:
    taken = Counter((each.channel, each.what) for each in told if each.is_taken)
    channels = {channel for channel, what in taken if what == "opened"}
    twice = [
        f"{what} to {channel}"
        for (channel, what), times in taken.items()
        if times > 1 and what in ("opened", "resolved")
    ]
    row.twice += len(twice)
    yield from (f"told twice: {each}" for each in twice)
    goes_on = expected.ends == inf
    steps = _steps(incident)
    if goes_on:
        is_right = not steps["resolved"] and not any(what == "resolved" for _, what in taken)
    else:
        is_right = steps["resolved"] == 1 and all(taken[channel, "resolved"] == 1 for channel in channels)
    is_right &= all(channel in channels for channel, _ in taken)
    row.resolved += is_right
    if not is_right:
        yield f"resolved {steps['resolved']} times, told {dict(taken)}"


def _counts(incident: Incident, outcome: Outcome) -> Iterator[str]:
    """The requests and errors from its `since` to its last snapshot are those of the truth."""
    cluster, seen = outcome.clusters[incident.cluster_id], outcome.seen[incident.cluster_id]
    last = cluster.scrape_until(incident.resolved_at or incident.steps[-1].at)
    latest = cluster.scrape_until(incident.since)
    earliest = max((number for number in seen if number <= latest), default=latest)
    counted = (incident.requests, incident.errors)
    possible = []
    for first in range(earliest, latest + 1):
        requests, errors, slow = cluster.served_between(incident.subject.domain, incident.path_prefix, first, last)
        possible.append((requests, slow if incident.kind == "latency" else errors))
    if counted not in possible:
        yield f"counts {counted}, in truth {possible}"


def _steps(incident: Incident) -> Counter[str]:
    return Counter(step.what for step in incident.steps)


def _twice(told: Iterable[Told]) -> Iterator[str]:
    """The same message may be tried twice, but is taken once."""
    taken = Counter((each.channel, each.webhook_id) for each in told if each.is_taken)
    return (
        f"taken {times} times: {webhook_id} by {channel}" for (channel, webhook_id), times in taken.items() if times > 1
    )


def _named(expected: Expected) -> str:
    subject = "".join((expected.domain, expected.path, expected.pod, expected.certificate)) or expected.cluster_id
    return f"{expected.row} ({subject}) at {expected.begins:.0f} s"


def _shown(incident: Incident) -> str:
    subject = incident.subject
    named = "".join((subject.domain, incident.path_prefix, subject.pod, subject.certificate)) or incident.cluster_id
    return (
        f"{incident.severity} of kind {incident.kind} ({named}) at {incident.opened_at - START:.0f} s since "
        f"{incident.since - START:.0f} s, {incident.errors} of {incident.requests}, "
        f"{[step.what for step in incident.steps]}"
    )


def totals(rows: Mapping[str, Row]) -> Row:
    """All rows together."""
    every = rows.values()
    return Row(
        number=sum(row.number for row in every),
        told=sum(row.told for row in every),
        twice=sum(row.twice for row in every),
        resolved=sum(row.resolved for row in every),
        counted=sum(row.counted for row in every),
        exact=sum(row.exact for row in every),
    )
