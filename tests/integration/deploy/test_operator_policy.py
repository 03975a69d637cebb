"""The operator's policy grants exactly what the operator's command uses and what docs/operations.md says to do."""

import json
import re
from collections import defaultdict
from pathlib import Path

import boto3
import pytest
from integration.atlhyper import OldDatabase
from integration.command import operate, run
from integration.use_cases import CLUSTER, T0, UseCases, process, route, row, snapshot

from lab.cloud.dynamodb_local import every_client
from lab.cloud.permissions import PermissionRecorder
from lab.paths import ROOT

STATEMENTS = json.loads((ROOT / "deploy" / "operator-policy.json").read_text())["Statement"]
GRANTED = {action for statement in STATEMENTS for action in statement["Action"]}
FINDS_AND_STARTS = {"cloudformation:DescribeStacks", "cloudformation:ListStackResources", "lambda:InvokeFunction"}
"""Find the stack, and start a function that its schedule could not start: `tests/e2e/test_operate.py` does both."""
SAM = {"sam logs": {"logs:DescribeLogStreams", "logs:FilterLogEvents"}}
"""What SAM asks for (samcli/commands/logs/puller_factory.py, samcli/lib/observability/cw_logs/cw_log_puller.py)."""
SEES = {f"cloudwatch:{name}" for name in ("DescribeAlarms", "GetMetricData", "ListMetrics")}
SEES |= {f"cloudwatch:{name}" for name in ("GetDashboard", "ListDashboards")}
"""What the page tells to look at in the console: alarms, metrics of a table and of the queue, the dashboard."""
PAGE = (ROOT / "docs" / "operations.md").read_text()
OUR_COMMANDS = {"clean-up", "clusters", "dead-letters", "migrate", "restore", "rollup", "tokens"}
"""The commands below, each with everything that it can do."""
NEEDS_A_TOKEN = {"burn-rates", "doctor", "export", "routes", "status-history", "tree"}
NEEDS_A_TOKEN |= {"channels", "incidents", "mute", "notifications"}
NEEDS_A_TOKEN |= {"budget", "exclusions", "objectives", "objectives-in-git", "report"}
"""They ask the API, and AWS for nothing but the stack's names and what DOCTOR says."""
DOCTOR = {"lambda:GetAccountSettings", "sns:ListSubscriptionsByTopic"}
"""What `doctor` asks for beyond this (tests/integration/cli/test_doctor.py)."""


@pytest.fixture
def recorder() -> PermissionRecorder:
    return PermissionRecorder(defaultdict(lambda: "ours"))


def fail_once(backend: UseCases, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the queues that the command finds, with a dead letter."""
    queues = boto3.client("sqs", region_name=backend.region)
    for variable in ("ROLLUP_QUEUE", "DEAD_LETTER_QUEUE"):
        monkeypatch.setenv(variable, queues.create_queue(QueueName=variable)["QueueUrl"])
    dead = queues.get_queue_url(QueueName="DEAD_LETTER_QUEUE")["QueueUrl"]
    queues.send_message(QueueUrl=dead, MessageBody=json.dumps({"cluster_id": CLUSTER}))


def lose_books(backend: UseCases) -> None:
    """Delete ledgers and statuses, so that there is something to book again."""
    for ledger in list(backend.ledgers.between(CLUSTER, T0 - 400, T0 + 700))[1:]:
        backend.ledgers.delete(CLUSTER, ledger.at)
    backend.statuses.clear(CLUSTER, T0 + 1, 2**31)


def do_everything(old: Path) -> list[list[str]]:
    """Run each command that uses tables or queues."""
    made = run("tokens", "create", "--scope", "read")
    assert made.code == 0, made.err
    [token] = json.loads(run("tokens", "list", "--json").out)
    commands = [
        ["tokens", "rotate", token["id"]],
        ["tokens", "revoke", token["id"]],
        ["migrate", str(old), "--cluster", f"old={CLUSTER}"],
        ["rollup", "--cluster", CLUSTER],
        ["clean-up"],
        ["restore"],
        ["dead-letters", "list"],
        ["dead-letters", "replay"],
    ]
    for arguments in commands:
        done = run(*arguments)
        assert done.code == 0, f"{arguments}: {done.err}"
    return commands


def told() -> set[str]:
    """The actions of the page's own AWS commands, such as `aws lambda put-function-concurrency`."""
    found = re.findall(r"\baws ([a-z]+)\s+([a-z-]+)", PAGE)
    actions = {f"{service}:{name.title().replace('-', '')}" for service, name in found}
    return actions.union(*(asked for command, asked in SAM.items() if command in PAGE))


def test_an_operator_may_run_every_command_that_the_page_names() -> None:
    assert {"lambda:PutFunctionConcurrency", "dynamodb:RestoreTableToPointInTime", "logs:FilterLogEvents"} <= told()
    assert told() - GRANTED == set()
    assert set(re.findall(r"\bsam [a-z]+", PAGE)) == set(SAM)
    commands = (ROOT / "cli" / "ingress_slo" / "commands").glob("[a-z]*.py")
    assert {file.stem.replace("_", "-") for file in commands} == OUR_COMMANDS | NEEDS_A_TOKEN
    assert set(re.findall(r"^(?:`)?ingress-slo ([a-z-]+)", PAGE, re.MULTILINE)) <= OUR_COMMANDS | NEEDS_A_TOKEN


def test_the_policy_grants_what_the_command_asks_for_and_nothing_else(
    recorder: PermissionRecorder, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slo.store.bodies.PART_BYTES", 120)
    with every_client(recorder.register):
        backend: UseCases = request.getfixturevalue("moto_backend")
        routes = (route("shop.example.com"), route("blog.example.com"))
        for number in range(6):
            at = T0 + 100 * number
            rows = [row(info.router_keys[0], 10 * number, number) for info in routes]
            backend.push(snapshot(at, [process(rows, at, T0 - 500)], routes), at=at + 1 + 120 * (number == 3))
        backend.roll_up(T0 + 700)
        lose_books(backend)
        old = OldDatabase(tmp_path / "old.db")
        old.map("shop.example.com", "/", "ns-svc-80@kubernetes")
        for hour in range(T0 // 3600 * 3600 - 5 * 3600, T0 - 3600, 3600):
            old.hour("ns-svc-80@kubernetes", hour, 100, 1)
        old.close()
        fail_once(backend, monkeypatch)
        operate(backend, monkeypatch)
        with recorder.of("operator"):
            assert {command[0] for command in do_everything(old.file)} | {"clusters"} == OUR_COMMANDS
            backend.now += 3_600
            assert run("clusters", "remove", CLUSTER, "--yes").code == 0
    asked = {permission.action for permission in recorder.asked["operator"]}
    assert asked | FINDS_AND_STARTS | SEES | DOCTOR | told() == GRANTED


def test_it_reaches_stacks_of_our_name_only() -> None:
    """Metrics and alarms are only seen, and AWS does not limit that to a resource."""
    broad = [item for item in STATEMENTS if not all("ingress-slo*" in resource for resource in item["Resource"])]
    assert [(item["Sid"], set(item["Action"])) for item in broad] == [
        ("LookAtAlarmsAndMetrics", SEES | {"lambda:GetAccountSettings"})
    ]
