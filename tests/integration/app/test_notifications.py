"""Rules, mutes and who changed them, on both engines."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from integration.use_cases import T0, UseCases

from slo.api.notification_answers import NotificationsAnswer
from slo.api.notification_parameters import ChangesParameters, MuteBody, NotificationsBody
from slo.api.tokens import Grant
from slo.app.mutes import MAX_MUTES, Mutes
from slo.app.notifications import Notifications, etag
from slo.app.settings_editor import MAX_BYTES, SettingsEditor
from slo.errors import (
    BadRequestError,
    ForbiddenError,
    NotFoundError,
    PreconditionFailedError,
    PreconditionRequiredError,
    TryAgainError,
)
from slo.incidents.incident import Incident
from slo.incidents.incident import Subject as Failing
from slo.notifications.changes import CHANGES_KEPT_SECONDS, Change
from slo.notifications.settings import Channel, Digest, QuietHours, Rule, Settings, Thresholds
from slo.store.errors import WriteConflictError
from slo.store.notifications import NotificationStore

ALICE = Grant("manage", (), "alice")
BOB = Grant("manage", (), "bob")
OF_C1 = Grant("manage", ("c1",), "team-1")
OF_TWO = Grant("manage", ("c1", "c2"), "team-2")


def with_channels(backend: UseCases, *names: str) -> None:
    channels = tuple(Channel(name=name, kind="eventbridge") for name in names)
    change = Change(at=T0, by="test", what="channel_set", about="all")
    backend.stores.of(NotificationStore).put(Settings(version=1, channels=channels), 0, change)


def body(**changes: Any) -> NotificationsBody:
    given: dict[str, Any] = {"rules": (), "quiet_hours": None, "digest": Digest(), "thresholds": Thresholds()}
    return NotificationsBody(**{**given, **changes})


def mute(hours: float = 2, **changes: Any) -> MuteBody:
    until = datetime.fromtimestamp(T0, UTC) + timedelta(hours=hours)
    return MuteBody(**{"until": until, "reason": "new racks", **changes})


def replaced(backend: UseCases, by: Grant = ALICE, **changes: Any) -> NotificationsAnswer:
    notifications = Notifications(backend.stores)
    return notifications.set(body(**changes), by, if_match=etag(notifications.seen_by(by)))


def changes(backend: UseCases, by: Grant = ALICE, limit: int = 50) -> list[tuple[str | None, str, str]]:
    found = Notifications(backend.stores).changes(ChangesParameters(limit=limit), by).changes
    return [(change.by, change.what, change.about) for change in found]


def test_a_new_deployment_tells_every_channel_everything(backend: UseCases) -> None:
    answer = Notifications(backend.stores).seen_by(ALICE)
    assert (answer.version, answer.rules, answer.quiet_hours) == (0, (), None)
    assert (answer.digest.is_enabled, answer.thresholds.outage_share) == (True, 0.5)


def test_rules_are_replaced_and_it_is_kept_who_did(backend: UseCases) -> None:
    with_channels(backend, "ops", "pager")
    rules = (Rule(severities=("page",), channels=("pager",)), Rule(channels=("ops",)))
    backend.now = T0 + 5
    answer = replaced(backend, rules=rules, quiet_hours=QuietHours(start="22:00", end="07:00", time_zone="Asia/Tokyo"))
    assert [rule.channels for rule in answer.rules] == [("pager",), ("ops",)]
    assert Notifications(backend.stores).seen_by(BOB) == answer
    stored = backend.stores.of(NotificationStore).settings(consistent=True)
    assert (stored.rules, stored.version, stored.rules_version) == (rules, 2, 2)
    assert [channel.name for channel in stored.channels] == ["ops", "pager"]
    [latest, _] = Notifications(backend.stores).changes(ChangesParameters(), ALICE).changes
    assert (latest.by, latest.what, latest.about) == ("alice", "rules_set", "rules, quiet_hours")
    assert latest.at == datetime.fromtimestamp(T0 + 5, UTC)


def test_a_change_needs_the_etag_that_was_read(backend: UseCases) -> None:
    notifications = Notifications(backend.stores)
    with pytest.raises(PreconditionRequiredError, match='If-Match: "0"'):
        notifications.set(body(), ALICE, if_match="")
    first = notifications.set(body(digest=Digest(is_enabled=False)), ALICE, if_match='"0"')
    with pytest.raises(PreconditionFailedError, match="changed since you read it"):
        notifications.set(body(), BOB, if_match='"0"')
    assert notifications.seen_by(BOB) == first
    assert notifications.set(body(), BOB, if_match=etag(first)).digest.is_enabled


def test_mutes_do_not_take_the_etag_of_the_rules_away(backend: UseCases) -> None:
    notifications = Notifications(backend.stores)
    seen = etag(notifications.seen_by(ALICE))
    Mutes(backend.stores).add(mute(), BOB)
    assert etag(notifications.seen_by(ALICE)) == seen
    notifications.set(body(digest=Digest(at="09:30")), ALICE, if_match=seen)
    assert len(Mutes(backend.stores).seen_by(ALICE).mutes) == 1, "the change of the rules keeps the mute"


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"rules": (Rule(), Rule(channels=("ops", "opps")))}, "rules[1].channels", "'opps'"),
        ({"digest": Digest(channels=("opps",))}, "digest.channels", "'opps'"),
        ({"digest": Digest(time_zone="Europe/Atlantis")}, "digest.time_zone", "Europe/Atlantis"),
        ({"digest": Digest(time_zone="../../etc/passwd")}, "digest.time_zone", "Europe/Berlin"),
        ({"quiet_hours": QuietHours(start="22:00", end="07:00", time_zone="CEST")}, "quiet_hours.time_zone", "'CEST'"),
        ({"quiet_hours": QuietHours(start="22:00", end="22:00")}, "quiet_hours.end", "the same"),
    ],
    ids=["unknown channel", "unknown channel of the digest", "zone", "path as zone", "abbreviation", "no hours"],
)
def test_what_cannot_work_is_refused_and_named(
    moto_backend: UseCases, changes: dict[str, Any], field: str, message: str
) -> None:
    with_channels(moto_backend, "ops")
    with pytest.raises(BadRequestError) as refused:
        replaced(moto_backend, **changes)
    [error] = refused.value.errors
    assert error.field == field
    assert message in error.message
    assert moto_backend.stores.of(NotificationStore).settings(consistent=True).version == 1


def test_rules_that_are_too_large_are_refused(moto_backend: UseCases) -> None:
    chance = random.Random(1)
    rules = tuple(Rule(domains=tuple(f"{chance.getrandbits(900):x}" for _ in range(50))) for _ in range(20))
    assert len(msgspec.json.encode(rules)) > MAX_BYTES
    with pytest.raises(BadRequestError, match="too large"):
        replaced(moto_backend, rules=rules)


def test_a_token_for_some_clusters_changes_no_rules_and_sees_only_its_own(backend: UseCases) -> None:
    with_channels(backend, "ops")
    replaced(
        backend,
        rules=(Rule(clusters=("c2",)), Rule(clusters=("c*", "other"), channels=("ops",)), Rule(kinds=("burn",))),
    )
    seen = Notifications(backend.stores).seen_by(OF_C1)
    assert [(rule.clusters, rule.kinds) for rule in seen.rules] == [(("c*",), ()), ((), ("burn",))]
    with pytest.raises(ForbiddenError, match="token is for c1 only"):
        Notifications(backend.stores).set(body(), OF_C1, if_match=etag(seen))


def test_a_mute_is_listed_until_it_is_over(backend: UseCases) -> None:
    mutes = Mutes(backend.stores)
    later = mutes.add(mute(3, domain="shop.example.com", path_prefix="/pay", reason="  planned "), ALICE)
    backend.now += 1
    sooner = mutes.add(mute(1, cluster_id="c1"), BOB)
    assert mutes.seen_by(ALICE).mutes == (sooner, later)
    assert (later.cluster_id, later.path_prefix, later.reason, later.muted_by) == ("*", "/pay", "planned", "alice")
    assert (sooner.cluster_id, sooner.domain, sooner.path_prefix) == ("c1", "*", None)
    backend.now = T0 + 3_601
    assert mutes.seen_by(ALICE).mutes == (later,)
    with pytest.raises(NotFoundError, match="or it is over"):
        mutes.remove(sooner.mute_id, ALICE)
    mutes.remove(later.mute_id, BOB)
    assert mutes.seen_by(ALICE).mutes == ()
    assert backend.stores.of(NotificationStore).settings(consistent=True).mutes == ()
    assert changes(backend) == [
        ("bob", "unmuted", "* shop.example.com/pay: planned"),
        ("bob", "muted", "c1 *: new racks"),
        ("alice", "muted", "* shop.example.com/pay: planned"),
    ]


def test_a_mute_holds_for_a_domain_in_any_spelling(moto_backend: UseCases) -> None:
    Mutes(moto_backend.stores).add(mute(domain="*.Bücher.example"), ALICE)
    settings = moto_backend.stores.of(NotificationStore).settings(consistent=True)
    named = ("shop.xn--bcher-kva.example", "SHOP.bücher.example.", "shop.buecher.example")
    found = [settings.mute_of(incident(name), T0 + 60) is not None for name in named]
    assert found == [True, True, False]


def incident(domain: str) -> Incident:
    subject = Failing(domain=domain)
    return Incident(
        incident_id="1", cluster_id="c1", kind="outage", severity="page", subject=subject, since=T0, opened_at=T0
    )


@pytest.mark.parametrize("hours", [-1, 0, 24 * 367], ids=["over", "now", "longer than a year"])
def test_a_mute_ends_within_a_year(moto_backend: UseCases, hours: float) -> None:
    with pytest.raises(BadRequestError) as refused:
        Mutes(moto_backend.stores).add(mute(hours), ALICE)
    assert refused.value.errors[0].field == "until"


def test_there_are_so_many_mutes_at_most_and_past_ones_make_room(moto_backend: UseCases) -> None:
    mutes, editor = Mutes(moto_backend.stores), SettingsEditor(moto_backend.stores)
    first = mutes.add(mute(1), ALICE)
    [kept] = editor.settings().mutes
    many = tuple(
        msgspec.structs.replace(kept, mute_id=str(number), until=T0 + 9_999) for number in range(MAX_MUTES - 1)
    )
    note = Change(at=T0, what="muted", about="many")
    editor.edit(lambda before: (msgspec.structs.replace(before, mutes=(*before.mutes, *many)), note))
    with pytest.raises(BadRequestError, match="200 mutes"):
        mutes.add(mute(), ALICE)
    moto_backend.now = T0 + 3_601
    mutes.add(mute(), ALICE)
    stored = moto_backend.stores.of(NotificationStore).settings(consistent=True).mutes
    assert len(stored) == MAX_MUTES
    assert first.mute_id not in {each.mute_id for each in stored}


def test_a_token_for_some_clusters_mutes_these_only(backend: UseCases) -> None:
    mutes = Mutes(backend.stores)
    own = mutes.add(mute(), OF_C1)
    assert own.cluster_id == "c1", "the only cluster of the token"
    mutes.add(mute(cluster_id="c2"), OF_TWO)
    for cluster_id in ("c2", "*", "c*"):
        with pytest.raises(ForbiddenError, match="token is for c1 only"):
            mutes.add(mute(cluster_id=cluster_id), OF_C1)
    with pytest.raises(ForbiddenError, match="c1, c2 only"):
        mutes.add(mute(), OF_TWO)
    of_all = mutes.add(mute(cluster_id="c*"), ALICE)
    others = next(each for each in mutes.seen_by(ALICE).mutes if each.cluster_id == "c2")
    assert {each.mute_id for each in mutes.seen_by(OF_C1).mutes} == {own.mute_id, of_all.mute_id}
    with pytest.raises(ForbiddenError, match="not 'c\\*'"):
        mutes.remove(of_all.mute_id, OF_C1)
    with pytest.raises(NotFoundError):
        mutes.remove(others.mute_id, OF_C1)
    mutes.remove(own.mute_id, OF_C1)
    assert {about for _, _, about in changes(backend, OF_C1)} == {"c1 *: new racks", "c* *: new racks"}


def test_two_who_change_at_once_both_win(backend: UseCases) -> None:
    """The second one's edit is made again on what the first one left."""
    editor = SettingsEditor(backend.stores)
    seen: list[int] = []

    def slow(before: Settings) -> tuple[Settings, Change]:
        seen.append(before.version)
        if len(seen) == 1:
            Mutes(UseCases(backend.client, backend.region, backend.host, names=backend.names).stores).add(mute(), BOB)
        channels = (Channel(name="ops", kind="eventbridge"),)
        return msgspec.structs.replace(before, channels=channels), Change(at=T0, what="channel_set", about="ops")

    after = editor.edit(slow)
    assert (seen, after.version, len(after.mutes), len(after.channels)) == ([0, 1], 2, 1, 1)
    assert sorted(what for _, what, _ in changes(backend)) == ["channel_set", "muted"], "a lost attempt is not kept"


def test_who_is_never_first_is_asked_to_try_again(moto_backend: UseCases) -> None:
    def never_first(before: Settings) -> tuple[Settings, Change]:
        Mutes(moto_backend.stores).add(mute(), BOB)
        return before, Change(at=T0, what="rules_set", about="")

    with pytest.raises(TryAgainError, match="Try again"):
        SettingsEditor(moto_backend.stores).edit(never_first)


def test_of_two_writers_of_one_version_the_second_is_refused(backend: UseCases) -> None:
    store, change = backend.stores.of(NotificationStore), Change(at=T0, what="rules_set", about="")
    store.put(Settings(version=1), 0, change)
    for seen in (0, 2):
        with pytest.raises(WriteConflictError):
            store.put(Settings(version=seen + 1), seen, change)
    assert len(store.changes(9)) == 1


def test_changes_expire_and_the_latest_come_first(backend: UseCases) -> None:
    for second in range(3):
        backend.now = T0 + second
        Mutes(backend.stores).add(mute(reason=str(second)), ALICE)
    assert [about for _, _, about in changes(backend, limit=2)] == ["* *: 2", "* *: 1"]
    stored = backend.client.scan(TableName=backend.names["NOTIFICATIONS_TABLE"])["Items"]
    expiries = sorted(int(item["expires_at"]["N"]) for item in stored if item["topic"]["S"] == "changes")
    assert expiries == [T0 + second + CHANGES_KEPT_SECONDS for second in range(3)]
    assert ["expires_at" in item for item in stored if item["topic"]["S"] == "settings"] == [False]
