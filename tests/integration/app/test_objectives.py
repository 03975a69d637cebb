"""Objectives: those that an earlier version stored as targets, who set what, and how many a subject may have."""

import json
from pathlib import Path

import pytest
from integration.use_cases import CLUSTER, UseCases

from slo.api.objective_answers import ObjectiveChangeAnswer
from slo.api.pages import Cursor
from slo.api.parameters import ObjectiveBody, ObjectiveChangesParameters, ObjectiveParameters
from slo.app.objectives import MOST_PER_SUBJECT
from slo.errors import BadRequestError, PreconditionFailedError, PreconditionRequiredError
from slo.notifications.changes import Change
from slo.notifications.settings import Channel, Settings
from slo.objectives.objective import Objectives
from slo.objectives.periods import Period
from slo.objectives.targets import ALL_CLUSTERS, LatencyObjective, Level, Subject
from slo.store.notifications import NotificationStore
from slo.times import utc

TARGETS = Path(__file__).parent.parent / "items" / "2026-11-27-fa780c3-targets.json"
"""What commit fa780c3 stored of four targets: of the cluster for a day and for 30, of a domain, and of a route."""
UPGRADED = "upgraded"
A = ObjectiveParameters(domain="a.example.com")


@pytest.fixture
def upgraded(backend: UseCases) -> UseCases:
    for item in json.loads(TARGETS.read_text()):
        backend.client.put_item(TableName=backend.names["TARGETS_TABLE"], Item=item)
    return backend


def put(backend: UseCases, name: str, asked: ObjectiveParameters = A, if_match: str = "", **body: object) -> str:
    """Set an objective and return its ETag."""
    made = ObjectiveBody(**{"availability": 0.99, **body})  # type: ignore[arg-type]
    saved, _ = backend.objective_editor.set(CLUSTER, name, asked, made, if_match=if_match, set_by="ops")
    return f'"{saved.version}"'


def test_targets_of_an_earlier_version_are_objectives(upgraded: UseCases) -> None:
    objectives = Objectives(upgraded.objectives.of(UPGRADED))
    elsewhere = objectives.followed("b.example.com")
    assert (elsewhere.target.availability, elsewhere.target.p95_latency, elsewhere.period) == (
        0.995,
        400,
        Period("30d"),
    )
    domain = objectives.followed("a.example.com", "/any")
    assert (domain.target.availability, domain.period) == (0.999, Period("7d"))
    assert domain.target.latency_objective == LatencyObjective(0.99, 300)
    assert domain.target.minimum_requests == 50
    assert objectives.followed("a|b.example", "/api").target.availability == 0.9
    listed = upgraded.objective_editor.all(UPGRADED).objectives
    assert [(each.domain, each.name, each.period, each.is_followed) for each in listed] == [
        (None, "1d", "1d", False),
        (None, "30d", "30d", True),
        ("a.example.com", "7d", "7d", True),
        ("a|b.example", "30d", "30d", True),
    ]
    assert {(each.set_by, each.channel) for each in listed} == {("ops", "")}


def test_an_objective_of_an_earlier_version_is_changed_and_deleted(upgraded: UseCases) -> None:
    editor, cluster = upgraded.objective_editor, ObjectiveParameters()
    stored = upgraded.objectives.get(UPGRADED, "30d", Subject())
    assert stored is not None
    body = ObjectiveBody(availability=0.9, period="month", time_zone="Asia/Tokyo", owner="ops")
    seen = f'"{stored.version}"'
    saved, is_new = editor.set(UPGRADED, "30d", cluster, body, if_match=seen, set_by="new")
    assert (saved.period, saved.time_zone, saved.p95_latency, is_new) == ("month", "Asia/Tokyo", None, False)
    editor.delete(UPGRADED, "30d", cluster, if_match=f'"{saved.version}"', set_by="new")
    assert Objectives(upgraded.objectives.of(UPGRADED)).followed("b").period == Period("1d")
    changes = editor.changes(UPGRADED, ObjectiveChangesParameters()).changes
    before_and_after = [[each and each.availability for each in (one.before, one.after)] for one in changes]
    assert sorted(before_and_after, key=str) == [[0.9, None], [0.995, 0.9]]


def test_the_mark_moves_to_the_one_that_is_set_with_it(backend: UseCases) -> None:
    put(backend, "weekly", period="7d", is_followed=True)
    put(backend, "monthly")
    assert Objectives(backend.objectives.of(CLUSTER)).followed("a.example.com").period == Period("7d")
    backend.now += 1
    put(backend, "quarterly", period="quarter", is_followed=True)
    assert Objectives(backend.objectives.of(CLUSTER)).followed("a.example.com").period == Period("quarter")
    assert [each.is_followed for each in backend.objectives.of(CLUSTER)].count(True) == 1


def test_what_others_changed_is_not_overwritten(moto_backend: UseCases) -> None:
    first = put(moto_backend, "monthly")
    with pytest.raises(PreconditionRequiredError):
        put(moto_backend, "monthly", availability=0.9)
    moto_backend.now += 1
    put(moto_backend, "monthly", if_match=first, availability=0.95)
    with pytest.raises(PreconditionFailedError):
        put(moto_backend, "monthly", if_match=first, availability=0.9)
    with pytest.raises(PreconditionFailedError):
        moto_backend.objective_editor.delete(CLUSTER, "monthly", A, if_match=first, set_by="ops")
    with pytest.raises(PreconditionFailedError):
        put(moto_backend, "another", if_match=first)


def test_changes_are_those_that_concern_what_is_asked_for(backend: UseCases) -> None:
    for number, (domain, path) in enumerate([(None, None), ("a", None), ("a", "/x"), ("a", "/y"), ("b", None)]):
        backend.now += 60
        put(backend, f"n{number}", ObjectiveParameters(domain=domain, path_prefix=path))

    def named(**asked: str) -> list[str]:
        found = backend.objective_editor.changes(CLUSTER, ObjectiveChangesParameters(**asked)).changes  # type: ignore[arg-type]
        return [each.after.name for each in found if each.after]

    assert named() == ["n4", "n3", "n2", "n1", "n0"]
    assert named(domain="a") == ["n3", "n2", "n1", "n0"]
    assert named(domain="A.", path_prefix="/x") == ["n2", "n1", "n0"]
    levels: tuple[Level, ...] = ("route", "domain", "cluster", "all")
    assert [named(level=level) for level in levels] == [["n3", "n2"], ["n4", "n1"], ["n0"], []]
    assert named(domain="a", level="domain") == ["n1"]


def test_a_change_is_found_by_the_time_that_is_shown_of_it(backend: UseCases) -> None:
    backend.now += 0.123_456_4
    put(backend, "monthly")
    (change,) = backend.objective_editor.changes(CLUSTER, ObjectiveChangesParameters()).changes
    assert change.at.timestamp() < backend.now, "what is shown is not as fine as what is kept"
    asked = ObjectiveChangesParameters(start=change.at, end=change.at)
    assert backend.objective_editor.changes(CLUSTER, asked).changes == (change,)


def test_pages_of_changes_have_each_once(backend: UseCases) -> None:
    put(backend, "first", is_followed=True)
    put(backend, "second", is_followed=True)
    everywhere = ObjectiveBody(availability=0.9)
    backend.objective_editor.set(ALL_CLUSTERS, "first", ObjectiveParameters(), everywhere, if_match="", set_by="ops")
    backend.now += 60
    put(backend, "third")
    changes = backend.objective_editor.changes
    whole = changes(CLUSTER, ObjectiveChangesParameters())
    assert (len(whole.changes), whole.next_cursor) == (5, None), "four of them at the same moment"
    found: list[ObjectiveChangeAnswer] = []
    cursor: str | None = ""
    while cursor is not None:
        page = changes(CLUSTER, ObjectiveChangesParameters(limit=1, cursor=cursor))
        found += page.changes
        cursor = page.next_cursor
    assert tuple(found) == whole.changes


@pytest.mark.parametrize("after", ["", "0", "~" * 1024, "1" * 13])
def test_any_cursor_that_can_be_a_key_is_answered(backend: UseCases, after: str) -> None:
    put(backend, "monthly")
    asked = ObjectiveChangesParameters(cursor=Cursor(0, after).text(), start=utc(backend.now - 60))
    assert len(backend.objective_editor.changes(CLUSTER, asked).changes) == (after in {"", "~" * 1024})


def test_a_cursor_that_no_key_can_be_is_refused(backend: UseCases) -> None:
    cursor = Cursor(0, "~" * 1025).text()
    with pytest.raises(BadRequestError):
        backend.objective_editor.changes(CLUSTER, ObjectiveChangesParameters(cursor=cursor))


def test_a_subject_has_only_so_many_objectives(moto_backend: UseCases) -> None:
    for number in range(MOST_PER_SUBJECT):
        put(moto_backend, f"n{number}")
    with pytest.raises(BadRequestError) as refused:
        put(moto_backend, "one-more")
    assert "Delete one" in refused.value.errors[0].message
    put(moto_backend, "one-more", ObjectiveParameters(domain="b.example.com"))


@pytest.mark.parametrize("name", ["A", "a b", "x" * 64, "a|b"])
def test_a_name_that_cannot_be_is_explained(moto_backend: UseCases, name: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        put(moto_backend, name)
    assert [error.field for error in refused.value.errors] == ["name"]


def channels(backend: UseCases, *names: str) -> None:
    store = backend.stores.of(NotificationStore)
    before = store.settings(consistent=True)
    made = tuple(Channel(name=name, kind="email") for name in names)
    after = Settings(version=before.version + 1, channels=made)
    store.put(after, before.version, Change(at=backend.now, by="ops", what="channel_set", about="x"))


def test_an_objective_has_a_channel_that_there_is(backend: UseCases) -> None:
    channels(backend, "mail", "on-call")
    seen = put(backend, "monthly", channel="on-call")
    stored = backend.objectives.get(CLUSTER, "monthly", Subject("a.example.com"))
    assert stored is not None
    assert stored.channel == "on-call"
    with pytest.raises(BadRequestError) as refused:
        put(backend, "monthly", if_match=seen, channel="oncall")
    (error,) = refused.value.errors
    assert (error.field, error.message) == ("channel", "There is no channel oncall. Known are mail, on-call.")
    put(backend, "monthly", if_match=seen)
    assert [each.channel for each in backend.objectives.of(CLUSTER)] == [""]


def test_a_channel_that_is_removed_later_does_not_hold_up_other_changes(moto_backend: UseCases) -> None:
    channels(moto_backend, "mail")
    seen = put(moto_backend, "monthly", channel="mail")
    channels(moto_backend)
    changed = put(moto_backend, "monthly", if_match=seen, channel="mail", availability=0.95)
    with pytest.raises(BadRequestError) as refused:
        put(moto_backend, "monthly", if_match=changed, channel="phone")
    assert "There is none yet: add one first." in refused.value.errors[0].message
