"""The checks of the AWS account, against a stack in moto, and of the cluster, against an API over HTTP."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from integration.agent.test_traefik_pods import INSTALLED, pod
from moto import mock_aws

from ingress_slo.doctor.account import check_account
from ingress_slo.doctor.cluster import check_kubernetes
from ingress_slo.doctor.findings import Finding
from ingress_slo.stack import Stack
from lab.cloud.tables import create_tables
from lab.cluster.api import StandInApi
from lab.cluster.builders import ingress_class
from lab.paths import ROOT

REGION = "eu-central-1"
URL = f"https://abc123.execute-api.{REGION}.amazonaws.com/prod"
NOW = 1_800_000_000.0
OUTPUTS = {"ApiUrl": URL, "ApiId": "abc123"}
ALARM = {
    "AlarmName": "ingress-slo-WritesRefusedAlarm-1A2B3C",
    "ComparisonOperator": "GreaterThanThreshold",
    "EvaluationPeriods": 1,
    "MetricName": "WritesRefused",
    "Namespace": "ingress-slo",
    "Period": 300,
    "Statistic": "Sum",
    "Threshold": 0.0,
}


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION)


def deployed(*, topic: str = "") -> Stack:
    """A stack with one alarm and the table of tokens, found as CloudFormation would answer."""
    client("cloudwatch").put_metric_alarm(**ALARM, AlarmActions=[topic] if topic else [])
    tokens = create_tables(client("dynamodb"))["TOKENS_TABLE"]
    stack = Stack("ingress-slo", REGION)
    outputs = [{"OutputKey": name, "OutputValue": value} for name, value in OUTPUTS.items()]
    vars(stack)["_description"] = {"Outputs": outputs}
    vars(stack)["_resources"] = {"WritesRefusedAlarm": ALARM["AlarmName"], "TokensTable": tokens}
    return stack


@pytest.fixture(autouse=True)
def account() -> Iterator[None]:
    with mock_aws():
        yield


def found(stack: Stack, url: str = URL) -> dict[str, Finding]:
    return {each.check: each for each in check_account(stack, url, "c1", NOW)}


def test_without_access_to_the_stack_it_says_what_is_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "Not you."}}, "DescribeStacks")

    def refused(*_: object) -> str:
        raise denied

    monkeypatch.setattr(Stack, "output", refused)
    [finding] = check_account(Stack("ingress-slo", REGION), URL, "c1", NOW)
    assert (finding.check, finding.state) == ("AWS", "warning")
    assert "deploy/operator-policy.json" in finding.says


@pytest.mark.parametrize(
    ("url", "state"),
    [
        (URL, "ok"),
        ("http://127.0.0.1:4566/restapis/abc123/prod/_user_request_", "ok"),
        ("https://xyz987.execute-api.us-east-1.amazonaws.com/prod", "failed"),
    ],
)
def test_an_address_of_another_stack_or_region_is_refused(url: str, state: str) -> None:
    finding = found(deployed(), url)["AWS"]
    assert finding.state == state
    assert ("AWS_DEFAULT_REGION" in finding.todo) == (state == "failed")


def test_alarms_without_a_reader_are_named_and_so_is_one_that_fires() -> None:
    stack = deployed()
    assert found(stack)["alarms"].says == "nobody is told when one fires"
    assert "WritesRefusedAlarm" not in found(stack)
    client("cloudwatch").set_alarm_state(AlarmName=ALARM["AlarmName"], StateValue="ALARM", StateReason="test")
    assert found(stack)["WritesRefusedAlarm"].todo == "See docs/operations.md#writesrefusedalarm."


def test_a_reader_who_has_not_confirmed_is_no_reader() -> None:
    topic = client("sns").create_topic(Name="ingress-slo-alarms")["TopicArn"]
    stack = deployed(topic=topic)
    assert found(stack)["alarms"].says == "nobody subscribed to their topic"
    client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="you@example.com")
    assert found(stack)["alarms"].state == "ok"


@pytest.mark.parametrize(
    ("subscriptions", "state"),
    [(["PendingConfirmation"], "warning"), (["PendingConfirmation", "arn:aws:sns:eu-central-1:1:a:b"], "ok")],
)
def test_the_mail_that_aws_sends_first_must_be_confirmed(
    subscriptions: list[str], state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Moto confirms every subscription at once; AWS lists one that waits with this word instead of its ARN."""
    topic = client("sns").create_topic(Name="ingress-slo-alarms")["TopicArn"]
    stack = deployed(topic=topic)
    answer = {"Subscriptions": [{"SubscriptionArn": each} for each in subscriptions]}
    answering(monkeypatch, "sns", "list_subscriptions_by_topic", answer)
    assert found(stack)["alarms"].state == state


def answering(monkeypatch: pytest.MonkeyPatch, service: str, operation: str, answer: dict[str, Any]) -> None:
    """Let one operation of a service answer so."""

    def made(_: Stack, name: str) -> Any:
        real = client(name)
        if name == service:
            setattr(real, operation, lambda **_: answer)
        return real

    monkeypatch.setattr(Stack, "client", made)


@pytest.mark.parametrize(("limit", "state"), [(10, "warning"), (1_000, "ok")])
def test_the_ten_executions_of_a_new_account_are_said(limit: int, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = deployed()
    answering(monkeypatch, "lambda", "get_account_settings", {"AccountLimit": {"ConcurrentExecutions": limit}})
    finding = found(stack)["executions"]
    assert finding.state == state
    assert f"{limit:,}" in finding.says


def test_the_operators_policy_allows_what_the_checks_ask_for(monkeypatch: pytest.MonkeyPatch) -> None:
    statements = json.loads((ROOT / "deploy" / "operator-policy.json").read_text())["Statement"]
    topic = client("sns").create_topic(Name="ingress-slo-alarms")["TopicArn"]
    stack = deployed(topic=topic)
    asked: set[str] = set()

    def made(_: Stack, name: str) -> Any:
        real = client(name)
        real.meta.events.register("before-call", lambda model, **_: asked.add(f"{name}:{model.name}"))
        return real

    monkeypatch.setattr(Stack, "client", made)
    found(stack)
    assert asked == {"cloudwatch:DescribeAlarms", "sns:ListSubscriptionsByTopic", "lambda:GetAccountSettings"}
    assert asked <= {action for each in statements for action in each["Action"]}


def test_a_pod_with_traefiks_label_that_the_agent_leaves_out_is_named(tmp_path: Path) -> None:
    objects = [pod("traefik", "traefik-a", 9), pod("tenant", "fake", 9), ingress_class("traefik", **INSTALLED)]
    with StandInApi(objects) as api:
        environ = {"KUBECONFIG": str(api.write_kubeconfig(tmp_path / "kubeconfig")), "TRAEFIK_API": "off"}
        said = [each for each in check_kubernetes(environ, "c1", 1, NOW) if each.check == "Traefik's pods"]
    assert [each.state for each in said] == ["warning", "ok"]
    assert "tenant/fake" in said[0].says
    assert said[1].says == "traefik/traefik-a"
