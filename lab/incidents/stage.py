"""Runs a plan: pushes, rollups, evaluations and deliveries by the functions' own handlers, in simulated time."""

import heapq
import io
import os
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass, field
from itertools import count
from random import Random
from types import ModuleType
from typing import Any
from unittest import mock

import boto3
import msgspec

from lab.cloud.dynamodb_local import DynamoDBLocal, every_client
from lab.cloud.embedded import Embedded
from lab.cloud.functions import LambdaContext, load_function
from lab.incidents.chaos import Chaos, KilledError
from lab.incidents.plan import SCHEDULE_SECONDS, Goal, Plan, targets_of
from lab.incidents.services import Parameters, Queue, Told, receiver
from lab.incidents.traffic import Cluster
from slo.app.evaluate import Evaluate
from slo.app.stores import Stores
from slo.incidents.incident import Incident
from slo.incidents.thresholds import Thresholds
from slo.notifications import channel_settings
from slo.notifications.changes import Change
from slo.notifications.settings import Channel, Rule, Settings
from slo.objectives.objective import Objective
from slo.objectives.periods import Period
from slo.objectives.targets import Subject
from slo.store.channel_secrets import ChannelSecrets
from slo.store.incidents import IncidentStore
from slo.store.notifications import NotificationStore
from slo.store.objectives import ObjectiveStore
from slo.times import DAY_SECONDS, MINUTE_SECONDS
from slo.traefik.snapshots import Snapshot, encode

START = 1_799_971_200.0
"""A midnight UTC."""
EVERYONE, ON_CALL = "everyone", "on-call"
"""Two channels. The second one gets pages only."""
_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 of the standard's own documentation
_STACK = "slo"
_INSTANCES = 3
"""Of the function that evaluates. Lambda has one for each batch that it handles at a time."""
_WARM = 0.95
"""The share of evaluations by the first instance."""
_AGENT_ATTEMPTS = 6
_REMEMBERED_RECORDS = 10
"""Of a stream, which may bring any of them again."""


@dataclass(frozen=True)
class Weather:
    """The probabilities of faults."""

    lost: float = 0.004
    """Of a push."""
    late: float = 0.02
    twice: float = 0.03
    longest_late_seconds: float = 400.0
    push_failed: float = 0.02
    """Of an attempt of an agent: ingest is killed or throttled, and the agent tries again."""
    rollup_failed: float = 0.1
    killed: float = 0.3
    """Of an evaluation that writes."""
    throttled: float = 0.01
    """Of an evaluation."""
    overtaken: float = 0.1
    """Of an evaluation that writes: another instance evaluates between its reading and its writing."""
    repeated: float = 0.03
    """Of the records of a stream."""


@dataclass
class Outcome:
    """What happened."""

    told: list[Told] = field(default_factory=list)
    incidents: dict[str, list[Incident]] = field(default_factory=dict)
    """By cluster, oldest first."""
    clusters: dict[str, Cluster] = field(default_factory=dict)
    seen: dict[str, list[int]] = field(default_factory=dict)
    """By cluster, the numbers of the scrapes that arrived in time."""
    disturbed: dict[str, list[float]] = field(default_factory=dict)
    """By cluster, when a push came late or never, or no evaluation of it succeeded: seconds since the start."""
    pushes: int = 0
    evaluations: int = 0
    deliveries: int = 0
    happened: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    """How long it took."""


class Stage:
    """A deployment, and the clusters that push to it."""

    def __init__(
        self, stack: Embedded, client: Any, plan: Plan, seed: int, weather: Weather, queue: Queue, chaos: Chaos
    ) -> None:
        self._stack, self._client, self._plan, self._weather = stack, client, plan, weather
        self._queue, self._chaos = queue, chaos
        self._chance = Random(f"{seed} stage")
        self._instances = [load_function("evaluate") for _ in range(_INSTANCES)]
        self._deliver = load_function("deliver").handler
        self._clusters = {each.cluster_id: Cluster(each, START, seed) for each in plan.clusters}
        self.outcome = Outcome(clusters=self._clusters)
        self._order = count()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._records: dict[str, deque[dict[str, Any]]] = {}

    def run(self, say: Callable[[str], None]) -> Outcome:
        """Run the whole plan."""
        for plan in self._plan.clusters:
            self.outcome.seen[plan.cluster_id], self.outcome.disturbed[plan.cluster_id] = [], []
            for name, goal in targets_of(plan):
                self._set_objective(plan.cluster_id, name, goal)
        end = max(each.seconds for each in self._plan.clusters)
        day = 0
        for minute in range(int(end // MINUTE_SECONDS)):
            self._run_until(minute * MINUTE_SECONDS)
            for plan in self._plan.clusters:
                if minute * MINUTE_SECONDS < plan.seconds:
                    self._scrape(plan.cluster_id, minute)
            if minute % 5 == 1:
                self._at(minute * MINUTE_SECONDS + 1.0, self._roll_up)
            if minute * MINUTE_SECONDS % SCHEDULE_SECONDS == 0:
                self._at(minute * MINUTE_SECONDS + 45.0, self._on_schedule)
            if minute * MINUTE_SECONDS // DAY_SECONDS > day:
                day += 1
                say(f"day {day}: {self.outcome.pushes:,} pushes, {self.outcome.deliveries:,} messages")
        self._run_until(end)
        self._settle()
        store = self._stack.stores.of(IncidentStore)
        for cluster_id in self._clusters:
            items = store.newest_first(cluster_id, None, 10_000)
            self.outcome.incidents[cluster_id] = items[::-1]
        self.outcome.happened += self._chaos.happened
        self.outcome.happened["queue refused"] = self._queue.refused
        self.outcome.happened["queued twice"] = self._queue.twice
        return self.outcome

    def _at(self, after: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._due, (START + after, next(self._order), action))

    def _run_until(self, after: float) -> None:
        while self._due and self._due[0][0] <= START + after:
            at, _, action = heapq.heappop(self._due)
            self._stack.now = max(self._stack.now, at)
            action()

    def _settle(self) -> None:
        """Let what was postponed be delivered."""
        for _ in range(600):
            if self._queue.is_empty:
                return
            self._stack.now += MINUTE_SECONDS
            self._pump()

    def _scrape(self, cluster_id: str, minute: int) -> None:
        snapshot = self._clusters[cluster_id].snapshot(minute)
        if snapshot is None:
            return
        number, after = minute, snapshot.taken_at - START
        chance, weather = self._chance.random(), self._weather
        if chance < weather.lost and minute > 3:
            self._note("lost", cluster_id, after)
            return
        delay = self._chance.uniform(0.2, 5.0)
        if weather.lost <= chance < weather.lost + weather.late and minute > 3:
            delay = self._chance.uniform(30.0, weather.longest_late_seconds)
            self._note("late", cluster_id, after)
        else:
            self.outcome.seen[cluster_id].append(number)
        self._at(after + delay, lambda: self._push(snapshot))
        if self._chance.random() < weather.twice:
            self.outcome.happened["twice"] += 1
            again = after + delay + self._chance.uniform(1.0, weather.longest_late_seconds)
            self._at(again, lambda: self._push(snapshot))

    def _note(self, what: str, cluster_id: str, after: float) -> None:
        self.outcome.happened[what] += 1
        self.outcome.disturbed[cluster_id].append(after)

    def _push(self, snapshot: Snapshot) -> None:
        """An agent tries until its push is accepted, a few seconds apart."""
        for attempt in range(_AGENT_ATTEMPTS):
            sent = msgspec.structs.replace(snapshot, sent_at=self._stack.now)
            self._maybe(self._weather.push_failed, ("killed before", "killed after", "throttled"), 4)
            try:
                self._stack.handle_push(self._stack.push_event_of(sent.cluster_id, encode(sent), level=1))
            except (KilledError, RuntimeError):
                self.outcome.happened["push tried again"] += 1
                self._stack.now += 2.0 * (attempt + 1)
                continue
            finally:
                self._chaos.spare()
            break
        else:
            raise RuntimeError("a push was never accepted")
        self.outcome.pushes += 1
        self._stream(snapshot.cluster_id)

    def _stream(self, cluster_id: str) -> None:
        """The stream brings the record of a push, once more if the function fails, and now and then an old one."""
        self._stack.now += self._chance.uniform(0.3, 1.5)
        record = self._record(cluster_id)
        if not self._evaluated(record) and not self._evaluated(record):
            self._note("not evaluated", cluster_id, self._stack.now - START)
        known = self._records.setdefault(cluster_id, deque(maxlen=_REMEMBERED_RECORDS))
        known.append(record)
        if self._chance.random() < self._weather.repeated:
            self.outcome.happened["record repeated"] += 1
            self._evaluated(self._chance.choice(known))
        self._pump()

    def _evaluated(self, record: dict[str, Any]) -> bool:
        module = self._instance()
        chance, weather = self._chance.random(), self._weather
        if chance < weather.killed:
            self._chaos.arm(self._chance.choice(("killed before", "killed after")), self._chance.randint(1, 4))
        elif chance < weather.killed + weather.overtaken:
            rival = self._chance.choice([each for each in self._instances if each is not module])
            self._chaos.arm("overtaken", 1, lambda: self._handle(rival, record))
        elif chance < weather.killed + weather.overtaken + weather.throttled:
            self._chaos.arm("throttled", self._chance.randint(1, 6))
        try:
            return self._handle(module, record)
        finally:
            self._chaos.spare()

    def _instance(self) -> ModuleType:
        """Nearly always the same: a stream has few shards, and Lambda keeps to a warm instance."""
        return self._instances[0] if self._chance.random() < _WARM else self._chance.choice(self._instances)

    def _record(self, cluster_id: str) -> dict[str, Any]:
        """The record of the last change of a cluster's item. Its numbers and texts are as Lambda passes them."""
        key = {"cluster_id": {"S": cluster_id}}
        item = self._client.get_item(TableName=self._stack.names["CLUSTERS_TABLE"], Key=key, ConsistentRead=True)[
            "Item"
        ]
        return {"Records": [{"eventName": "MODIFY", "dynamodb": {"Keys": key, "NewImage": item}}]}

    def _handle(self, module: ModuleType, event: dict[str, Any]) -> bool:
        """Whether an instance succeeds. One that is killed has forgotten everything."""
        self.outcome.evaluations += 1
        try:
            module.handler(event, LambdaContext())
        except KilledError:
            module.evaluate = Evaluate(self._stack.stores)  # type: ignore[attr-defined]
            return False
        except Exception:
            self.outcome.happened["evaluation failed"] += 1
            return False
        return True

    def _on_schedule(self) -> None:
        """EventBridge calls again if the function fails."""
        for _ in range(3):
            self._maybe(self._weather.killed, ("killed before", "killed after"), 4)
            try:
                if self._handle(self._instance(), {}):
                    break
            finally:
                self._chaos.spare()
        self._pump()

    def _roll_up(self) -> None:
        for cluster_id in self._clusters:
            self._maybe(self._weather.rollup_failed, ("killed before", "killed after", "throttled"), 8)
            record = {"messageId": cluster_id, "eventSource": "aws:sqs", "body": f'{{"cluster_id": "{cluster_id}"}}'}
            try:
                self._stack.roll_up({"Records": [record]}, LambdaContext())
            except KilledError:
                continue
            finally:
                self._chaos.spare()

    def _maybe(self, share: float, kinds: tuple[str, ...], writes: int) -> None:
        if self._chance.random() < share:
            self._chaos.arm(self._chance.choice(kinds), self._chance.randint(1, writes))

    def _pump(self) -> None:
        """Lambda brings the queue's messages to the function that delivers."""
        while records := self._queue.receive():
            self.outcome.deliveries += len(records)
            answer = self._deliver({"Records": records}, LambdaContext())
            failed = {item["itemIdentifier"] for item in answer["batchItemFailures"]}
            for record in records:
                if record["messageId"] not in failed:
                    self._queue.delete(record["receiptHandle"])

    def _set_objective(self, cluster_id: str, name: str, goal: Goal) -> None:
        objective = Objective(
            subject=Subject(name),
            name="rehearsed",
            period=Period(goal.time_range),
            availability=goal.availability,
            p95_latency=300.0,
            latency_objective=goal.latency_objective,
            minimum_requests=goal.minimum_requests,
            version=1,
            set_by="rehearsal",
            set_at=START,
        )
        self._stack.stores.of(ObjectiveStore).put(cluster_id, objective, None)


def _settings(url: str, stores: Stores, page_reminder_seconds: int) -> None:
    """Two channels of the same receiver."""
    channels = tuple(Channel(name=name, kind="webhook") for name in (EVERYONE, ON_CALL))
    rules = (Rule(severities=("ticket",), channels=(EVERYONE,)),)
    thresholds = Thresholds(page_reminder_seconds=page_reminder_seconds)
    settings = Settings(version=1, channels=channels, rules=rules, thresholds=thresholds)
    stores.of(NotificationStore).put(settings, 0, Change(at=START, what="channel_set", about="rehearsal"))
    for name in (EVERYONE, ON_CALL):
        given = {"url": f"{url}/{name}", "secrets": [_SECRET]}
        ChannelSecrets(_STACK).put(name, channel_settings.read("webhook", given, allow_private_targets=True))


@contextmanager
def _clients(queue: Queue) -> Iterator[None]:
    """The functions' clients of SQS and SSM are those of the simulation."""
    simulated: dict[str, Any] = {"sqs": queue, "ssm": Parameters()}
    real = boto3.client

    def client(name: str, *args: Any, **kwargs: Any) -> Any:
        return simulated[name] if name in simulated else real(name, *args, **kwargs)

    with mock.patch("boto3.client", client):
        yield


def rehearse(
    engine: DynamoDBLocal,
    plan: Plan,
    *,
    seed: int,
    weather: Weather | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Run a plan on DynamoDB Local."""
    environment = {
        "STACK_NAME": _STACK,
        "DASHBOARD_URL": "https://slo.example.com/",
        "DELIVERY_QUEUE_URL": "https://sqs.example.com/orders",
        "DELIVER_APPRISE_FUNCTION": "apprise",
        "ALLOW_PRIVATE_TARGETS": "true",
    }
    chaos, began = Chaos(), time.monotonic()
    with ExitStack() as exits:
        exits.enter_context(redirect_stdout(io.StringIO()))
        exits.enter_context(every_client(chaos.register, "dynamodb"))
        stack = exits.enter_context(Embedded(endpoint_url=engine.endpoint_url))
        exits.enter_context(mock.patch.dict(os.environ, environment))
        stack.now = START
        chance = Random(f"{seed} services")
        queue = Queue(lambda: stack.now, chance, chaos)
        exits.enter_context(_clients(queue))
        url, told = exits.enter_context(receiver(lambda: stack.now, chance))
        _settings(url, stack.stores, plan.page_reminder_seconds)
        outcome = Stage(stack, engine.client(), plan, seed, weather or Weather(), queue, chaos).run(say)
    outcome.told, outcome.seconds = told, time.monotonic() - began
    return outcome
