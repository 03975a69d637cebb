"""Laws of incidents, whatever is found and in whatever order evaluators come."""

from collections import defaultdict

from hypothesis import given, settings
from unit.slo.incidents.findings import (
    CALM_SECONDS,
    CLUSTER,
    CONDITIONS,
    THRESHOLDS,
    Moment,
    channeled,
    moments,
    stepped,
)

from slo.incidents.conditions import Condition, key_of
from slo.incidents.incident import Incident
from slo.incidents.tracking import Tracking, step


@given(moments)
def test_an_incident_opens_once_and_resolves_once_and_nothing_happens_to_it_afterwards(given: list[Moment]) -> None:
    happened = defaultdict(list)
    open_ids: set[str] = set()
    for each in stepped(given):
        for transition in each.transitions:
            happened[transition.incident.incident_id].append(transition.what)
        open_ids = {tracked.incident.incident_id for tracked in each.after.open.values()}
    for incident_id, whats in happened.items():
        first, *middle = whats
        assert first == "opened"
        assert set(middle[:-1]) <= {"escalated"}
        assert whats.count("opened") == 1
        assert ("resolved" in whats) == (incident_id not in open_ids)
    assert open_ids <= happened.keys()


@given(moments)
def test_at_most_one_incident_is_open_for_a_key(given: list[Moment]) -> None:
    open_for: dict[str, str] = {}
    for each in stepped(given):
        for transition in each.transitions:
            incident = transition.incident
            key = key_of(incident.kind, incident.subject).text()
            if transition.what == "opened":
                assert key not in open_for
                open_for[key] = incident.incident_id
            elif transition.what == "resolved":
                assert open_for.pop(key) == incident.incident_id
        assert {key: tracked.incident.incident_id for key, tracked in each.after.open.items()} == open_for
        assert all(tracked.incident.resolved_at is None for tracked in each.after.open.values())


@given(moments)
def test_what_is_not_newer_changes_nothing(given: list[Moment]) -> None:
    for each in stepped(given):
        if each.findings.at <= each.before.at:
            assert (each.after, each.transitions) == (each.before, [])
        if each.after.at == each.findings.at:
            assert step(each.after, CLUSTER, each.findings, THRESHOLDS, {}) == (each.after, [])


@given(moments)
def test_two_evaluators_that_see_the_same_do_the_same(given: list[Moment]) -> None:
    assert [each.after for each in stepped(given)] == [each.after for each in stepped(given)]


@given(moments)
def test_incidents_get_only_worse_until_they_are_over(given: list[Moment]) -> None:
    for each in stepped(given):
        for key, tracked in each.before.open.items():
            after = next(
                (t.incident for t in each.transitions if t.incident.incident_id == tracked.incident.incident_id),
                each.after.open[key].incident if key in each.after.open else None,
            )
            assert after is not None
            assert _rank(after) >= _rank(tracked.incident)
            assert after.requests >= tracked.incident.requests
            assert after.errors >= tracked.incident.errors
        for transition in each.transitions:
            if transition.what == "escalated":
                before = each.before.open[key_of(transition.incident.kind, transition.incident.subject).text()]
                assert _rank(transition.incident) > _rank(before.incident)


def _rank(incident: Incident) -> tuple[bool, float]:
    """How bad it is: thresholds of a budget rise, days before expiry fall."""
    threshold = incident.threshold or 0.0
    if incident.kind == "certificate":
        return incident.severity == "page", -threshold
    return incident.severity == "page", threshold if incident.kind == "budget" else 0.0


@settings(max_examples=200)
@given(moments)
def test_resolving_needs_calm_that_was_seen(given: list[Moment]) -> None:
    wrong_at: dict[str, float] = {}
    for each in stepped(given):
        is_new = each.findings.at > each.before.at
        for transition in each.transitions:
            if transition.what != "resolved":
                continue
            incident = transition.incident
            key = key_of(incident.kind, incident.subject)
            assert key not in each.findings.unknown
            assert each.findings.at - wrong_at[key.text()] >= CALM_SECONDS
        for condition in each.findings.conditions if is_new else ():
            key_text = condition.key.text()
            tracked = each.after.open.get(key_text)
            if tracked is not None and _is_wrong(tracked.incident, condition):
                wrong_at[key_text] = each.findings.at
                assert tracked.calm_since is None


def test_a_page_does_not_end_while_nothing_is_seen_although_its_ticket_goes_on() -> None:
    page, ticket = (
        next(each for each in CONDITIONS if (each.kind, each.severity) == ("burn", severity))
        for severity in ("page", "ticket")
    )
    unseen = Moment(CALM_SECONDS, (ticket,), frozenset({page.key}))
    *_, last = stepped([Moment(60, (page,), frozenset()), *[unseen] * 3])
    assert [tracked.incident.status for tracked in last.after.open.values()] == ["open"]


def _is_wrong(incident: Incident, condition: Condition) -> bool:
    """What a page has left in long windows is calm."""
    is_left = incident.kind == "outage" and condition.reset_seconds > 300
    return incident.severity == condition.severity and not is_left


@given(moments)
def test_everything_that_was_open_resolves_after_a_long_calm(given: list[Moment]) -> None:
    calm = [Moment(60, (), frozenset())] * (CALM_SECONDS // 60 + 2)
    after = Tracking()
    resolved: list[str] = []
    opened: list[str] = []
    for each in stepped([*given, *calm]):
        after = each.after
        opened += [t.incident.incident_id for t in each.transitions if t.what == "opened"]
        resolved += [t.incident.incident_id for t in each.transitions if t.what == "resolved"]
    assert after.open == {}
    assert sorted(resolved) == sorted(opened)


@given(channeled)
def test_what_an_incident_spreads_to_adds_channels_and_takes_none_away(given: list[Moment]) -> None:
    for each in stepped(given):
        for text, tracked in each.after.open.items():
            now = set(tracked.incident.channels or ("",))
            named = {name for found in each.findings.conditions for name in found.channels}
            if (before := each.before.open.get(text)) is None:
                assert now <= named | {""}
            else:
                then = set(before.incident.channels or ("",))
                assert then <= now <= then | named
