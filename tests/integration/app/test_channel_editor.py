"""Channels: secrets go to SSM, everything else to the settings. On moto, which has SSM and SQS as well."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from integration.use_cases import T0, UseCases
from moto import mock_aws

from slo.api.notification_answers import ChannelAnswer
from slo.api.notification_parameters import ChannelBody, DeliveriesParameters, NotificationsBody
from slo.api.tokens import Grant
from slo.app.channel_editor import MAX_CHANNELS, ChannelEditor
from slo.app.deliveries import Deliveries
from slo.app.notifications import Notifications
from slo.errors import BadRequestError, ConflictError, ForbiddenError, NotFoundError, UnprocessableError
from slo.notifications import delivery
from slo.notifications.changes import Change
from slo.notifications.delivery import Delivery, Order
from slo.notifications.settings import Channel, Digest, Rule, Settings, Thresholds
from slo.store.deliveries import DeliveryStore
from slo.store.notifications import NotificationStore
from slo.times import utc

REGION = "eu-central-1"
ALICE = Grant("manage", (), "alice")
OF_C1 = Grant("manage", ("c1",), "team-1")
SECRET = "whsec_" + "A" * 44
HOOK = {"url": "https://hooks.example.com/a/path", "secrets": [SECRET]}


class Stack(UseCases):
    """A deployment with a queue, and without or with the setting that allows private targets."""

    queue_url = ""
    private = "false"

    def setting(self, name: str) -> str | None:
        own = {"DELIVERY_QUEUE_URL": self.queue_url, "ALLOW_PRIVATE_TARGETS": self.private}
        return own.get(name) or super().setting(name)

    @property
    def editor(self) -> ChannelEditor:
        return ChannelEditor(self.stores)

    def put(self, name: str = "hook", by: Grant = ALICE, **given: Any) -> tuple[ChannelAnswer, bool]:
        return self.editor.set(name, ChannelBody(**{"kind": "webhook", "settings": HOOK, **given}), by)

    def kept(self) -> dict[str, Any]:
        """What SSM holds, by name."""
        ssm = boto3.client("ssm", region_name=REGION)
        found = ssm.get_parameters_by_path(Path="/slo/channels", Recursive=True, WithDecryption=True)["Parameters"]
        assert {each["Type"] for each in found} <= {"SecureString"}
        return {each["Name"]: json.loads(each["Value"]) for each in found}

    def settings(self) -> Settings:
        return self.stores.of(NotificationStore).settings(consistent=True)

    def told(self, channel: str, number: int, cluster_id: str | None = "c1", **changes: Any) -> None:
        made = Delivery(
            order_id=f"i{number}.1" if cluster_id else f"test.{number}",
            channel=channel,
            incident_id=f"i{number}" if cluster_id else None,
            cluster_id=cluster_id,
            what="opened" if cluster_id else "test",
            attempts=1,
            status="delivered",
            first_attempt_at=T0 + number,
            delivered_at=T0 + number + 1.0,
        ).__replace__(**changes)
        self.stores.of(DeliveryStore).note(made, T0 + number + 1.0)


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        made = Stack(boto3.client("dynamodb", region_name=REGION), REGION, None)
        made.queue_url = boto3.client("sqs").create_queue(QueueName="delivery")["QueueUrl"]
        yield made


def test_a_channels_secrets_are_in_ssm_and_nowhere_else(stack: Stack) -> None:
    stack.now = T0 + 7
    answer, is_new = stack.put(language="ja")
    assert is_new
    assert (answer.name, answer.kind, answer.language, answer.is_enabled) == ("hook", "webhook", "ja", True)
    assert (answer.changed_by, answer.changed_at, answer.last_delivered_at) == ("alice", utc(T0 + 7), None)
    assert stack.kept() == {"/slo/channels/hook": HOOK}
    assert stack.editor.all().channels == (answer,)
    stored = json.dumps(stack.client.scan(TableName=stack.names["NOTIFICATIONS_TABLE"])["Items"], default=repr)
    [change] = stack.stores.of(NotificationStore).changes(9)
    for text in (stored, repr(stack.settings()), repr(answer), repr(change)):
        assert SECRET not in text
        assert "hooks.example.com" not in text
    assert (change.what, change.about, change.by) == ("channel_set", "hook", "alice")


def test_a_change_without_settings_keeps_the_secrets(stack: Stack) -> None:
    stack.put()
    answer, is_new = stack.put(settings=None, is_enabled=False)
    assert (is_new, answer.is_enabled) == (False, False)
    assert stack.kept() == {"/slo/channels/hook": HOOK}
    other = {**HOOK, "secrets": [SECRET, "whsec_" + "B" * 44]}
    stack.put(settings=other)
    assert stack.kept() == {"/slo/channels/hook": other}
    assert stack.settings().channels[0].is_enabled


def test_another_kind_needs_settings_of_its_own(stack: Stack) -> None:
    stack.put()
    with pytest.raises(UnprocessableError, match="routing_key"):
        stack.put(kind="pagerduty", settings=None)
    assert (stack.kept(), stack.settings().channels[0].kind) == ({"/slo/channels/hook": HOOK}, "webhook")
    stack.put(kind="eventbridge", settings=None)
    assert stack.settings().channels[0].kind == "eventbridge"
    assert stack.kept() == {"/slo/channels/hook": {}}


@pytest.mark.parametrize(
    "settings",
    [None, {}, {**HOOK, "password": "x"}, {**HOOK, "url": "http://hooks.example.com"}, {**HOOK, "secrets": ["short"]}],
    ids=["none", "empty", "unknown field", "http", "secret"],
)
def test_settings_that_cannot_work_leave_nothing_behind(stack: Stack, settings: Any) -> None:
    with pytest.raises(UnprocessableError) as refused:
        stack.put(settings=settings)
    assert refused.value.errors[0].field.startswith("settings")
    assert (stack.kept(), stack.settings()) == ({}, Settings())


def test_http_is_taken_where_private_targets_are_allowed(stack: Stack) -> None:
    stack.private = "true"
    stack.put(settings={**HOOK, "url": "http://10.1.2.3/hook"})
    assert stack.kept()["/slo/channels/hook"]["url"] == "http://10.1.2.3/hook"


@pytest.mark.parametrize("name", ["", "Ops", "-ops", "ops-", "a/b", "..", "ops\n", "x" * 64, "ö"], ids=ascii)
def test_a_name_is_one_that_ssm_takes(stack: Stack, name: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        stack.put(name)
    assert refused.value.errors[0].field == "name"
    assert stack.kept() == {}


def test_channels_are_limited_and_sorted(stack: Stack) -> None:
    many = tuple(Channel(name=f"c{number:02}", kind="eventbridge") for number in range(1, MAX_CHANNELS))
    store = stack.stores.of(NotificationStore)
    store.put(Settings(version=1, channels=many), 0, Change(at=T0, what="channel_set", about="many"))
    stack.put("c00")
    assert [channel.name for channel in stack.editor.all().channels] == [f"c{number:02}" for number in range(50)]
    with pytest.raises(BadRequestError, match="50 channels"):
        stack.put("c99")
    assert list(stack.kept()) == ["/slo/channels/c00"]
    stack.put("c00", is_enabled=False)
    assert not stack.settings().channels[0].is_enabled


def test_a_channel_that_the_deployment_disabled_is_enabled_by_setting_it(stack: Stack) -> None:
    gone = Channel(name="hook", kind="webhook", is_enabled=False, disabled_because="It answers 410 Gone.")
    store = stack.stores.of(NotificationStore)
    store.put(Settings(version=1, channels=(gone,)), 0, Change(at=T0, what="channel_disabled", about="hook"))
    [answer] = stack.editor.all().channels
    assert (answer.is_enabled, answer.disabled_because) == (False, "It answers 410 Gone.")
    answer, _ = stack.put()
    assert (answer.is_enabled, answer.disabled_because) == (True, None)


def test_a_removed_channel_leaves_no_secret(stack: Stack) -> None:
    stack.put()
    stack.told("hook", 1)
    stack.editor.remove("hook", ALICE)
    assert (stack.kept(), stack.settings().channels) == ({}, ())
    assert stack.stores.of(DeliveryStore).health() == {}
    with pytest.raises(NotFoundError, match="no channel 'hook'"):
        stack.editor.remove("hook", ALICE)
    assert [change.what for change in stack.stores.of(NotificationStore).changes(9)].count("channel_removed") == 1


def test_a_channel_that_rules_name_is_not_removed(stack: Stack) -> None:
    """A rule without channels would tell nobody."""
    stack.put()
    rules = (Rule(kinds=("burn",), channels=("hook",)), Rule(channels=("hook",)))
    body = NotificationsBody(rules=rules, quiet_hours=None, digest=Digest(channels=("hook",)), thresholds=Thresholds())
    Notifications(stack.stores).set(body, ALICE, if_match="*")
    with pytest.raises(ConflictError, match="rule 1, rule 2, the digest"):
        stack.editor.remove("hook", ALICE)
    assert list(stack.kept()) == ["/slo/channels/hook"]


def test_a_test_message_is_an_order_in_the_queue(stack: Stack) -> None:
    stack.put(language="zh")
    sent = stack.editor.test("hook", ALICE)
    [message] = boto3.client("sqs").receive_message(QueueUrl=stack.queue_url)["Messages"]
    order = Order(channel="hook", kind="webhook", language="zh", order_id=sent.order_id)
    assert delivery.decode(message["Body"]) == order
    assert (order.what, order.order_id.partition(".")[0]) == ("test", "test")
    with pytest.raises(NotFoundError):
        stack.editor.test("nobody", ALICE)
    stack.put(is_enabled=False)
    with pytest.raises(ConflictError, match="disabled"):
        stack.editor.test("hook", ALICE)


def test_a_token_for_some_clusters_changes_no_channel(stack: Stack) -> None:
    stack.put()
    with pytest.raises(ForbiddenError, match="need a token for all clusters"):
        stack.put(by=OF_C1)
    for change in (stack.editor.remove, stack.editor.test):
        with pytest.raises(ForbiddenError):
            change("hook", OF_C1)
    assert [channel.name for channel in stack.editor.all().channels] == ["hook"]


def test_a_channels_health_is_shown(stack: Stack) -> None:
    stack.put()
    stack.told("hook", 1)
    stack.told("hook", 5, status="retrying", delivered_at=None, last_error="It answered 500.")
    [answer] = stack.editor.all().channels
    assert (answer.last_delivered_at, answer.last_failed_at) == (utc(T0 + 2), utc(T0 + 6))
    assert (answer.last_error, answer.failing_since, answer.pending) == ("It answered 500.", utc(T0 + 6), None)


def test_deliveries_of_all_channels_are_listed_newest_first(stack: Stack) -> None:
    stack.put("a")
    stack.put("b")
    for number, channel in enumerate("abab"):
        stack.told(channel, number)
    stack.told("a", 9, None)
    stack.told("b", 8, "c2", status="failed", delivered_at=None, last_error="No such channel.")
    deliveries = Deliveries(stack.stores)

    def listed(by: Grant = ALICE, **asked: Any) -> list[str]:
        return [each.order_id for each in deliveries.seen_by(DeliveriesParameters(**asked), by).deliveries]

    assert listed() == ["test.9", "i8.1", "i3.1", "i2.1", "i1.1", "i0.1"]
    assert listed(limit=2) == ["test.9", "i8.1"]
    assert listed(channel="b") == ["i8.1", "i3.1", "i1.1"]
    assert listed(OF_C1) == ["test.9", "i3.1", "i2.1", "i1.1", "i0.1"]
    failed = deliveries.seen_by(DeliveriesParameters(channel="b", limit=1), ALICE).deliveries[0]
    assert (failed.status, failed.cluster_id, failed.last_error) == ("failed", "c2", "No such channel.")
    assert (failed.first_attempt_at, failed.delivered_at) == (utc(T0 + 8), None)
