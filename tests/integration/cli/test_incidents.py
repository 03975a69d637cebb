"""The commands for incidents, channels, mutes and rules, against the functions' own API over HTTP."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from integration.app.test_incidents import DAY, incident, keep
from integration.cli.api_server import MANAGER, ApiServer
from integration.command import Done, run
from integration.use_cases import CLUSTER, T0, snapshot

from lab.cloud.embedded import Embedded
from slo.incidents.incident import FailingRoute, Incident, RouteChange, Step
from slo.notifications.delivery import Delivery, decode
from slo.store.deliveries import DeliveryStore

SECRET = "whsec_" + "A" * 44
HOOK = json.dumps({"url": "https://hooks.example.com/x", "secrets": [SECRET]})


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    """An API that takes changes, on moto, which has SSM and SQS as well."""
    with Embedded() as embedded:
        embedded.now = T0
        monkeypatch.setenv("STACK_NAME", "ingress-slo")
        monkeypatch.setenv("DELIVERY_QUEUE_URL", boto3.client("sqs").create_queue(QueueName="delivery")["QueueUrl"])
        with ApiServer(embedded, takes_changes=True) as running:
            running.tokens[MANAGER] = ()
            running.managers.add(MANAGER)
            yield running


def manage(server: ApiServer, *arguments: str, stdin: str = "") -> Done:
    return run(*arguments, env={"INGRESS_SLO_URL": server.url, "INGRESS_SLO_TOKEN": MANAGER}, stdin=stdin)


@pytest.fixture
def watched(server: ApiServer) -> ApiServer:
    """A cluster with an incident that is resolved, and one that is not."""
    server.embedded.push(snapshot(T0, []))
    keep(server.embedded.stores, incident(0, steps=steps(0, "opened", "resolved")), ongoing(1))
    server.embedded.now = T0 + DAY + 600.0
    return server


def steps(day: int, *what: Any) -> tuple[Step, ...]:
    times = [T0 + day * DAY + 60.0 * number for number in range(len(what))]
    return tuple(
        Step(at=at, what=each, severity="page", requests=1_000, errors=800)
        for at, each in zip(times, what, strict=True)
    )


def ongoing(day: int, *what: Any, **changes: Any) -> Incident:
    given = {"resolved_at": None, "requests": 1_000, "errors": 800, "path_prefix": "/pay"}
    return incident(day, steps=steps(day, "opened", *what), **{**given, **changes})


def test_incidents_are_listed_with_what_is_not_resolved_first(watched: ApiServer) -> None:
    done = manage(watched, "incidents")
    head, first, second = done.out.splitlines()
    assert head.split() == ["STATUS", "SEVERITY", "KIND", "SUBJECT", "SINCE", "LASTED", "FAILED", "ID"]
    assert first.split()[:4] == ["open", "page", "outage", "shop.example.com/pay"]
    assert first.split()[-3:] == ["11m", "800/1,000", ongoing(1).incident_id]
    assert second.split()[0] == "resolved"
    assert manage(watched, "incidents", "list", "--cluster", CLUSTER).out == done.out
    assert len(manage(watched, "incidents", "--limit", "1").out.splitlines()) == 2
    [found] = json.loads(manage(watched, "incidents", "--status", "resolved", "--json").out)
    assert found["incident_id"] == incident(0).incident_id
    assert manage(watched, "incidents", "--domain", "blog.example.com").err == "There are no such incidents."


def test_an_incident_is_shown_with_its_steps(watched: ApiServer) -> None:
    changed = RouteChange(what="changed", path_prefix="/pay", service="pay-v2:80", before="pay:80")
    failing = FailingRoute(path_prefix="/pay", requests=1_000, errors=800)
    shown = ongoing(1, changes=(changed,), routes=(failing,), budget_spent=0.125)
    keep(watched.embedded.stores, shown)
    done = manage(watched, "incidents", "show", shown.incident_id)
    lines = done.out.splitlines()
    assert lines[0] == "shop.example.com/pay: outage, page, open"
    assert "800 of 1,000 requests failed" in lines[2]
    assert "cost 12.50% of the error budget" in lines
    assert any("opened" in line and shown.incident_id in line for line in lines)
    assert "fails: /pay  800 of 1,000 requests failed" in lines
    assert "changed before: /pay changed, pay:80 -> pay-v2:80" in lines
    unknown = manage(watched, "incidents", "show", "a/b c")
    assert (unknown.code, unknown.err.partition(":")[0]) == (1, "404")


def test_the_watch_tells_each_thing_once(watched: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line for what is open, then one for each step, in the order in which they happened."""
    acknowledged = ongoing(1, "acknowledged")
    resolved = ongoing(2, "resolved", resolved_at=T0 + 2 * DAY + 60.0)
    looks = iter([(), (acknowledged, ongoing(2)), (acknowledged, resolved)])

    def sleep(seconds: float) -> None:
        assert seconds == 15
        found = next(looks, None)
        if found is None:
            raise KeyboardInterrupt
        if found:
            keep(watched.embedded.stores, *found)

    monkeypatch.setattr("time.sleep", sleep)
    done = manage(watched, "incidents", "watch")
    told = [line.split("  ")[1:2] + line.split("  ")[-1:] for line in done.out.splitlines()]
    first, second = ongoing(1).incident_id, ongoing(2).incident_id
    assert told == [["opened", first], ["acknowledged", first], ["opened", second], ["resolved", second]]
    assert done.code == 130


def test_the_watch_goes_on_after_a_failure_and_prints_json_lines(
    watched: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, looks = watched.tokens.pop(MANAGER), 0
    watched.tokens[MANAGER] = token

    def sleep(_: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 1:
            del watched.tokens[MANAGER]
        elif looks == 2:
            watched.tokens[MANAGER] = token
            keep(watched.embedded.stores, ongoing(1, "escalated"))
        else:
            raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", sleep)
    done = manage(watched, "incidents", "watch", "--json")
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert [line["what"] for line in lines] == ["opened", "escalated"]
    assert lines[0]["subject"]["domain"] == "shop.example.com"
    assert "The next look is in 15 s" in done.err


def test_an_incident_is_acknowledged(watched: ApiServer) -> None:
    first = manage(watched, "incidents", "acknowledge", ongoing(1).incident_id)
    assert (first.code, first.err) == (
        0,
        "shop.example.com/pay is acknowledged by test since 2027-01-16 08:10:00Z.",
    )
    assert manage(watched, "incidents", "--status", "acknowledged").out.splitlines()[1].startswith("acknowledged")
    watched.managers.clear()
    refused = manage(watched, "incidents", "acknowledge", ongoing(1).incident_id)
    assert (refused.code, refused.err.partition(":")[0]) == (1, "403")


def test_what_is_resolved_is_not_acknowledged(watched: ApiServer) -> None:
    done = manage(watched, "incidents", "acknowledge", incident(0).incident_id)
    assert (done.code, "resolved already" in done.err) == (1, True)


def test_slow_requests_are_not_called_failed(watched: ApiServer) -> None:
    keep(watched.embedded.stores, ongoing(1, kind="latency"))
    assert "800 of 1,000 requests were too slow" in manage(watched, "incidents", "show", ongoing(1).incident_id).out


def test_channels_are_set_listed_and_removed(server: ApiServer) -> None:
    assert "nobody is told" in manage(server, "channels").err
    made = manage(server, "channels", "set", "hook", "--kind", "webhook", "--language", "zh", "--stdin", stdin=HOOK)
    assert (made.code, "is added" in made.err) == (0, True)
    bus = manage(server, "channels", "set", "bus", "--kind", "eventbridge", "--setting", "bus=ops")
    assert bus.code == 0, bus.err
    assert manage(server, "channels", "set", "hook", "--disable").code == 0
    rows = [line.split()[:4] for line in manage(server, "channels", "list").out.splitlines()]
    assert rows[1:] == [["bus", "eventbridge", "en", "works"], ["hook", "webhook", "zh", "disabled"]]
    listed = manage(server, "channels", "--json").out
    assert [channel["name"] for channel in json.loads(listed)] == ["bus", "hook"]
    assert SECRET not in listed
    assert manage(server, "channels", "remove", "hook").code == 1, "not confirmed"
    assert manage(server, "channels", "remove", "hook", "--yes").code == 0
    assert [channel["name"] for channel in json.loads(manage(server, "channels", "--json").out)] == ["bus"]
    kept = boto3.client("ssm").get_parameters_by_path(Path="/ingress-slo/channels")["Parameters"]
    assert [parameter["Name"] for parameter in kept] == ["/ingress-slo/channels/bus"]


@pytest.mark.parametrize(
    ("kind", "setting"),
    [
        ("webhook", f"secrets={SECRET}"),
        ("slack", "token=xoxb-1"),
        ("slack", "url=https://hooks.slack.com/services/T/B/x"),
        ("pagerduty", "routing_key=x"),
        ("apprise", "urls=ntfy://x"),
        ("email", "password=x"),
    ],
    ids=lambda text: text.partition("=")[0],
)
def test_a_secret_is_not_taken_from_the_command_line(server: ApiServer, kind: str, setting: str) -> None:
    done = manage(server, "channels", "set", "c", "--kind", kind, "--setting", setting)
    assert done.code == 2
    assert "--stdin" in done.err
    assert json.loads(manage(server, "channels", "--json").out) == []


@pytest.mark.parametrize("stdin", ["", "nonsense", "[1]"], ids=["empty", "text", "list"])
def test_settings_are_a_json_object(server: ApiServer, stdin: str) -> None:
    done = manage(server, "channels", "set", "c", "--kind", "webhook", "--stdin", stdin=stdin)
    assert (done.code, "standard input" in done.err) == (2, True)


def test_a_new_channel_needs_its_kind_and_an_error_names_the_setting(server: ApiServer) -> None:
    assert "--kind" in manage(server, "channels", "set", "c").err
    done = manage(server, "channels", "set", "c", "--kind", "webhook", "--setting", "url=https://hooks.example.com")
    assert (done.code, "secrets" in done.err) == (1, True)


@pytest.mark.parametrize(
    ("status", "error", "code", "said"),
    [
        ("delivered", None, 0, "hook took it"),
        ("retrying", "It answered 500.", 1, "did not take it: It answered 500. It is tried again."),
        ("failed", "It answered 404.", 1, "did not take it: It answered 404."),
    ],
    ids=["delivered", "retrying", "failed"],
)
def test_a_test_message_says_whether_it_arrived(
    server: ApiServer, monkeypatch: pytest.MonkeyPatch, status: Any, error: str | None, code: int, said: str
) -> None:
    manage(server, "channels", "set", "hook", "--kind", "webhook", "--stdin", stdin=HOOK)

    def deliver(seconds: float) -> None:
        """What the deliver function does meanwhile."""
        server.embedded.now += seconds
        url = boto3.client("sqs").get_queue_url(QueueName="delivery")["QueueUrl"]
        for message in boto3.client("sqs").receive_message(QueueUrl=url).get("Messages", []):
            order = decode(message["Body"])
            made = Delivery(
                order_id=order.order_id,
                channel=order.channel,
                what="test",
                attempts=1,
                status=status,
                first_attempt_at=server.embedded.now,
                delivered_at=None if error else server.embedded.now,
                last_error=error,
            )
            server.embedded.stores.of(DeliveryStore).note(made, server.embedded.now)

    monkeypatch.setattr("time.sleep", deliver)
    done = manage(server, "channels", "test", "hook")
    assert (done.code, said in done.err) == (code, True), done.err


def test_a_test_message_that_nobody_delivers_is_not_waited_for_forever(
    server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    manage(server, "channels", "set", "hook", "--kind", "webhook", "--stdin", stdin=HOOK)

    def sleep(seconds: float) -> None:
        server.embedded.now += seconds

    monkeypatch.setattr("time.sleep", sleep)
    done = manage(server, "channels", "test", "hook", "--wait", "5")
    assert (done.code, "not arrived within 5 s" in done.err) == (1, True)
    assert server.embedded.now == T0 + 5
    assert manage(server, "channels", "test", "hook", "--wait", "0").code == 0


def test_a_subject_is_muted_for_a_while(server: ApiServer) -> None:
    assert manage(server, "mute").err == "Nothing is muted."
    made = manage(
        server, "mute", "add", "--for", "2h", "--cluster", "c1", "--domain", "*.example.com", "--reason", "new racks"
    )
    assert made.code == 0, made.err
    head, row = manage(server, "mute", "list").out.splitlines()
    assert head.split() == ["ID", "CLUSTER", "DOMAIN", "PATH", "UNTIL", "BY", "REASON"]
    assert row.split()[1:4] == ["c1", "*.example.com", "-"]
    [mute] = json.loads(manage(server, "mute", "--json").out)
    assert (mute["until"], mute["muted_by"], mute["reason"]) == ("2027-01-15T10:00:00Z", "test", "new racks")
    assert manage(server, "mute", "remove", mute["mute_id"]).code == 0
    assert manage(server, "mute", "remove", mute["mute_id"]).err.startswith("404")
    until = manage(
        server, "mute", "add", "--until", "2027-01-16T06:00Z", "--reason", "move", "--path", "/pay", "--json"
    )
    made_until = json.loads(until.out)
    assert (made_until["until"], made_until["path_prefix"]) == ("2027-01-16T06:00:00Z", "/pay")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--reason", "x"),
        ("--reason", "x", "--for", "2h", "--until", "2027-01-16T06:00Z"),
        ("--for", "2h"),
        ("--reason", "x", "--for", "0h"),
        ("--reason", "x", "--until", "tomorrow"),
    ],
    ids=["no end", "two ends", "no reason", "no time", "no date"],
)
def test_a_mute_has_one_end_and_a_reason(server: ApiServer, arguments: tuple[str, ...]) -> None:
    assert manage(server, "mute", "add", *arguments).code == 2
    assert json.loads(manage(server, "mute", "--json").out) == []


def test_rules_are_edited_as_a_document(server: ApiServer) -> None:
    manage(server, "channels", "set", "bus", "--kind", "eventbridge")
    document = json.loads(manage(server, "notifications", "show").out)
    assert (document["version"], document["rules"]) == (0, [])
    document["rules"] = [{"severities": ["page"], "channels": ["bus"]}]
    edited = json.dumps(document)
    assert manage(server, "notifications", "set", "-", stdin=edited).code == 0
    again = manage(server, "notifications", "set", "-", stdin=edited)
    assert (again.code, again.err.partition(":")[0]) == (1, "412"), "someone has changed it since"
    quiet = {"quiet_hours": {"start": "22:00", "end": "07:00", "time_zone": "Europe/Berlin"}}
    assert manage(server, "notifications", "set", "-", stdin=json.dumps(quiet)).code == 0
    document = json.loads(manage(server, "notifications", "show").out)
    assert (document["rules"][0]["channels"], document["quiet_hours"]["start"]) == (["bus"], "22:00")
    wrong = manage(server, "notifications", "set", "-", stdin='{"rules": [{"channels": ["nobody"]}]}')
    assert (wrong.code, "rules[0].channels: There is no channel 'nobody'" in wrong.err) == (1, True)
    changes = json.loads(manage(server, "notifications", "changes", "--json").out)
    told = sorted((change["what"], change["about"]) for change in changes)
    assert told == [("channel_set", "bus"), ("rules_set", "quiet_hours"), ("rules_set", "rules")]
    assert "rules_set" in manage(server, "notifications", "changes").out


@pytest.mark.parametrize("text", ["", "rules: []", "[]"], ids=["empty", "yaml", "list"])
def test_the_document_is_a_json_object(server: ApiServer, text: str) -> None:
    assert manage(server, "notifications", "set", "-", stdin=text).code == 2
