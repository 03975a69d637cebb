"""Random findings, one after the other, as a cluster may show them."""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from hypothesis import strategies as st

from slo.incidents.conditions import BUDGET_USED, CERTIFICATE_DAYS, Condition, DomainFigures, Findings, Key
from slo.incidents.incident import Failing, Kind, Subject
from slo.incidents.thresholds import Thresholds
from slo.incidents.tracking import Tracking, Transition, step
from slo.objectives.burn_rates import Severity

CLUSTER = "c1"
START = 1_800_000_000.0
CALM_SECONDS = 600
THRESHOLDS = Thresholds(calm_seconds=CALM_SECONDS, page_reminder_seconds=900, ticket_reminder_seconds=1800)


class Moment(NamedTuple):
    """What is found `after` seconds since the last moment. It is negative if somebody is late."""

    after: int
    conditions: tuple[Condition, ...]
    unknown: frozenset[Key]


def _of(domain: str, kind: Kind, severity: Severity, reset_seconds: int, errors: int) -> Condition:
    return Condition(
        kind=kind,
        severity=severity,
        subject=Subject(domain=domain),
        since=START - 60,
        seen=Failing(20, errors),
        reset_seconds=reset_seconds,
    )


def _conditions() -> Iterator[Condition]:
    for domain in ("a.example.com", "b.example.com"):
        yield _of(domain, "outage", "page", 180, 20)
        yield _of(domain, "burn", "page", 300, 10)
        yield _of(domain, "burn", "page", 1800, 9)
        yield _of(domain, "burn", "ticket", 7200, 4)
        yield _of(domain, "trickle", "ticket", 1800, 17)
        yield _of(domain, "latency", "page", 300, 12)
        yield _of(domain, "latency", "ticket", 7200, 3)
        for used in BUDGET_USED:
            yield Condition(
                kind="budget", severity="ticket", subject=Subject(domain=domain), since=START, threshold=used
            )
    yield Condition(kind="silent", severity="page", subject=Subject(), since=START)
    yield Condition(kind="silent", severity="ticket", subject=Subject(pod="traefik/a"), since=START)
    for days in CERTIFICATE_DAYS:
        yield Condition(
            kind="certificate",
            severity="page" if days == 1 else "ticket",
            subject=Subject(certificate="*.example.com"),
            since=START,
            threshold=days,
            expires_at=START + days * 86_400,
        )


CONDITIONS = tuple(_conditions())
KEYS = tuple(sorted({each.key for each in CONDITIONS}, key=Key.text))

moments = st.lists(
    st.builds(
        Moment,
        st.one_of(st.just(60), st.integers(-120, 900)),
        st.lists(st.sampled_from(CONDITIONS), max_size=4, unique=True).map(tuple),
        st.frozensets(st.sampled_from(KEYS), max_size=2),
    ),
    max_size=40,
)

channeled = moments.flatmap(
    lambda given: st.lists(
        st.sampled_from(((), ("",), ("ops",), ("phone",), ("", "ops"), ("ops", "phone"), ("gone",))),
        min_size=len(given),
        max_size=len(given),
    ).map(lambda every: [_told_to(moment, channels) for moment, channels in zip(given, every, strict=True)])
)
"""Moments whose objectives name channels, which may be others each time."""


def _told_to(moment: Moment, channels: tuple[str, ...]) -> Moment:
    return moment._replace(
        conditions=tuple(
            msgspec.structs.replace(each, channels=channels) if each.subject.domain else each
            for each in moment.conditions
        )
    )


def found(before: float, moment: Moment, served: int = 0) -> Findings:
    """What a moment shows, after `before` (Unix seconds)."""
    figures = DomainFigures(total=Failing(served, served // 2), budget_remaining=0.5, allowed_errors=100.0)
    return Findings(
        at=before + moment.after,
        conditions=moment.conditions,
        figures={key: figures for key in KEYS if key.subject.domain},
        unknown=moment.unknown,
    )


class Stepped(NamedTuple):
    """One step: from what, with what, to what."""

    before: Tracking
    findings: Findings
    after: Tracking
    transitions: list[Transition]


def stepped(given: list[Moment]) -> Iterator[Stepped]:
    """A cluster's whole history."""
    tracking, at = Tracking(), START
    for number, moment in enumerate(given):
        findings = found(at, moment, 30 * number)
        after, transitions = step(tracking, CLUSTER, findings, THRESHOLDS, {})
        yield Stepped(tracking, findings, after, transitions)
        tracking, at = after, max(at, findings.at)
