"""Laws of telling: who is told what, whatever happens, and whatever is muted or quiet."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st
from unit.slo.incidents.findings import CALM_SECONDS, START, THRESHOLDS, Moment, channeled, moments, stepped

from slo.incidents.incident import Incident
from slo.incidents.tracking import Tracking
from slo.notifications.delivery import number_of
from slo.notifications.settings import Channel, Mute, QuietHours, Rule, Settings
from slo.notifications.telling import Due, Telling, tell

OPS, PHONE = Channel(name="ops", kind="email"), Channel(name="phone", kind="pagerduty")
PLAIN = Settings(channels=(OPS, PHONE), rules=(Rule(severities=("ticket",), channels=("ops",)),), thresholds=THRESHOLDS)
CALM = [Moment(60, (), frozenset())] * (CALM_SECONDS // 60 + 2)

delayed = st.builds(
    lambda mutes, quiet: Settings(
        channels=PLAIN.channels, rules=PLAIN.rules, thresholds=THRESHOLDS, mutes=tuple(mutes), quiet_hours=quiet
    ),
    st.lists(
        st.builds(
            Mute,
            mute_id=st.just("1"),
            domain=st.sampled_from(("*", "a.*", "b.example.com")),
            until=st.integers(0, 20_000).map(lambda after: START + after),
            reason=st.just("work"),
        ),
        max_size=2,
    ),
    st.none() | st.sampled_from((QuietHours(start="08:00", end="09:00"), QuietHours(start="08:30", end="07:00"))),
)
"""START is 08:00 UTC."""


class Told(NamedTuple):
    at: float
    due: Due
    incidents: dict[str, Incident]
    """By id, those that were open or had just ended."""


def told(given: list[Moment], settings: Settings) -> Iterator[Told]:
    telling, now = Telling(), START
    for each in stepped(given):
        now = max(now, each.findings.at)
        known = {tracked.incident.incident_id: tracked.incident for tracked in each.after.open.values()}
        known |= {transition.incident.incident_id: transition.incident for transition in each.transitions}
        telling, due = tell(telling, each.after, each.transitions, settings, now)
        yield from (Told(now, one, known) for one in due)


def by_incident(given: list[Moment], settings: Settings) -> dict[tuple[str, str], list[tuple[str, float]]]:
    found: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for each in told(given, settings):
        found[each.due.channel, each.due.incident_id].append((each.due.what, each.at))
    return found


@given(moments | channeled, delayed)
def test_whoever_is_told_of_an_opening_is_told_of_the_end_once(given: list[Moment], settings: Settings) -> None:
    for said in by_incident([*given, *CALM], settings).values():
        whats = [what for what, _ in said]
        assert (whats[0], whats[-1]) == ("opened", "resolved")
        assert (whats.count("opened"), whats.count("resolved")) == (1, 1)


@given(moments | channeled, delayed)
def test_no_notice_is_told_twice(given: list[Moment], settings: Settings) -> None:
    ids = [(each.due.channel, each.due.notice_id) for each in told([*given, *CALM], settings)]
    assert len(ids) == len(set(ids))


@given(moments, delayed)
def test_a_later_notice_of_an_incident_has_a_later_place(given: list[Moment], settings: Settings) -> None:
    """Delivery leaves out what a later one has overtaken, so a reminder must not overtake the end."""
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for each in told([*given, *CALM], settings):
        places[each.due.channel, each.due.incident_id].append(number_of(each.due.notice_id))
    for found in places.values():
        assert found == sorted(set(found))


@given(moments, delayed)
def test_every_notice_names_an_incident_that_is_known_then(given: list[Moment], settings: Settings) -> None:
    for each in told(given, settings):
        assert each.due.incident_id in each.incidents
        assert each.due.order(each.incidents[each.due.incident_id]).order_id == each.due.notice_id


@given(moments, delayed)
def test_mutes_and_quiet_hours_only_delay(given: list[Moment], settings: Settings) -> None:
    plain, held = by_incident([*given, *CALM], PLAIN), by_incident([*given, *CALM], settings)
    assert held.keys() <= plain.keys()
    for key, said in held.items():
        assert said[0][1] >= plain[key][0][1], "never earlier"
        assert said[-1] == plain[key][-1], "the end is told at once"


@given(moments | channeled, delayed)
def test_what_is_open_after_all_mutes_and_quiet_hours_has_been_told(given: list[Moment], settings: Settings) -> None:
    telling, now, last = Telling(), START, Tracking()
    for each in stepped(given):
        now, last = max(now, each.findings.at), each.after
        telling, _ = tell(telling, each.after, each.transitions, settings, now)
    later = Settings(channels=PLAIN.channels, rules=PLAIN.rules, thresholds=THRESHOLDS)
    telling, _ = tell(telling, last, [], later, now + 60)
    for tracked in last.open.values():
        wanted = {channel.name for channel in PLAIN.channels_of(tracked.incident)}
        assert telling.told[tracked.incident.incident_id].keys() >= wanted


@given(moments, st.sampled_from((QuietHours(start="08:00", end="07:59"), None)))
def test_pages_never_wait_for_quiet_hours(given: list[Moment], quiet: QuietHours | None) -> None:
    settings = Settings(channels=PLAIN.channels, rules=PLAIN.rules, thresholds=THRESHOLDS, quiet_hours=quiet)
    telling, now = Telling(), START
    for each in stepped(given):
        now = max(now, each.findings.at)
        telling, _ = tell(telling, each.after, each.transitions, settings, now)
        for tracked in each.after.open.values():
            if tracked.incident.severity == "page":
                assert telling.told[tracked.incident.incident_id].keys() == {"ops", "phone"}
