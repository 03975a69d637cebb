"""Readers list incidents: what is not resolved first, then the others, in pages."""

from datetime import UTC, datetime
from typing import Any

import boto3
import msgspec
import pytest
from integration.use_cases import CLUSTER, T0, UseCases, snapshot

from slo.api.incident_answers import IncidentsAnswer
from slo.api.parameters import IncidentsParameters
from slo.app.acknowledge import Acknowledge
from slo.app.incidents import Incidents
from slo.app.stores import Stores
from slo.errors import BadRequestError, ConflictError, NotFoundError
from slo.incidents.incident import Incident, RouteChange, Step, Subject, Worst
from slo.incidents.tracking import Tracked, Tracking
from slo.store.incidents import IncidentStore

DAY = 86_400


def incident(number: int, **changes: Any) -> Incident:
    """An incident that opened on this day, and was resolved an hour later."""
    opened_at = float(T0 + number * DAY)
    given: dict[str, Any] = {
        "incident_id": f"{int(opened_at)}-{number:04d}",
        "cluster_id": CLUSTER,
        "kind": "outage",
        "severity": "page",
        "subject": Subject(domain="shop.example.com"),
        "since": opened_at - 60,
        "opened_at": opened_at,
        "resolved_at": opened_at + 3_600,
    }
    return Incident(**{**given, **changes})


def keep(stores: Stores, *incidents: Incident) -> None:
    """Store these as the evaluator does: each in an item, the open ones in the watch as well."""
    store = stores.of(IncidentStore)
    for each in incidents:
        store.put(each)
    unresolved = [each for each in incidents if each.resolved_at is None]
    tracked = {each.incident_id: Tracked(incident=each, fired_at=each.since) for each in unresolved}
    watch = store.watch(CLUSTER, consistent=True)
    store.put_watch(CLUSTER, msgspec.structs.replace(watch, tracking=Tracking(open=tracked)))


def watched(backend: UseCases, *incidents: Incident) -> None:
    keep(backend.stores, *incidents)
    backend.push(snapshot(T0, []))


def page(backend: UseCases, **asked: Any) -> IncidentsAnswer:
    return Incidents(backend.stores).listed(CLUSTER, IncidentsParameters(**asked))


def days(answer: IncidentsAnswer) -> list[int]:
    return [int(each.opened_at.timestamp() - T0) // DAY for each in answer.incidents]


def test_what_is_not_resolved_comes_first_pages_before_tickets_and_newest_first(backend: UseCases) -> None:
    acknowledged = {"acknowledged_at": T0 + 9.0, "acknowledged_by": "alice"}
    watched(
        backend,
        *(incident(day) for day in (2, 5, 3)),
        incident(0, resolved_at=None, severity="ticket"),
        incident(1, resolved_at=None, **acknowledged),
        incident(4, resolved_at=None, severity="ticket"),
        incident(6, resolved_at=None),
    )
    answer = page(backend)
    assert days(answer) == [6, 1, 4, 0, 5, 3, 2]
    assert [each.status for each in answer.incidents[:3]] == ["open", "acknowledged", "open"]
    assert (answer.cluster_id, answer.open, answer.next_cursor) == (CLUSTER, 4, None)


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6, 7])
def test_pages_together_are_the_list(moto_backend: UseCases, limit: int) -> None:
    watched(
        moto_backend,
        *(incident(day) for day in range(3)),
        *(incident(day, resolved_at=None) for day in range(3, 6)),
    )
    found, cursor, pages = [], "", 0
    while True:
        answer = page(moto_backend, limit=limit, cursor=cursor)
        assert (answer.open, len(answer.incidents) <= limit) == (3, True)
        found += days(answer)
        pages += 1
        if answer.next_cursor is None:
            break
        cursor = answer.next_cursor
    assert found == [5, 4, 3, 2, 1, 0]
    assert pages == -(-6 // limit)


def test_one_that_is_resolved_between_two_pages_is_not_lost(moto_backend: UseCases) -> None:
    ongoing = [incident(day, resolved_at=None) for day in range(3)]
    watched(moto_backend, *ongoing)
    first = page(moto_backend, limit=2)
    assert days(first) == [2, 1]
    watched(moto_backend, *ongoing[1:], incident(0))
    rest = page(moto_backend, limit=2, cursor=first.next_cursor)
    assert (days(rest), rest.open) == ([0], 2)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"status": "open"}, [3]),
        ({"status": "acknowledged,open"}, [3, 2]),
        ({"status": "resolved"}, [1, 0]),
        ({"kind": "burn,certificate"}, [2, 0]),
        ({"severity": "ticket"}, [2]),
        ({"severity": "page", "status": "resolved"}, [1, 0]),
        ({"domain": "SHOP.example.com."}, [3, 1]),
        ({"domain": "www.example.com"}, [2, 0]),
        ({"domain": "nowhere.example.com"}, []),
        ({"start": datetime.fromtimestamp(T0 + DAY + 3_599, UTC)}, [3, 2, 1]),
        ({"start": datetime.fromtimestamp(T0 + DAY + 3_600, UTC)}, [3, 2]),
        ({"end": datetime.fromtimestamp(T0 + DAY - 60, UTC)}, [1, 0]),
        ({"end": datetime.fromtimestamp(T0 + DAY - 61, UTC)}, [0]),
    ],
    ids=lambda value: "-".join(f"{key} {text}" for key, text in value.items()) if isinstance(value, dict) else "",
)
def test_filters(moto_backend: UseCases, asked: dict[str, Any], expected: list[int]) -> None:
    www = Subject(domain="www.example.com")
    watched(
        moto_backend,
        incident(0, kind="certificate", subject=Subject(certificate="any"), domains=("www.example.com",)),
        incident(1),
        incident(2, kind="burn", severity="ticket", subject=www, resolved_at=None, acknowledged_at=T0 + 1.0),
        incident(3, resolved_at=None),
    )
    answer = page(moto_backend, **asked)
    assert days(answer) == expected
    assert answer.open == 2, "regardless of filters"


@pytest.mark.parametrize("name", ["status", "kind", "severity"])
def test_a_filter_names_what_it_takes(moto_backend: UseCases, name: str) -> None:
    watched(moto_backend)
    with pytest.raises(BadRequestError) as refused:
        page(moto_backend, **{name: "page,nonsense"})
    assert refused.value.errors[0].field == name


def test_a_filter_that_few_match_gets_a_short_page_rather_than_a_long_wait(
    moto_backend: UseCases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slo.app.incidents._READ_AT_MOST", 4)
    watched(moto_backend, incident(0, kind="burn"), *(incident(day) for day in range(1, 10)))
    found, cursor, sizes = [], "", []
    while True:
        answer = page(moto_backend, kind="burn", limit=1, cursor=cursor)
        found += days(answer)
        sizes.append(len(answer.incidents))
        if answer.next_cursor is None:
            break
        cursor = answer.next_cursor
    assert (found, sizes) == ([0], [0, 0, 1])


def test_an_incident_has_its_steps_and_null_for_what_it_has_not(backend: UseCases) -> None:
    steps = (
        Step(at=T0 + 1.0, what="opened", severity="page", requests=10, errors=9, budget_remaining=0.5),
        Step(at=T0 + 2.0, what="acknowledged", severity="page", by="alice"),
    )
    changed = RouteChange(what="changed", path_prefix="/pay", service="pay-v2:80", before="pay:80")
    worst = Worst(at=T0 + 1.5, requests=5, errors=5)
    kept = incident(0, resolved_at=None, steps=steps, changes=(changed,), worst=worst, path_prefix="/pay")
    watched(backend, kept)
    answer = Incidents(backend.stores).get(CLUSTER, kept.incident_id)
    assert (answer.status, answer.path_prefix, answer.resolved_at, answer.acknowledged_by) == (
        "open",
        "/pay",
        None,
        None,
    )
    assert (answer.subject.domain, answer.subject.pod, answer.subject.certificate) == ("shop.example.com", None, None)
    assert [(step.what, step.by, step.budget_remaining) for step in answer.steps] == [
        ("opened", None, 0.5),
        ("acknowledged", "alice", None),
    ]
    assert answer.worst is not None
    assert answer.worst.at == datetime.fromtimestamp(T0 + 1.5, UTC)
    assert answer.changes == (changed,)


@pytest.mark.parametrize("incident_id", ["nothing", "#watch", "x" * 2_000], ids=lambda text: text[:9])
def test_there_is_no_such_incident(backend: UseCases, incident_id: str) -> None:
    watched(backend, incident(0))
    with pytest.raises(NotFoundError, match="no incident"):
        Incidents(backend.stores).get(CLUSTER, incident_id)


def test_a_cluster_that_never_pushed_is_not_known(backend: UseCases) -> None:
    with pytest.raises(NotFoundError, match="has not sent a snapshot"):
        page(backend)


def test_an_open_incident_is_shown_as_the_watch_has_it(backend: UseCases) -> None:
    """Its item is written only when something happens."""
    first = incident(0, resolved_at=None, errors=1)
    watched(backend, first)
    latest = msgspec.structs.replace(first, errors=2)
    keep(backend.stores, latest)
    backend.stores.of(IncidentStore).put(first)
    assert Incidents(backend.stores).get(CLUSTER, first.incident_id).errors == 2
    assert page(backend).incidents[0].errors == 2


@pytest.fixture
def queue(moto_backend: UseCases, monkeypatch: pytest.MonkeyPatch) -> UseCases:
    """A deployment with a queue of orders."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", moto_backend.region)
    moto_backend.names["DELIVERY_QUEUE_URL"] = boto3.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
    return moto_backend


def test_an_incident_is_acknowledged_once_by_whoever_comes_first(queue: UseCases) -> None:
    ongoing, other = incident(0, resolved_at=None), incident(1, resolved_at=None)
    watched(queue, ongoing, other)
    queue.now = T0 + 500
    acknowledge = Acknowledge(queue.stores)
    answer = acknowledge.incident(CLUSTER, ongoing.incident_id, by="alice")
    at = datetime.fromtimestamp(T0 + 500, UTC)
    assert (answer.status, answer.acknowledged_by, answer.acknowledged_at) == ("acknowledged", "alice", at)
    assert [(step.what, step.by, step.at) for step in answer.steps] == [("acknowledged", "alice", at)]
    queue.now = T0 + 600
    again = acknowledge.incident(CLUSTER, ongoing.incident_id, by="bob")
    assert (again.acknowledged_by, again.acknowledged_at, len(again.steps)) == ("alice", at, 1)
    assert Incidents(queue.stores).get(CLUSTER, ongoing.incident_id) == answer
    assert [each.status for each in page(queue).incidents] == ["open", "acknowledged"]


def test_what_is_resolved_or_unknown_cannot_be_acknowledged(queue: UseCases) -> None:
    watched(queue, incident(0))
    acknowledge = Acknowledge(queue.stores)
    with pytest.raises(ConflictError, match="resolved already"):
        acknowledge.incident(CLUSTER, incident(0).incident_id, by="alice")
    for incident_id in ("nothing", "#watch", "x" * 2_000):
        with pytest.raises(NotFoundError, match="no incident"):
            acknowledge.incident(CLUSTER, incident_id, by="alice")
    with pytest.raises(NotFoundError):
        acknowledge.incident("c2", incident(0).incident_id, by="alice")
