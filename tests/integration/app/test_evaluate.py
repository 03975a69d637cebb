"""Incidents from pushes: each true one is opened once, told once to each channel, and resolved once."""

from collections.abc import Iterable

import msgspec
import pytest
from integration.use_cases import CLUSTER, DELAY, SLOT, T0, UseCases, process, route, row, snapshot

from lab.cloud.dynamodb_local import CapacityMeter
from slo.api.parameters import ExclusionBody, ObjectiveParameters
from slo.app.evaluate import Evaluate, Evaluated
from slo.app.watch_keeper import WatchKeeper
from slo.counting import books
from slo.counting.books import Book
from slo.counting.counts import Counts
from slo.errors import ConflictError, NotFoundError
from slo.incidents.incident import Incident, Step
from slo.notifications.changes import Change
from slo.notifications.delivery import Order
from slo.notifications.settings import Channel, Mute, QuietHours, Rule, Settings
from slo.objectives.objective import Objective
from slo.objectives.targets import Subject
from slo.store.books import HourlyBooks
from slo.store.incidents import IncidentStore
from slo.store.notifications import NotificationStore
from slo.times import utc
from slo.traefik.snapshots import Certificate, UnreachablePod

HOUR = T0 // 3600 * 3600
NAMES = ("a.example.com", "b.example.com")
ROUTES = (*map(route, NAMES), route("a.example.com", "/api"))
ROUTERS = [info.router_keys[0] for info in ROUTES]
EMAIL = Channel(name="ops", kind="email")


class Orders:
    """Takes orders as the queue does, and remembers them."""

    def __init__(self) -> None:
        self.orders: list[Order] = []
        self.is_down = False

    def send(self, orders: Iterable[Order]) -> int:
        if self.is_down:
            raise RuntimeError("SQS refused 1 of 1 messages")
        self.orders += orders
        return len(self.orders)

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(order.channel, order.what) for order in self.orders]


class Stage:
    """A cluster with three routes, each with `per_minute` requests a minute unless it is told otherwise."""

    def __init__(self, backend: UseCases) -> None:
        self.backend = backend
        self.queue = Orders()
        self.evaluate = self.evaluator()
        self.served = dict.fromkeys(ROUTERS, (0, 0))
        self.minute = 0
        self.certificates: tuple[Certificate, ...] = ()

    def evaluator(self) -> Evaluate:
        return Evaluate(self.backend.stores, queue=lambda: self.queue)  # type: ignore[arg-type,return-value]

    @property
    def at(self) -> float:
        return HOUR + 60.0 * self.minute + 10

    def settings(self, **changes: object) -> None:
        store = self.backend.stores.of(NotificationStore)
        known = store.settings(consistent=True)
        changed = msgspec.structs.replace(known, version=known.version + 1, **changes)
        store.put(changed, known.version, Change(at=self.at, by="test", what="rules_set", about="test"))

    def channel(self, name: str, domain: str, path: str = "") -> None:
        """Set an objective whose incidents go to this channel."""
        saved = Objective(
            subject=Subject(domain, path),
            name="monthly",
            availability=0.95,
            channel=name,
            version=1,
            set_by="test",
            set_at=self.at,
        )
        self.backend.objectives.put(CLUSTER, saved, None)

    def target(self, availability: float) -> None:
        subject = Subject("b.example.com")
        saved = Objective(
            subject=subject,
            name="monthly",
            availability=availability,
            p95_latency=300.0,
            version=1,
            set_by="test",
            set_at=self.at,
        )
        self.backend.objectives.put(CLUSTER, saved, None)

    def run(
        self,
        minutes: int,
        *,
        failing: Iterable[int] = (),
        share: float = 1.0,
        per_minute: int = 30,
        silent: Iterable[int] = (),
        pods: tuple[str, ...] = ("traefik/a",),
    ) -> list[Evaluated]:
        """Push and evaluate every minute; `failing` are the numbers of the routes of whose requests a share fails.

        `silent` are those without requests.
        """
        evaluated = []
        for _ in range(minutes):
            self.minute += 1
            for number, router in enumerate(ROUTERS):
                ok, errors = self.served[router]
                failed = round(per_minute * share) if number in failing else 0
                if number not in silent:
                    self.served[router] = (ok + per_minute - failed, errors + failed)
            self.push(pods)
            done = self.evaluate.pushed(CLUSTER)
            assert done is not None
            evaluated.append(done)
        return evaluated

    def push(self, pods: tuple[str, ...] = ("traefik/a",)) -> None:
        at = self.at
        rows = [row(router, *counts) for router, counts in self.served.items() if sum(counts)]
        unreachable = tuple(UnreachablePod(pod=pod, error="timed out") for pod in ("traefik/a", "traefik/b"))
        seen = [
            process(rows, at, HOUR - 40_000.0, pod) if pod == "traefik/a" else process([], at, HOUR - 40_000.0, pod)
            for pod in pods
        ]
        pushed = snapshot(at, seen, ROUTES, certificates=self.certificates)
        if len(pods) == 1 and self.knows_b:
            metrics = msgspec.structs.replace(
                pushed.ingress_metrics, unreachable=tuple(each for each in unreachable if each.pod not in pods)
            )
            pushed = msgspec.structs.replace(pushed, ingress_metrics=metrics)
        self.knows_b = self.knows_b or "traefik/b" in pods
        self.backend.push(pushed)
        if self.minute % 5 == 1:
            self.backend.roll_up(HOUR + self.minute // 5 * SLOT + DELAY)
            self.backend.now = at + 1

    knows_b = False

    @property
    def open(self) -> list[Incident]:
        return list(self.backend.stores.of(IncidentStore).open(CLUSTER))

    @property
    def stored(self) -> list[Incident]:
        return self.backend.stores.of(IncidentStore).newest_first(CLUSTER, None, 100)

    def what(self, incident: Incident) -> list[str]:
        return [step.what for step in incident.steps]


@pytest.fixture
def stage(real: UseCases) -> Stage:
    stage = Stage(real)
    stage.settings(channels=(EMAIL,))
    stage.run(12)
    assert (stage.open, stage.queue.orders) == ([], [])
    return stage


def test_an_outage_of_one_route_is_one_incident_from_the_first_push_to_the_calm_after_it(stage: Stage) -> None:
    before = stage.at
    stage.run(4, failing=[2])
    [incident] = stage.open
    assert (incident.kind, incident.severity, incident.subject.domain) == ("outage", "page", "a.example.com")
    assert (incident.path_prefix, incident.failing_routes) == ("/api", 1)
    assert (incident.since, incident.opened_at) == (before, before + 60)
    assert (incident.requests, incident.errors) == (120, 120)
    assert stage.queue.told == [("ops", "opened")]
    stage.run(25)
    assert stage.open == []
    [resolved] = stage.stored
    assert stage.what(resolved) == ["opened", "resolved"]
    assert resolved.errors == 120
    assert stage.queue.told == [("ops", "opened"), ("ops", "resolved")]
    stage.run(20)
    assert len(stage.stored) == 1, "what is over opens nothing while windows still show it"


def test_what_fails_half_is_an_outage_and_a_little_less_burns_slower(stage: Stage) -> None:
    stage.run(3, failing=[0, 1, 2], share=0.5)
    assert {(each.kind, each.subject.domain) for each in stage.open} == {("outage", name) for name in NAMES}


def test_a_killed_evaluator_has_nobody_told_twice_and_nothing_lost(stage: Stage) -> None:
    stage.queue.is_down = True
    stage.minute += 1
    stage.served[ROUTERS[1]] = (stage.served[ROUTERS[1]][0], 30)
    stage.push()
    with pytest.raises(RuntimeError, match="SQS"):
        stage.evaluate.pushed(CLUSTER)
    assert len(stage.open) == 1
    stage.queue.is_down = False
    stage.evaluate = stage.evaluator()
    stage.run(3, failing=[1])
    assert len({order.order_id for order in stage.queue.orders}) == len(stage.queue.orders) == 1
    stage.run(25)
    assert [order.what for order in stage.queue.orders] == ["opened", "resolved"]


def test_two_evaluators_open_and_resolve_one_incident(stage: Stage) -> None:
    second = stage.evaluator()
    for minute in range(30):
        stage.run(1, failing=[1] if minute < 3 else [])
        second.pushed(CLUSTER)
    assert [stage.what(each) for each in stage.stored] == [["opened", "resolved"]]
    assert {order.order_id for order in stage.queue.orders} == {
        f"{stage.stored[0].incident_id}.1",
        f"{stage.stored[0].incident_id}.2",
    }


def test_a_silent_agent_is_told_by_the_schedule_and_resolves_when_it_is_back(stage: Stage) -> None:
    stage.backend.now += 299
    assert stage.evaluate.all() == []
    stage.backend.now += 10
    [done] = stage.evaluate.all()
    assert [(each.what, each.incident.kind) for each in done.transitions] == [("opened", "silent")]
    stage.minute += 10
    stage.run(12)
    assert [stage.what(each) for each in stage.stored] == [["opened", "resolved"]]


def test_a_record_that_comes_late_or_again_is_no_silence(stage: Stage) -> None:
    old = stage.backend.clusters.get(CLUSTER)
    stage.run(10)
    again = stage.evaluator().pushed(CLUSTER, old)
    assert again is not None
    assert (again.transitions, stage.open) == ((), [])


def test_the_silence_of_a_cluster_that_is_gone_for_a_week_ends(stage: Stage) -> None:
    stage.backend.now += 400
    stage.evaluate.all()
    stage.backend.now += 8 * 86_400
    stage.evaluate.all()
    assert len(stage.open) == 1
    stage.backend.now += 601
    stage.evaluate.all()
    assert (stage.open, [stage.what(each) for each in stage.stored]) == ([], [["opened", "resolved"]])


def test_nothing_resolves_while_nothing_is_seen(stage: Stage) -> None:
    stage.run(2, failing=[0])
    stage.backend.now += 3600
    stage.evaluate.all()
    assert {each.kind for each in stage.open} == {"outage", "silent"}


def test_a_pod_that_does_not_answer_is_one_incident(stage: Stage) -> None:
    stage.run(3, pods=("traefik/a", "traefik/b"))
    stage.run(8)
    [incident] = stage.open
    assert (incident.kind, incident.severity, incident.subject.pod) == ("silent", "ticket", "traefik/b")


def test_a_certificate_escalates_as_its_end_comes_near(stage: Stage) -> None:
    stage.certificates = (Certificate(not_after=stage.at + 20 * 86_400, alternative_names=("*.example.com",)),)
    stage.run(5)
    [incident] = stage.open
    assert (incident.kind, incident.threshold, incident.domains) == ("certificate", 21, NAMES)
    stage.certificates = (Certificate(not_after=stage.at + 6 * 86_400, alternative_names=("*.example.com",)),)
    stage.run(5)
    [incident] = stage.open
    assert (stage.what(incident), incident.threshold) == (["opened", "escalated"], 7)
    stage.certificates = (Certificate(not_after=stage.at + 3_600, alternative_names=("*.example.com",)),)
    stage.run(5)
    [incident] = stage.open
    assert (incident.severity, incident.threshold) == ("page", 1)
    stage.certificates = ()
    stage.run(16)
    assert stage.open == []


def test_a_trickle_is_a_ticket_where_a_burn_rate_needs_more_requests(stage: Stage) -> None:
    stage.run(30, per_minute=0)
    for _ in range(25):
        stage.run(1, failing=[1], per_minute=1, share=1)
    kinds = {(each.kind, each.severity) for each in stage.stored}
    assert ("outage", "page") in kinds, "ten requests in a row that failed"


def test_what_a_young_cluster_has_seen_is_not_three_days(stage: Stage) -> None:
    """3.3 % of requests fail, five times what 99 % of a month allow: a ticket after hours, whatever came before."""
    stage.target(0.99)
    stage.run(45, failing=[1], share=1 / 30)
    assert stage.stored == []


def test_four_errors_of_a_slow_domain_are_chance_and_five_are_not(stage: Stage) -> None:
    """At four requests a minute, four errors are 15 times what 99.9 % of an hour's requests allow."""
    stage.target(0.999)
    stage.run(60, per_minute=4)
    stage.run(4, per_minute=4, failing=[1], share=0.25)
    assert stage.stored == []
    stage.run(1, per_minute=4, failing=[1], share=0.25)
    assert [(each.kind, each.severity) for each in stage.open] == [("burn", "page")]


def test_acknowledging_stops_reminders_and_is_told(stage: Stage) -> None:
    stage.run(2, failing=[1])
    [incident] = stage.open
    keeper = WatchKeeper(stage.backend.stores, queue=lambda: stage.queue)  # type: ignore[arg-type,return-value]
    acknowledged = keeper.acknowledge(CLUSTER, incident.incident_id, "anna")
    assert (acknowledged.status, acknowledged.acknowledged_by) == ("acknowledged", "anna")
    again = keeper.acknowledge(CLUSTER, incident.incident_id, "ben")
    assert again.acknowledged_by == "anna"
    assert stage.queue.told == [("ops", "opened"), ("ops", "acknowledged")]
    with pytest.raises(NotFoundError):
        keeper.acknowledge(CLUSTER, "1-2", "anna")
    stage.run(25)
    with pytest.raises(ConflictError):
        keeper.acknowledge(CLUSTER, incident.incident_id, "anna")


def test_an_open_page_is_repeated_until_somebody_looks(stage: Stage) -> None:
    stage.settings(thresholds=msgspec.structs.replace(Settings().thresholds, page_reminder_seconds=300))
    stage.run(11, failing=[1])
    assert [order.what for order in stage.queue.orders] == ["opened", "reminder", "reminder"]
    assert len({order.order_id for order in stage.queue.orders}) == 3


def test_a_muted_domain_is_told_when_the_mute_is_over(stage: Stage) -> None:
    mute = Mute(mute_id="1", domain="b.*", until=stage.at + 300, reason="work")
    stage.settings(mutes=(mute,))
    stage.run(3, failing=[1])
    assert (len(stage.open), stage.queue.orders) == (1, [])
    stage.run(3, failing=[1])
    assert stage.queue.told == [("ops", "opened")]


def test_what_ends_within_a_mute_is_not_told_at_all(stage: Stage) -> None:
    stage.settings(mutes=(Mute(mute_id="1", until=stage.at + 7200, reason="work"),))
    stage.run(3, failing=[1])
    stage.run(25)
    assert ([stage.what(each) for each in stage.stored], stage.queue.orders) == ([["opened", "resolved"]], [])


def test_tickets_wait_for_the_end_of_quiet_hours_and_pages_do_not(stage: Stage) -> None:
    stage.settings(quiet_hours=QuietHours(start="00:00", end="23:59"))
    stage.certificates = (Certificate(not_after=stage.at + 86_400 * 20, alternative_names=("a.example.com",)),)
    stage.run(2, failing=[1])
    assert [order.notice.incident.kind for order in stage.queue.orders if order.notice] == ["outage"]


def test_rules_choose_the_channels(stage: Stage) -> None:
    stage.settings(
        channels=(EMAIL, Channel(name="shop", kind="slack")), rules=(Rule(domains=("b.*",), channels=("shop",)),)
    )
    stage.run(2, failing=[0, 1])
    assert sorted(stage.queue.told) == [("ops", "opened"), ("shop", "opened"), ("shop", "opened")]


SHOP, PHONE = Channel(name="shop", kind="slack"), Channel(name="phone", kind="pagerduty")
TO_PHONE = Rule(domains=("*.example.com",), channels=("phone",))


def test_an_incident_goes_to_the_channel_of_its_objective_and_the_others_by_the_rules(stage: Stage) -> None:
    stage.settings(channels=(EMAIL, PHONE, SHOP), rules=(TO_PHONE,))
    stage.channel("shop", "b.example.com")
    stage.run(3, failing=[1])
    assert stage.queue.told == [("shop", "opened")]
    assert [each.channels for each in stage.open] == [("shop",)]
    stage.run(2, failing=[0, 1])
    assert stage.queue.told == [("shop", "opened"), ("phone", "opened")]
    stage.run(25)
    assert sorted(stage.queue.told[2:]) == [("phone", "resolved"), ("shop", "resolved")]


@pytest.mark.parametrize("channels", [(EMAIL, PHONE), (EMAIL, PHONE, msgspec.structs.replace(SHOP, is_enabled=False))])
def test_a_channel_that_cannot_be_told_leaves_it_to_the_rules(stage: Stage, channels: tuple[Channel, ...]) -> None:
    stage.settings(channels=channels, rules=(TO_PHONE,))
    stage.channel("shop", "b.example.com")
    stage.run(3, failing=[1])
    assert stage.queue.told == [("phone", "opened")]


def test_a_route_that_fails_alone_has_its_own_channel_told_and_the_domain_when_it_fails_too(stage: Stage) -> None:
    stage.settings(channels=(EMAIL, PHONE, SHOP), rules=(TO_PHONE,))
    stage.channel("shop", "a.example.com", "/api")
    stage.run(3, failing=[2])
    assert stage.queue.told == [("shop", "opened")]
    stage.run(10, failing=[0, 2])
    assert stage.queue.told == [("shop", "opened"), ("phone", "opened")]
    stage.run(25)
    assert sorted(stage.queue.told[2:]) == [("phone", "resolved"), ("shop", "resolved")]


def test_the_silence_of_a_domain_goes_to_the_channel_of_its_objective(stage: Stage) -> None:
    steps = tuple(books.Step(has_data=True, coverage=1.0, counts={1: Counts(codes={"200": 1})}) for _ in range(12))
    for before in range(1, 7 * 24 + 1):
        book = Book("b.example.com", HOUR - 3600 * before, 300, steps, {"/": (1,)})
        stage.backend.stores.of(HourlyBooks).put(CLUSTER, book, 1)
    stage.settings(channels=(EMAIL, SHOP))
    stage.channel("shop", "b.example.com")
    stage.run(23, silent=[1])
    assert [(each.kind, each.channels) for each in stage.open] == [("silent", ("shop",))]
    assert stage.queue.told == [("shop", "opened")]


def test_a_mute_holds_for_the_channel_of_an_objective_too(stage: Stage) -> None:
    stage.settings(channels=(EMAIL, SHOP), mutes=(Mute(mute_id="1", until=stage.at + 7200, reason="work"),))
    stage.channel("shop", "b.example.com")
    stage.run(3, failing=[1])
    assert (len(stage.open), stage.queue.orders) == (1, [])


@pytest.mark.parametrize("minutes", [1, 7])
def test_the_counts_of_an_incident_are_exact_across_rollups(stage: Stage, minutes: int) -> None:
    stage.run(minutes)
    stage.run(9, failing=[1], share=0.7)
    [incident] = stage.open
    assert (incident.requests, incident.errors) == (270, 9 * 21)
    assert incident.steps[0] == Step(
        at=incident.opened_at,
        what="opened",
        severity="page",
        requests=30,
        errors=21,
        budget_remaining=incident.steps[0].budget_remaining,
    )


def test_an_incident_counts_from_where_its_window_began(stage: Stage) -> None:
    stage.run(33, per_minute=0)
    first = stage.minute
    stage.run(14, failing=[1], per_minute=1)
    [incident] = stage.open
    assert incident.since % SLOT == 0, "a ledger was booked then"
    counted = [minute for minute in range(first + 1, stage.minute + 1) if HOUR + 60 * minute + 10 > incident.since]
    assert (incident.requests, incident.errors) == (len(counted), len(counted))


def test_an_evaluation_writes_nothing_while_all_is_well(meter: CapacityMeter, stage: Stage) -> None:
    stage.minute += 1
    stage.push()
    meter.reset()
    stage.evaluate.pushed(CLUSTER)
    assert meter.write_units == 0
    assert meter.read_units < 6


def exclude(stage: Stage, seconds: float, domain: str | None, path: str | None = None) -> str:
    """Exclude a time from now on, and return the exclusion's id."""
    body = ExclusionBody(start=utc(stage.at), end=utc(stage.at + seconds), reason="planned")
    asked = ObjectiveParameters(domain=domain, path_prefix=path)
    return stage.backend.exclusion_editor.add(CLUSTER, asked, body, set_by="ops").exclusion_id


@pytest.mark.parametrize("domain", ["b.example.com", None])
def test_maintenance_opens_no_incident_and_an_outage_after_it_does(stage: Stage, domain: str | None) -> None:
    exclude(stage, 20 * 60, domain)
    stage.run(18, failing=[1])
    assert (stage.open, stage.queue.orders) == ([], [])
    stage.run(10)
    assert stage.open == []
    stage.run(6, failing=[1])
    assert [(each.kind, each.subject.domain) for each in stage.open] == [("outage", "b.example.com")]


def test_an_incident_holds_still_in_maintenance(stage: Stage) -> None:
    stage.run(6, failing=[1])
    (before,) = stage.open
    told = list(stage.queue.told)
    exclude(stage, 40 * 60, "b.example.com")
    stage.run(15, failing=[1])
    stage.run(24)
    assert (stage.queue.told, [each.incident_id for each in stage.open]) == (told, [before.incident_id])
    stage.run(30)
    assert stage.open == []
    assert stage.queue.told[len(told) :] == [("ops", "resolved")]


def test_what_else_fails_is_told_during_maintenance(stage: Stage) -> None:
    exclude(stage, 3600, "b.example.com")
    stage.run(6, failing=[0, 1])
    assert [each.subject.domain for each in stage.open] == ["a.example.com"]
