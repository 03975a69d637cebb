"""Each function's role grants what its handler asks for, and nothing else.

A scenario runs every operation of every handler on moto. Items are split after a few bytes, so that the scenario also
uses what only very large clusters need.
"""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
import msgspec
import pytest
from integration.channels.receivers import receiver
from integration.functions.test_functions import event
from integration.use_cases import process, route, row, snapshot
from unit.slo.notifications.orders import notice, order

from lab.cloud.cloudformation import resources
from lab.cloud.dynamodb_local import every_client
from lab.cloud.embedded import Embedded
from lab.cloud.functions import LambdaContext, load_function
from lab.cloud.permissions import Permission, PermissionRecorder, granted, role_of
from lab.paths import ROOT
from slo.api.tokens import Token, bearer, token_hash
from slo.counting.books import Book, Step
from slo.counting.counts import Counts
from slo.counting.retention import FORGET_SECONDS
from slo.incidents.tracking import Tracked, Tracking
from slo.notifications import channel_settings
from slo.notifications.changes import Change
from slo.notifications.settings import Channel, ChannelKind, Settings
from slo.objectives.exclusions import Exclusion
from slo.objectives.targets import Subject
from slo.store.books import HourlyBooks
from slo.store.channel_secrets import ChannelSecrets
from slo.store.delivery_queue import DeliveryQueue
from slo.store.incidents import IncidentStore
from slo.store.notifications import NotificationStore
from slo.store.objectives import ObjectiveStore
from slo.store.tokens import TokenStore
from slo.times import DAY_SECONDS
from slo.traefik.snapshots import Certificate, IngressRouteInfo, Promise

CLUSTER = "events"
MIDNIGHT = 1_800_057_600
START = MIDNIGHT - 1800
EXPIRING = Certificate(common_name="shop.example.com", not_after=START + 5.0 * 86_400)
PROMISED = Promise(
    domain="shop.example.com", path_prefix="/", declared_by="IngressRoute shop/web", availability=0.99, channel="shop"
)
QUEUE = "rollup"
FUNCTIONS = sorted(file.parent.name for file in Path(ROOT / "functions").glob("*/app.py"))

STACK = "ingress-slo"
MAIL = "slo@example.com"
OUR_PARAMETERS = "parameter/${AWS::StackName}/channels/*"
KINDS: dict[str, ChannelKind] = {"bus": "eventbridge", "mail": "email", "rest": "apprise", "chat": "slack"}
KINDS |= {"gone": "webhook", "silent": "webhook"}
PARAMETERS = [f"/{STACK}/channels/{name}" for name in KINDS]
SERVICES = ("dynamodb", "events", "lambda", "sesv2", "sqs", "ssm")
FOR_MESSAGES = {
    "STACK_NAME": STACK,
    "DASHBOARD_URL": "https://slo.example.com/",
    "DELIVER_APPRISE_FUNCTION": "apprise",
    "ALLOW_PRIVATE_TARGETS": "true",
}

EVERY_FUNCTION = {Permission(action, "FunctionLogs") for action in ("logs:CreateLogStream", "logs:PutLogEvents")}
FOR_LAMBDA_ITSELF = {
    "clean_up": {Permission("sqs:SendMessage", "DeadLetterQueue")},
    "deliver": {
        Permission(f"sqs:{action}", "DeliveryQueue")
        for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
    },
    "evaluate": {
        *(Permission(f"dynamodb:{action}", "ClustersTable") for action in ("DescribeStream", "GetRecords")),
        Permission("dynamodb:GetShardIterator", "ClustersTable"),
        Permission("dynamodb:ListStreams", "*"),
    },
    "rollup": {
        Permission(f"sqs:{action}", "RollupQueue")
        for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
    },
}
"""Lambda reads the queue, and writes dead letters, with the function's role."""


class Scenario:
    """Runs every handler for one cluster, around the end of a day."""

    def __init__(self, embedded: Embedded, recorder: PermissionRecorder, queue_url: str) -> None:
        self.embedded, self.recorder, self.queue_url = embedded, recorder, queue_url

    def play(self) -> None:
        self._watch_a_cluster()
        self._set_objectives()
        self._read()
        self._evaluate()
        self._start_at_the_others()
        self._clean_up()
        self._edit_notifications()
        self._deliver()

    def _push(
        self,
        taken_at: float,
        routes: tuple[IngressRouteInfo, ...],
        requests: int,
        *,
        late: float = 0,
        promises: tuple[Promise, ...] = (),
    ) -> None:
        rows = [row(item.service_key, requests, requests // 10) for item in routes]
        processes = [process(rows, taken_at, START - 600)]
        told = {"certificates": (EXPIRING,), "promises": promises}
        seen = snapshot(taken_at, processes, routes, cluster_id=CLUSTER, **told)
        with self.recorder.of("ingest"):
            self.embedded.now = taken_at + 1 + late
            answer = load_function("ingest").handler(
                self.embedded.push_event(seen.__replace__(sent_at=self.embedded.now)), LambdaContext()
            )
        assert answer["statusCode"] == 202, answer["body"]

    def _roll_up(self, at: float) -> None:
        self.embedded.now = at
        with self.recorder.of("rollup"):
            answer = load_function("rollup").handler(event("rollup"), LambdaContext())
        assert answer == {"batchItemFailures": []}

    def _watch_a_cluster(self) -> None:
        """Routes and promises come and go, one snapshot is late, a worker dies before it is done, a day ends."""
        shop = tuple(route("shop.example.com", path) for path in ("/", "/cart", "/pay"))
        self._push(START, shop, 0, promises=(PROMISED,))
        self._exclude_a_time_of_long_ago()
        self._push(START + 60, shop[:2], 50)
        self._push(START + 120, shop, 90)
        self._roll_up(START + 400)
        self._push(START + 350, shop, 200, late=240)
        self._push(START + 700, shop, 1000)
        self._roll_up(START + 1000)
        for minute in range(20, 60, 10):
            self._push(START + 60 * minute, shop, 1000 + 100 * minute)
            self._roll_up(START + 60 * minute + 100)
        self._set_watermark_back(3600)
        self._roll_up(self.embedded.now + 1)

    def _exclude_a_time_of_long_ago(self) -> None:
        """One whose ends have no ledger any more: what its first hour held up to then is in the hour's book."""
        start = START - 20 * 86_400 + 600
        hour = start - start % 3600
        steps = tuple(Step(has_data=True, coverage=1.0, counts={1: Counts(codes={"200": 1})}) for _ in range(12))
        book = Book("shop.example.com", hour, 300, steps, {"/": (1,)})
        self.embedded.stores.of(HourlyBooks).put(CLUSTER, book, 1)
        excluded = Exclusion(
            exclusion_id="1",
            subject=Subject("shop.example.com"),
            start=start,
            end=start + 600.0,
            reason="moved",
            set_by="ops",
            set_at=START,
        )
        self.embedded.stores.of(ObjectiveStore).exclude(CLUSTER, excluded)

    def _set_watermark_back(self, seconds: int) -> None:
        """Leave the state of a worker that was killed just before its last write."""
        boto3.client("dynamodb").update_item(
            TableName=self.embedded.names["CLUSTERS_TABLE"],
            Key={"cluster_id": {"S": CLUSTER}},
            UpdateExpression="ADD watermark :less",
            ExpressionAttributeValues={":less": {"N": str(-seconds)}},
        )

    def _set_objectives(self) -> None:
        objectives, made = load_function("objectives"), event("objectives_set")
        unknown = json.dumps({**json.loads(made["body"]), "channel": "on-call"})
        with self.recorder.of("objectives"):
            refused = objectives.handler({**made, "body": unknown}, LambdaContext())
            set_ = objectives.handler(made, LambdaContext())
            headers = {**made["headers"], "If-Match": set_["multiValueHeaders"]["ETag"][0]}
            again = objectives.handler({**made, "headers": headers}, LambdaContext())
            headers = {**made["headers"], "If-Match": again["multiValueHeaders"]["ETag"][0]}
            listed, changes = (
                objectives.handler(self.embedded.get_event(f"/api/v2/slo/{path}", cluster_id=CLUSTER), LambdaContext())
                for path in ("objectives", "objective-changes")
            )
            deleted = objectives.handler(
                {**made, "httpMethod": "DELETE", "body": None, "headers": headers}, LambdaContext()
            )
        answers = (refused, set_, again, listed, changes, deleted)
        assert [answer["statusCode"] for answer in answers] == [400, 201, 200, 200, 200, 204]

    def _read(self) -> None:
        """Call every operation of the query function, and the history for each time range."""
        self._push(self.embedded.now + 60, (route("shop.example.com"),), 19_000)
        domain = "/api/v2/slo/domains/shop.example.com"
        asked: list[tuple[str, dict[str, str]]] = [
            (path, {}) for path in ("/api/v2/slo/domains", domain, f"{domain}/latency", f"{domain}/burn-rates")
        ]
        asked += [(f"{domain}/history", {"time_range": named}) for named in ("1d", "7d", "30d")]
        asked += [("/api/v2/slo/routes", {}), ("/api/v2/slo/routes", {"domain": "shop.example.com"})]
        asked += [("/api/v2/slo/incidents", {}), (f"/api/v2/slo/incidents/{self._incident()}", {})]
        asked += [("/api/v2/slo/statement", {"month": "2026-12", "verify": "true"})]
        asked += [("/api/v2/slo/status-history", {}), ("/api/v2/slo/clusters", {})]
        query = load_function("query")
        with self.recorder.of("query"):
            for path, parameters in asked:
                parameters = {"cluster_id": CLUSTER, **parameters}
                answer = query.handler(self.embedded.get_event(path, **parameters), LambdaContext())
                assert answer["statusCode"] == 200, answer["body"]
        assert json.loads(answer["body"])["clusters"]

    def _incident(self) -> str:
        """Open an incident and return its id."""
        kept = msgspec.structs.replace(notice().incident, cluster_id=CLUSTER, resolved_at=None, acknowledged_at=None)
        store = self.embedded.stores.of(IncidentStore)
        store.put(kept)
        tracking = Tracking(open={"any": Tracked(incident=kept, fired_at=kept.since)})
        store.put_watch(CLUSTER, msgspec.structs.replace(store.watch(CLUSTER, consistent=True), tracking=tracking))
        return kept.incident_id

    def _evaluate(self) -> None:
        """A domain falls silent, a week passes, and the agent falls silent."""
        store = self.embedded.stores.of(NotificationStore)
        settings = msgspec.structs.replace(Settings(), version=1, channels=(Channel(name="mail", kind="email"),))
        store.put(settings, 0, Change(at=START, what="rules_set", about="all"))
        function, pushed = load_function("evaluate"), event("evaluate")
        del pushed["Records"][0]["dynamodb"]["NewImage"]  # it is of another time: the function reads the item itself
        for _ in range(6):
            self._push(self.embedded.now + 300, (route("shop.example.com"),), 19_000)
            with self.recorder.of("evaluate"):
                function.handler(pushed, LambdaContext())
        monday = 345_600 + -(-(self.embedded.now - 345_600) // (7 * DAY_SECONDS)) * 7 * DAY_SECONDS
        self._push(monday + 9 * 3600, (route("shop.example.com"),), 19_000)
        with self.recorder.of("evaluate"):
            function.handler(pushed, LambdaContext())
            self.embedded.now += 400
            function.handler({}, LambdaContext())

    def _start_at_the_others(self) -> None:
        sent = event("authorize")
        token = Token(
            token_hash=token_hash(bearer(sent["authorizationToken"])), scope="read", label="t", created_at=START
        )
        self.embedded.stores.of(TokenStore).add(token)
        with self.recorder.of("authorize"):
            load_function("authorize").handler(sent, LambdaContext())
        with mock.patch.dict("os.environ", ROLLUP_QUEUE_URL=self.queue_url), self.recorder.of("dispatch"):
            load_function("dispatch").handler({}, LambdaContext())
        with self.recorder.of("dashboard"):
            load_function("dashboard").handler(event("dashboard"), LambdaContext())

    def _clean_up(self) -> None:
        """Clean up long after a route is gone, with one mapping lost."""
        self._push(self.embedded.now + 60, (route("shop.example.com"),), 20_000)
        database, table = boto3.client("dynamodb"), self._table("ROUTE_MAP")
        kept = database.scan(TableName=table)["Items"][0]
        database.delete_item(TableName=table, Key={name: kept[name] for name in ("cluster_id", "route_key")})
        self.embedded.now += FORGET_SECONDS + DAY_SECONDS
        with self.recorder.of("clean_up"):
            done = load_function("clean_up").handler(event("clean_up"), LambdaContext())
        assert done == {"clusters": 1}

    def _edit_notifications(self) -> None:
        """Every operation on channels, rules and mutes."""
        made, function = event("notifications_mute"), load_function("notifications")

        def call(method: str, path: str, body: Any = None) -> dict[str, Any]:
            sent: dict[str, Any] = {"queryStringParameters": {"cluster_id": CLUSTER} if "incidents" in path else None}
            sent |= {"path": f"/api/v2/slo/{path}", "httpMethod": method, "body": json.dumps(body) if body else None}
            headers = {**made["headers"], "If-Match": "*"}
            with self.recorder.of("notifications"):
                answer = function.handler({**made, **sent, "headers": headers}, LambdaContext())
            assert answer["statusCode"] < 300, answer["body"]
            return json.loads(answer["body"]) if answer["body"] else {}

        call("POST", f"incidents/{self._incident()}/acknowledge")
        call("PUT", "channels/bus", {"kind": "eventbridge"})
        call("POST", "channels/bus/test")
        rules: dict[str, Any] = {"rules": [], "quiet_hours": None, "digest": {}, "thresholds": {}}
        call("PUT", "notifications", rules)
        until = datetime.fromtimestamp(self.embedded.now + 60, UTC).isoformat()
        mute = call("POST", "mutes", {"until": until, "reason": "Planned work"})
        for path in ("channels", "notifications", "notifications/changes", "mutes", "deliveries"):
            call("GET", path)
        call("DELETE", f"mutes/{mute['mute_id']}")
        call("DELETE", "channels/bus")
        boto3.client("sqs").purge_queue(QueueUrl=os.environ["DELIVERY_QUEUE_URL"])

    def _deliver(self) -> None:
        """Tell a channel of each way to send, one of which is gone and one of which does not answer."""
        queue, apprise = DeliveryQueue(os.environ["DELIVERY_QUEUE_URL"]), event("deliver_apprise")
        with receiver() as receiving:
            receiving.reply = lambda request: (
                410 if request.path == "/gone" else 200,
                {},
                b'{"ok": true, "ts": "1.2"}',
            )
            self._make_channels(receiving.url)
            queue.send(order(notice(), kind=kind, channel=name) for name, kind in KINDS.items())
            received = boto3.client("sqs").receive_message(
                QueueUrl=os.environ["DELIVERY_QUEUE_URL"], MaxNumberOfMessages=10
            )["Messages"]
            with self.recorder.of("deliver"):
                load_function("deliver").handler({"Records": [_record(one) for one in received]}, LambdaContext())
        with self.recorder.of("deliver_apprise"):
            answer = load_function("deliver_apprise").handler({**apprise, "urls": ["nonsense://"]}, LambdaContext())
        assert answer["unknown"] == 1

    def _make_channels(self, url: str) -> None:
        hook = {"secrets": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}
        made: dict[str, dict[str, Any]] = {
            "bus": {},
            "mail": {"from": MAIL, "to": [MAIL]},
            "rest": {"urls": ["ntfy://topic"]},
            "chat": {"token": "xoxb-1", "channel": "C1", "url": url},
            "gone": {"url": f"{url}/gone", **hook},
            "silent": {"url": "http://127.0.0.1:9/", **hook},
        }
        channels = tuple(Channel(name=name, kind=kind) for name, kind in KINDS.items())
        secrets = ChannelSecrets(STACK)
        store = self.embedded.stores.of(NotificationStore)
        before = store.settings(consistent=True)
        after = msgspec.structs.replace(before, version=before.version + 1, channels=channels)
        store.put(after, before.version, Change(at=START, what="channel_set", about="all"))
        for name, settings in made.items():
            secrets.put(name, channel_settings.read(KINDS[name], settings, allow_private_targets=True))

    def _table(self, name: str) -> str:
        return self.embedded.names[f"{name}_TABLE"]


def _record(message: dict[str, Any]) -> dict[str, Any]:
    """A message of the queue as Lambda gives it to a function."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": {"ApproximateReceiveCount": "1"},
    }


@pytest.fixture(scope="module")
def asked() -> Iterator[dict[str, set[Permission]]]:
    known: dict[str, str] = {}
    recorder = PermissionRecorder(known)
    with (
        every_client(recorder.register, *SERVICES),
        mock.patch("slo.store.bodies.PART_BYTES", 60),
        Embedded() as embedded,
    ):
        queue_url = boto3.client("sqs").create_queue(QueueName=QUEUE)["QueueUrl"]
        orders_url = boto3.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
        known |= {name: name.partition("-")[2] for name in embedded.names.values()}
        known |= {queue_url: "RollupQueue", orders_url: "DeliveryQueue", "apprise": "DeliverAppriseFunction"}
        known |= {"default": "event-bus/*", MAIL: "identity/*"} | dict.fromkeys(PARAMETERS, OUR_PARAMETERS)
        with mock.patch.dict("os.environ", {**FOR_MESSAGES, "DELIVERY_QUEUE_URL": orders_url}):
            Scenario(embedded, recorder, queue_url).play()
        yield recorder.asked


def test_every_function_takes_part(asked: dict[str, set[Permission]]) -> None:
    assert sorted(asked) == FUNCTIONS


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_role_grants_what_its_function_asks_for_and_nothing_else(
    function: str, asked: dict[str, set[Permission]]
) -> None:
    assert granted(function) == asked[function] | EVERY_FUNCTION | FOR_LAMBDA_ITSELF.get(function, set())


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_role_has_no_other_policies_and_is_trusted_by_lambda_only(function: str) -> None:
    role = role_of(function)
    assert set(role) - {"Tags"} == {"AssumeRolePolicyDocument", "PermissionsBoundary", "Policies"}
    (trusted,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trusted["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_no_two_functions_share_a_role() -> None:
    functions = [item for item in resources().values() if item["Type"] == "AWS::Lambda::Function"]
    roles = [json.dumps(item["Properties"]["Role"]) for item in functions]
    assert len(set(roles)) == len(roles) == len(FUNCTIONS)


@pytest.mark.parametrize("function", ["Dispatch", "CleanUp", "Evaluate"])
def test_a_schedule_may_start_its_function_and_leave_dead_letters_only(function: str) -> None:
    role: Any = resources()[f"{function}FunctionScheduleRole"]["Properties"]
    statements = [item for policy in role["Policies"] for item in policy["PolicyDocument"]["Statement"]]
    assert [item["Action"] for item in statements] == ["lambda:InvokeFunction", "sqs:SendMessage"]
    assert [item["Resource"]["Fn::GetAtt"][0] for item in statements] == [f"{function}Function", "DeadLetterQueue"]
