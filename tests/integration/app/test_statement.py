"""The statement of a month: exact, the same to the byte whenever it is asked for, and corrected by name."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from integration.use_cases import CLUSTER, DELAY, SLOT, UseCases, process, route, row, snapshot

from lab.cloud.dynamodb_local import REGION, DynamoDBLocal
from slo.api.answers import StatementAnswer
from slo.api.parameters import (
    ExclusionBody,
    ObjectiveBody,
    ObjectiveParameters,
    StatementParameters,
    WindowParameters,
)
from slo.app.statement import Statements
from slo.app.views import Views
from slo.counting.windows import Window
from slo.errors import BadRequestError, NotFoundError
from slo.incidents.incident import FailingRoute, Incident, Step
from slo.incidents.incident import Subject as About
from slo.objectives.statement import StatementLine
from slo.objectives.targets import LatencyObjective
from slo.store.incidents import IncidentStore
from slo.times import DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS, utc

SHOP, BLOG = "shop.example.com", "blog.example.com"
ROUTES = (route(SHOP), route(SHOP, "/api"), route(BLOG))
NAMES = [info.router_keys[0] for info in ROUTES]


@dataclass
class Watched:
    """A month that was watched: every twelve hours, every hour around its ends, and for two hours each slot."""

    backend: UseCases
    month: str
    start: int
    end: int
    pushed_until: int = 0

    @property
    def first(self) -> int:
        return self.start - DAY_SECONDS

    @property
    def busy(self) -> int:
        return self.start + 10 * DAY_SECONDS

    @property
    def last(self) -> int:
        return self.end - self.end % DAY_SECONDS + DAY_SECONDS + 2 * HOUR_SECONDS

    def moments(self) -> list[int]:
        around = (
            range(at - 2 * HOUR_SECONDS, at + 2 * HOUR_SECONDS + 1, HOUR_SECONDS) for at in (self.start, self.end)
        )
        busy = range(self.busy, self.busy + 2 * HOUR_SECONDS + 1, SLOT)
        times = {*range(self.first, self.last, 12 * HOUR_SECONDS), *(at for each in around for at in each), *busy}
        return sorted(times | {self.last})

    def truth(self, start: int, end: int, *excluded: tuple[int, int]) -> tuple[int, int]:
        """Requests and errors of the first route, request by request."""
        kept = [
            served(at)
            for at in self.moments()[1:]
            if start < at <= end and not any(first < at <= last for first, last in excluded)
        ]
        return sum(map(sum, kept)), sum(errors for _, errors in kept)

    def at(self, time: float) -> None:
        self.backend.now = time

    def promise(
        self, at: float, name: str = "monthly", domain: str | None = SHOP, path: str | None = "/", **own: Any
    ) -> None:
        self.at(at)
        body = ObjectiveBody(**{"availability": 0.9, "period": "month", **own})
        asked = ObjectiveParameters(domain=domain, path_prefix=path)
        self.backend.objective_editor.set(CLUSTER, name, asked, body, if_match="", set_by="ops")

    def change(self, at: float, name: str = "monthly", **own: Any) -> None:
        self.at(at)
        body = ObjectiveBody(**{"availability": 0.9, "period": "month", **own})
        asked = ObjectiveParameters(domain=SHOP, path_prefix="/")
        self.backend.objective_editor.set(CLUSTER, name, asked, body, if_match="*", set_by="ops")

    def exclude(self, at: float, start: int, end: int, path: str | None = None) -> str:
        self.at(at)
        body = ExclusionBody(start=utc(start), end=utc(end), reason="moved the database")
        asked = ObjectiveParameters(domain=SHOP, path_prefix=path)
        return self.backend.exclusion_editor.add(CLUSTER, asked, body, set_by="ops").exclusion_id

    def stated(self, month: str = "", **asked: Any) -> StatementAnswer:
        self.at(max(self.last, self.pushed_until) + HOUR_SECONDS)
        return self.backend.statements.statement(CLUSTER, StatementParameters(month=month or self.month, **asked))

    def start_anew(self) -> None:
        """A function that has nothing in its memory."""
        self.backend.statements = Statements(self.backend.stores, Views(self.backend.stores))

    def bytes(self, **asked: Any) -> bytes:
        return msgspec.json.encode(self.stated(**asked))


def expire(watched: Watched, now: float) -> None:
    """Delete the ledgers that DynamoDB's TTL has deleted by now: DynamoDB Local keeps them."""
    table, client = watched.backend.names["LEDGER_TABLE"], watched.backend.client
    for page in client.get_paginator("scan").paginate(TableName=table):
        for item in page["Items"]:
            if int(item["expires_at"]["N"]) < now:
                client.delete_item(TableName=table, Key={key: item[key] for key in ("cluster_id", "ledger_key")})


def served(at: int) -> tuple[int, int]:
    number = at // SLOT
    return 10 + number % 7, number % 3


def watch(local: DynamoDBLocal, month: str, zone: str) -> Watched:
    year, number = map(int, month.split("-"))
    start, end = (
        datetime(*each, 1, tzinfo=ZoneInfo(zone)).timestamp() for each in ((year, number), (year, number + 1))
    )
    found = Watched(UseCases(local.client(), REGION, local.endpoint_url), month, int(start), int(end))
    total = errors = 0
    for at in found.moments():
        requests, failed = served(at) if at > found.first else (0, 0)
        total, errors = total + requests, errors + failed
        rows = [row(NAMES[0], total, errors), row(NAMES[1], 2 * total), row(NAMES[2], 3 * total)]
        found.backend.push(snapshot(float(at), [process(rows, float(at), found.first - 4000.0)], ROUTES), at=at + 1)
        found.backend.roll_up(at + DELAY)
    found.backend.roll_up(found.last + SLOT + DELAY)
    return found


@pytest.fixture(scope="module", params=[("2026-10", "Europe/Berlin"), ("2024-02", "UTC")], ids=["clocks", "leap day"])
def both(request: pytest.FixtureRequest, dynamodb_local: DynamoDBLocal) -> Watched:
    found = watch(dynamodb_local, *request.param)
    found.promise(found.first, time_zone=request.param[1])
    return found


@pytest.fixture(scope="module")
def one(dynamodb_local: DynamoDBLocal) -> Watched:
    return watch(dynamodb_local, "2026-11", "UTC")


@pytest.fixture
def watched(one: Watched) -> Iterator[Watched]:
    """The month without any objective, exclusion or history of them."""
    yield one
    table = one.backend.names["TARGETS_TABLE"]
    for item in one.backend.client.scan(TableName=table)["Items"]:
        one.backend.client.delete_item(TableName=table, Key={key: item[key] for key in ("cluster_id", "target_key")})


def test_a_month_has_what_was_served_between_its_midnights(both: Watched) -> None:
    (line,) = both.stated(verify="true").lines
    assert (line.start.timestamp(), line.end.timestamp()) == (both.start, both.end)
    assert (line.total_requests, line.total_errors) == both.truth(both.start, both.end)
    assert line.is_kept is (line.total_errors * 10 <= line.total_requests)
    assert (line.measured_by, line.shared, line.path_prefix) == ("router", False, "/")
    assert line.verification is not None
    assert line.verification.is_equal
    view = both.backend.views.of(CLUSTER, WindowParameters())
    (whole,) = both.backend.views.differences(view, [Window(both.start, both.end)])
    assert 0 < line.coverage == pytest.approx(whole.coverage, abs=1e-3)


def test_a_statement_is_the_same_to_the_byte_until_it_is_corrected(both: Watched) -> None:
    before = both.bytes()
    both.start_anew()
    for hours in (1, 30, 300):
        at = both.last + hours * HOUR_SECONDS
        rows = [row(name, 10**5 * (1 + number) + hours) for number, name in enumerate(NAMES)]
        both.backend.push(snapshot(float(at), [process(rows, float(at), both.first - 4000.0)], ROUTES), at=at + 1)
        both.backend.roll_up(at + DELAY)
        both.pushed_until = at
        assert both.bytes() == before
    start, end = both.busy + 600, both.busy + 4800
    made = both.exclude(both.last + 5, start, end)
    (line,) = both.stated(verify="true").lines
    assert (line.total_requests, line.total_errors) == both.truth(both.start, both.end, (start, end))
    assert line.verification is not None
    assert line.verification.is_equal
    assert [(each.reason, each.by) for each in line.exclusions] == [("moved the database", "ops")]
    assert [(each.what, each.corrected_by) for each in line.corrections] == [("excluded", "ops")]
    assert line.corrections[0].corrected_at.timestamp() == both.last + 5
    both.backend.exclusion_editor.delete(CLUSTER, made, set_by="ops")
    assert both.bytes() == before


def test_after_90_days_ends_of_exclusions_are_those_of_hours_and_after_190_nothing_is_counted_again(
    both: Watched,
) -> None:
    before = both.bytes()
    for days, in_hours, is_verified in ((60, False, True), (95, True, True), (200, True, False)):
        at = both.last + days * DAY_SECONDS
        rows = [row(name, 10**6 * days) for name in NAMES]
        both.backend.push(snapshot(float(at), [process(rows, float(at), both.first - 4000.0)], ROUTES), at=at + 1)
        both.backend.roll_up(at + DELAY)
        both.pushed_until = at
        expire(both, at)
        both.start_anew()
        assert both.bytes() == before
        made = both.exclude(at, both.busy + 600, both.busy + 4800)
        (line,) = both.stated(verify="true").lines
        left_out = (both.busy, both.busy + 3600) if in_hours else (both.busy + 600, both.busy + 4800)
        assert (line.total_requests, line.total_errors) == both.truth(both.start, both.end, left_out)
        assert line.exclusions_in_hours is in_hours
        assert (line.verification and line.verification.is_equal) is (True if is_verified else None)
        both.backend.exclusion_editor.delete(CLUSTER, made, set_by="ops")


def test_what_was_excluded_in_time_is_no_correction_until_it_is_undone(watched: Watched) -> None:
    watched.promise(watched.first)
    whole = watched.bytes()
    made = watched.exclude(watched.busy, watched.busy, watched.busy + HOUR_SECONDS)
    (line,) = watched.stated().lines
    assert (len(line.exclusions), line.corrections) == (1, ())
    watched.at(watched.last + 7)
    watched.backend.exclusion_editor.delete(CLUSTER, made, set_by="boss")
    (line,) = watched.stated().lines
    assert (line.total_requests, line.total_errors) == watched.truth(watched.start, watched.end)
    assert [(each.what, each.corrected_by, each.by) for each in line.corrections] == [("included", "boss", "ops")]
    assert watched.bytes() != whole


def test_an_exclusion_of_one_path_is_left_out_of_the_domain(watched: Watched) -> None:
    watched.promise(watched.first, path=None)
    (before,) = watched.stated().lines
    watched.exclude(watched.busy, watched.busy, watched.busy + 900, path="/")
    (line,) = watched.stated(verify="true").lines
    left_out = [mine - its for mine, its in zip(*(
        watched.truth(watched.start, watched.end, *excluded)
        for excluded in ((), ((watched.busy, watched.busy + 900),))
    ), strict=True)]  # fmt: skip
    assert before.total_requests - line.total_requests == left_out[0] > 0
    assert before.total_errors - line.total_errors == left_out[1]
    assert len(line.exclusions) == 1
    assert line.verification is not None
    assert line.verification.is_equal


def test_the_promise_that_held_last_counts_and_later_ones_change_nothing(watched: Watched) -> None:
    watched.promise(watched.first)
    watched.change(watched.start + DAY_SECONDS, availability=0.5)
    before = watched.bytes()
    (line,) = watched.stated().lines
    assert (line.objective.promise.availability, line.is_kept) == (0.5, True)
    assert [(each.before and each.before.availability, each.by) for each in line.changes] == [(0.9, "ops")]
    watched.change(watched.last + 3, availability=0.99999)
    watched.promise(watched.last + 4, "another")
    assert watched.bytes() == before
    watched.at(watched.last + 5)
    asked = ObjectiveParameters(domain=SHOP, path_prefix="/")
    watched.backend.objective_editor.delete(CLUSTER, "monthly", asked, if_match="*", set_by="ops")
    assert watched.bytes() == before


def test_a_clusters_objective_is_about_each_domain_without_one(watched: Watched) -> None:
    watched.promise(watched.first, "all", domain=None, path=None, latency_objective=LatencyObjective(0.9, 100))
    watched.promise(watched.first, "own", path=None)
    watched.promise(watched.first, "api", path="/api")
    found = watched.stated(verify="true")
    assert [(each.domain, each.path_prefix, each.objective.name, each.objective.level) for each in found.lines] == [
        (BLOG, None, "all", "cluster"),
        (SHOP, None, "own", "domain"),
        (SHOP, "/api", "api", "route"),
    ]
    assert all(each.verification and each.verification.is_equal for each in found.lines)
    blog = found.lines[0]
    assert (blog.total_errors, blog.is_kept, blog.latency and blog.latency.share) == (0, True, 1)
    pages: list[StatementLine] = []
    cursor = ""
    while True:
        answer = watched.stated(limit=1, cursor=cursor)
        pages += answer.lines
        if answer.next_cursor is None:
            break
        cursor = answer.next_cursor
    assert pages == list(watched.stated().lines)
    assert [each.objective.name for each in watched.stated(domain="SHOP.example.com.").lines] == ["own", "api"]
    with pytest.raises(NotFoundError):
        watched.stated(domain="never.example.com")


def test_nothing_was_promised_before_it_was_set(watched: Watched) -> None:
    assert watched.stated().lines == ()
    watched.promise(watched.end)
    assert watched.stated().lines == ()


def test_a_month_that_is_not_closed_says_when_it_is(watched: Watched) -> None:
    for month, ready in (("2026-12", "2027-01-01 00:06 UTC"), ("2999-12", "3000-01-01 00:06 UTC")):
        with pytest.raises(BadRequestError) as refused:
            watched.stated(month)
        assert f"can be had from {ready} on." in refused.value.detail
    watched.promise(watched.first, time_zone="America/New_York")
    watched.backend.now = watched.last
    with pytest.raises(BadRequestError) as refused:
        watched.stated("2026-12")
    assert "2027-01-02 00:06 UTC" in refused.value.detail, "its last day ends in January"


def test_a_month_whose_books_are_gone_is_refused(watched: Watched) -> None:
    with pytest.raises(BadRequestError) as refused:
        watched.stated("2025-08")
    assert "closed days are kept for 400 days" in refused.value.detail


def test_an_incident_is_stated_as_it_was_at_the_end_of_the_month(watched: Watched) -> None:
    watched.promise(watched.first)
    store = watched.backend.stores.of(IncidentStore)

    def incident(opened_at: float, resolved_at: float | None, *steps: Step, path: str = "") -> Incident:
        return Incident(
            incident_id=f"{round(opened_at * 1000):013d}-{path.strip('/')}",
            cluster_id=CLUSTER,
            kind="outage",
            severity="page",
            subject=About(domain=SHOP),
            path_prefix=path,
            since=opened_at - 60,
            opened_at=opened_at,
            resolved_at=resolved_at,
            requests=100,
            errors=90,
            routes=(FailingRoute(path_prefix=path or "/", requests=100, errors=90),),
            steps=steps,
        )

    opened = Step(at=watched.end - 600, what="opened", severity="ticket", requests=20, errors=10)
    store.put(incident(watched.start - 1, watched.start + 50))
    store.put(incident(watched.start, watched.start + 600))
    store.put(incident(watched.start + 700, watched.start + 800, path="/api"))
    store.put(incident(watched.end - 600, None, opened))
    store.put(incident(watched.end, None))
    found = watched.stated().lines[0].incidents
    assert [(each.since.timestamp() + 60 - watched.start, each.errors) for each in found[:1]] == [(0, 90)]
    went_on = found[-1]
    assert (went_on.until, went_on.errors, went_on.requests, went_on.severity) == (None, 10, 20, "ticket")
    assert len(found) == 2, "opened in the month, on this path"
    before = watched.bytes()
    escalated = Step(at=watched.end + 60, what="escalated", severity="page", requests=90, errors=80)
    store.put(incident(watched.end - 600, watched.end + 3600, opened, escalated))
    assert watched.bytes() == before


def test_a_cluster_that_fell_silent_has_its_last_month(dynamodb_local: DynamoDBLocal) -> None:
    backend = UseCases(dynamodb_local.client(), REGION, dynamodb_local.endpoint_url)
    start = int(datetime(2026, 6, 10, 6, tzinfo=UTC).timestamp())
    for number in range(25):
        at = start + number * MINUTE_SECONDS
        rows = [row(NAMES[0], 100 * number, number)]
        backend.push(snapshot(float(at), [process(rows, float(at), start - 4000.0)], ROUTES), at=at + 1)
        backend.roll_up(at + DELAY)
    backend.roll_up(start + 7 * HOUR_SECONDS)
    silent = Watched(backend, "2026-06", start, start + 21 * DAY_SECONDS)
    silent.promise(start)
    backend.now = datetime(2026, 7, 1, 2, tzinfo=UTC).timestamp()
    (line,) = backend.statements.statement(CLUSTER, StatementParameters(month="2026-06", verify="true")).lines
    assert (line.total_requests, line.total_errors) == (24 * 101, 24)
    assert line.verification is not None
    assert line.verification.is_equal
    assert line.coverage == pytest.approx(24 * MINUTE_SECONDS / (30 * DAY_SECONDS), abs=1e-4)
