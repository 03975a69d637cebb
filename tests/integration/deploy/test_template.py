"""What template.yaml promises to its operators."""

import json
import re
import time
import tomllib
from typing import Any

import pytest

from bench.cost import fixed, total
from bench.stack import read
from lab.cloud.cloudformation import resources, translated
from lab.cloud.tables import template
from lab.paths import ROOT
from slo.notifications.delivery import MAX_ATTEMPTS, wait_seconds
from slo.runtime import observability
from slo.times import DAY_SECONDS

REBUILT = {"RouteMapTable", "RawTable"}
"""The next snapshot rebuilds the route map, and raw data expires after two days by design."""

TABLES = [name for name, item in template()["Resources"].items() if item["Type"] == "AWS::DynamoDB::Table"]


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    return {name: item for name, item in resources().items() if item["Type"] == kind}


def own_metrics() -> set[str]:
    return {value for name, value in vars(observability).items() if name.isupper() and name != "NAMESPACE"}


def board() -> str:
    (dashboard,) = of_type("AWS::CloudWatch::Dashboard").values()
    return str(dashboard["Properties"]["DashboardBody"]["Fn::Sub"])


def test_the_api_has_one_stage_and_no_other() -> None:
    """A second stage would be outside the throttle, the firewall and the alarms."""
    (stage,) = of_type("AWS::ApiGateway::Stage").values()
    assert stage["Properties"]["StageName"] == {"Ref": "Stage"}
    assert stage["Properties"]["MethodSettings"][0]["ThrottlingRateLimit"] == 200
    (deployment,) = of_type("AWS::ApiGateway::Deployment").values()
    assert "StageName" not in deployment["Properties"]


def test_each_deployment_of_the_stack_deploys_the_api() -> None:
    """CorsOrigin reaches the gateway's own answers, though it changes no line of the template."""
    (first,) = of_type("AWS::ApiGateway::Deployment")
    time.sleep(1.1)
    again = translated()
    assert [name for name, item in again.items() if item["Type"] == "AWS::ApiGateway::Deployment"] != [first]


def test_an_unknown_path_or_method_comes_to_a_function_of_ours() -> None:
    """The gateway's own answer to it is 403 if the request has a token."""
    (api,) = of_type("AWS::ApiGateway::RestApi").values()
    any_method = api["Properties"]["Body"]["paths"]["/{proxy+}"]["x-amazon-apigateway-any-method"]
    assert any_method["security"] == [{"Token": []}], "nobody without a token starts a function with it"
    assert "QueryFunction" in json.dumps(any_method["x-amazon-apigateway-integration"])


def test_every_parameter_is_grouped_labelled_and_described() -> None:
    interface = template()["Metadata"]["AWS::CloudFormation::Interface"]
    parameters = template()["Parameters"]
    grouped = [name for group in interface["ParameterGroups"] for name in group["Parameters"]]
    assert sorted(grouped) == sorted(parameters) == sorted(interface["ParameterLabels"])
    assert not [name for name, item in parameters.items() if name not in ("LogLevel",) and not item.get("Description")]


@pytest.mark.parametrize("name", TABLES)
def test_a_table_that_cannot_be_rebuilt_is_protected_kept_and_can_be_restored(name: str) -> None:
    table = resources()[name]
    is_protected = "DeletionProtectionEnabled" in table["Properties"]
    can_be_restored = "PointInTimeRecoverySpecification" in table["Properties"]
    kept = (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    assert {is_protected, can_be_restored, kept} == {name not in REBUILT}


def test_an_alarm_about_our_own_metrics_names_one_that_is_sent() -> None:
    alarms = of_type("AWS::CloudWatch::Alarm").values()
    names = {item["Properties"]["MetricName"] for item in alarms if item["Properties"]["Namespace"] == "IngressSlo"}
    assert names == own_metrics(), "each metric costs 0.30 dollars a month, and only an alarm is worth it"
    assert observability.NAMESPACE == "IngressSlo"


def test_our_metrics_are_those_of_this_stack_alone() -> None:
    """Two stacks in one account send the same metrics."""
    stack = {"Name": "stack", "Value": {"Ref": "AWS::StackName"}}
    alarms = [item["Properties"] for item in of_type("AWS::CloudWatch::Alarm").values()]
    assert all(stack in alarm["Dimensions"] for alarm in alarms if alarm["Namespace"] == "IngressSlo")
    shown = re.findall(r'\["IngressSlo",[^]]*', board())
    assert shown
    assert [row for row in shown if '"stack", "${AWS::StackName}"' not in row] == []


def test_a_metric_names_its_stack(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("STACK_NAME", "ingress-slo")
    monkeypatch.delenv("POWERTOOLS_METRICS_DISABLED", raising=False)
    sent = observability.metrics("rollup")
    sent.add_metric(observability.WRITES_REFUSED, "Count", 1)
    sent.flush_metrics()
    document = json.loads(capsys.readouterr().out)
    sent.clear_default_dimensions()
    assert document["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["stack", "service"]]
    assert document["stack"] == "ingress-slo"


def test_no_metric_has_a_dimension_for_each_cluster() -> None:
    text = json.dumps([item["Properties"] for item in of_type("AWS::CloudWatch::Alarm").values()]) + board()
    assert "cluster_id" not in text


def test_the_operations_dashboard_shows_every_alarm_and_every_metric_of_ours() -> None:
    shown = set(re.findall(r"\$\{(\w+Alarm)\.Arn\}", board()))
    assert shown == set(of_type("AWS::CloudWatch::Alarm"))
    assert own_metrics() == set(re.findall(r'"IngressSlo", "(\w+)"', board()))


def test_the_operations_dashboard_is_json_once_names_are_filled_in() -> None:
    body = json.loads(re.sub(r"\$\{[^}]+\}", "x", board()))
    metrics = [widget["properties"]["metrics"] for widget in body["widgets"] if widget["type"] == "metric"]
    assert all(isinstance(row[0], str) for rows in metrics for row in rows)
    tables = set(re.findall(r'"TableName", "\$\{(\w+)\}"', board()))
    assert tables == set(of_type("AWS::DynamoDB::Table"))
    assert set(re.findall(r'"FunctionName", "\$\{(\w+)\}"', board())) == set(of_type("AWS::Lambda::Function"))


def test_every_alarm_tells_somebody_and_says_what_is_wrong() -> None:
    for alarm in of_type("AWS::CloudWatch::Alarm").values():
        properties = alarm["Properties"]
        assert properties["AlarmActions"] == properties["OKActions"] != []
        assert properties["AlarmDescription"].endswith(".")


def test_every_alarm_is_explained_in_the_documentation() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    explained = re.findall(r"^### (\w+Alarm)$", page, re.MULTILINE)
    assert sorted(explained) == sorted(of_type("AWS::CloudWatch::Alarm"))


MOST_DOLLARS_A_MONTH = 2.50


def test_a_deployment_costs_little_before_its_first_cluster() -> None:
    """At list price, which AWS's free tier covers if nothing else uses it."""
    assert 1 < total(fixed(read())) <= MOST_DOLLARS_A_MONTH


def test_a_dispatch_that_fails_or_does_not_start_is_seen_by_the_age_of_the_figures() -> None:
    alarm = of_type("AWS::CloudWatch::Alarm")["RollupLagAlarm"]["Properties"]
    assert (alarm["MetricName"], alarm["TreatMissingData"]) == ("RollupLag", "breaching")


@pytest.mark.parametrize("function", ["DispatchFunction", "EvaluateFunction"])
def test_what_runs_every_few_minutes_is_not_retried_for_hours(function: str) -> None:
    every = [item["Properties"] for item in of_type("AWS::Lambda::EventInvokeConfig").values()]
    (settings,) = [item for item in every if item["FunctionName"] == {"Ref": function}]
    assert (settings["MaximumRetryAttempts"], settings["MaximumEventAgeInSeconds"]) == (0, 240)
    schedule = of_type("AWS::Scheduler::Schedule")[f"{function}Schedule"]["Properties"]
    assert schedule["Target"]["RetryPolicy"] == {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 240}


NEW_ACCOUNTS_EXECUTIONS = 10


def test_rollup_leaves_room_for_agents_and_readers_in_a_new_account() -> None:
    queue = of_type("AWS::Lambda::EventSourceMapping")["RollupFunctionCluster"]
    assert queue["Properties"]["ScalingConfig"]["Fn::If"][1] == {
        "MaximumConcurrency": {"Ref": "RollupMaximumConcurrency"}
    }
    assert 2 <= int(template()["Parameters"]["RollupMaximumConcurrency"]["Default"]) <= NEW_ACCOUNTS_EXECUTIONS // 4


def test_an_order_is_tried_for_about_a_day_and_then_raises_the_alarm_of_dead_letters() -> None:
    """Until then it waits in the queue, and no other order waits for it."""
    queue, function = resources()["DeliveryQueue"]["Properties"], resources()["DeliverFunction"]["Properties"]
    assert queue["RedrivePolicy"]["maxReceiveCount"] == MAX_ATTEMPTS
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": ["DeadLetterQueue", "Arn"]}
    waits = sum(wait_seconds(attempts) for attempts in range(1, MAX_ATTEMPTS))
    assert 0.9 * DAY_SECONDS < waits < queue["MessageRetentionPeriod"] - DAY_SECONDS
    assert queue["VisibilityTimeout"] >= 6 * function["Timeout"], "AWS's advice for a queue that starts a function"
    assert function["Timeout"] > resources()["DeliverAppriseFunction"]["Properties"]["Timeout"]


def test_a_quiet_queue_of_orders_is_polled_by_two_and_not_by_five() -> None:
    """A maximum of its own would more than double what the polling costs (docs/decisions/0016)."""
    mapping = of_type("AWS::Lambda::EventSourceMapping")["DeliverFunctionOrder"]["Properties"]
    assert "ScalingConfig" not in mapping
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_lambda_never_filters_the_line_of_a_metric() -> None:
    """It has no level, and Lambda takes it for INFO."""
    assert template()["Conditions"]["IsDebug"] == ["LogLevel", "DEBUG"]
    for function in of_type("AWS::Lambda::Function").values():
        logging = function["Properties"]["LoggingConfig"]
        assert (logging["LogFormat"], logging["SystemLogLevel"]) == ("JSON", "WARN")
        assert logging["ApplicationLogLevel"] == {"Fn::If": ["IsDebug", "DEBUG", "INFO"]}


ACCOUNT_WIDE = {"AWS::CloudWatch::Dashboard": "DashboardName", "AWS::IAM::Role": "RoleName"}
"""Kinds whose names are the account's, whatever the region; the others' are a region's."""


@pytest.mark.parametrize(("kind", "name"), ACCOUNT_WIDE.items())
def test_a_name_of_the_whole_account_has_the_region_in_it(kind: str, name: str) -> None:
    named = [item["Properties"].get(name, "${AWS::Region}") for item in of_type(kind).values()]
    assert named
    assert all("${AWS::Region}" in json.dumps(each) for each in named), "or AWS makes the name"


def test_tracing_is_off_unless_asked_for_and_functions_run_on_arm() -> None:
    parameters = template()["Parameters"]
    assert parameters["Tracing"]["Default"] == "off"
    assert parameters["Architecture"]["Default"] == "arm64"


def test_what_costs_by_the_month_is_off_unless_asked_for() -> None:
    parameters = template()["Parameters"]
    assert (parameters["Waf"]["Default"], parameters["OperationsDashboard"]["Default"]) == ("off", "false")
    assert "SSESpecification" not in json.dumps(of_type("AWS::DynamoDB::Table"))


NAMED_BY_LOGICAL_ID = {
    "AWS::Lambda::LayerVersion": "LayerName",
    "AWS::Scheduler::Schedule": "Name",
    "AWS::WAFv2::WebACL": "Name",
}
"""Kinds whose generated name does not begin with the stack's name, and the property that names them."""


@pytest.mark.parametrize(("kind", "name"), NAMED_BY_LOGICAL_ID.items())
def test_two_stacks_in_one_account_do_not_meet(kind: str, name: str) -> None:
    named = [item["Properties"][name] for item in of_type(kind).values()]
    assert named
    assert all("AWS::StackName" in json.dumps(each) for each in named)


def test_every_profile_tags_what_it_makes() -> None:
    profiles = tomllib.loads((ROOT / "samconfig.toml").read_text())
    tags = {name: profile["deploy"]["parameters"]["tags"] for name, profile in profiles.items() if name != "version"}
    assert set(tags) == {"default", "prod", "dev", "local"}
    assert all("project=ingress-slo" in each for each in tags.values())
