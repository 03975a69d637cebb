"""A decommissioned cluster is removed from all tables, whatever happens meanwhile."""

import json
from typing import Any

import pytest
from integration.command import everything, operate, run
from integration.kills import KilledError, Writes
from integration.use_cases import CLUSTER, T0, UseCases, process, route, row, snapshot

from lab.cloud.dynamodb_local import REGION, DynamoDBLocal, every_client
from slo.api.parameters import DomainsParameters, StatusHistoryParameters
from slo.api.tokens import Token
from slo.app.dispatch import Dispatch
from slo.app.remove_cluster import RemoveCluster, StillPushingError
from slo.app.route_mapper import RouteMapper
from slo.counting.rollup import Sample
from slo.errors import NotFoundError
from slo.objectives.objective import Objective
from slo.objectives.targets import Subject
from slo.store.raw import RawStore
from slo.traefik.snapshots import Snapshot

HOUR = T0 // 3600 * 3600
DAY = 86_400
OTHER = "c10"
"""Its name begins with that of the cluster that is removed."""
ROUTES = (route("a.example.com"), route("a.example.com", "/api"), route("b.example.com"))
NAMES = [info.router_keys[0] for info in ROUTES]


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bodies of a few hundred bytes are large, so that every table has parts."""
    monkeypatch.setattr("slo.store.bodies.PART_BYTES", 150)


def taken(cluster_id: str, at: float, requests: int) -> Snapshot:
    rows = [row(name, requests * number, requests) for number, name in enumerate(NAMES, 1)]
    return snapshot(at, [process(rows, at, HOUR - 3 * DAY)], ROUTES, cluster_id=cluster_id)


def live(backend: UseCases, cluster_id: str, *, start: float = HOUR, minutes: int = 75) -> None:
    """Push for more than an hour, with a late sample whose marker is still there, and set a target."""
    for number in range(0, minutes, 5):
        backend.push(taken(cluster_id, start + 60 * number, number + 1))
    backend.now = start + 60 * minutes + 60
    backend.worker().run(cluster_id)
    RouteMapper(backend.stores).run(cluster_id)
    backend.push(taken(cluster_id, start + 90, 2), at=backend.now)
    subject = Subject("a.example.com", "/")
    objective = Objective(
        name="daily", subject=subject, availability=0.9, p95_latency=100, set_by="me", set_at=T0, version=1
    )
    backend.objectives.put(cluster_id, objective, None)


def remover(backend: UseCases, slept: list[float] | None = None) -> RemoveCluster:
    return RemoveCluster(backend.stores, sleep=(slept if slept is not None else []).append)


def remove(backend: UseCases, *, is_forced: bool = False) -> dict[str, int]:
    return remover(backend).run(CLUSTER, lambda _: None, is_forced=is_forced)


def naming(backend: UseCases, cluster_id: str) -> list[str]:
    """Every stored item that names a cluster in one of its values."""
    found = [item for items in everything(backend).values() for item in items]
    marks = (f'"{cluster_id}"', f'"{cluster_id}#', f"#{cluster_id}#", f'#{cluster_id}"')
    return [item for item in found if any(mark in item for mark in marks)]


def test_all_items_of_all_tables_are_gone_and_other_clusters_keep_theirs(backend: UseCases) -> None:
    live(backend, OTHER)
    before = everything(backend)
    live(backend, CLUSTER)
    backend.now += 3_600
    counted = remover(backend).contents(CLUSTER)
    assert min(counted.items.values()) > 0 or counted.items == {**counted.items, "daily": 0}
    assert counted.total == len(naming(backend, CLUSTER))
    deleted = remove(backend)
    assert deleted == counted.items
    assert everything(backend) == before


def test_it_is_safe_to_run_again(moto_backend: UseCases) -> None:
    live(moto_backend, CLUSTER)
    moto_backend.now += 3_600
    remove(moto_backend)
    assert sum(remove(moto_backend).values()) == 0
    assert remover(moto_backend).contents(CLUSTER).total == 0


def test_a_cluster_that_pushes_is_refused(moto_backend: UseCases) -> None:
    live(moto_backend, CLUSTER)
    before = everything(moto_backend)
    moto_backend.now += 599
    with pytest.raises(StillPushingError, match="Uninstall its agent or revoke its token"):
        remove(moto_backend)
    assert everything(moto_backend) == before
    moto_backend.now += 2
    remove(moto_backend)
    assert naming(moto_backend, CLUSTER) == []


def test_forced_it_waits_for_the_pushes_that_are_under_way(moto_backend: UseCases) -> None:
    live(moto_backend, CLUSTER)
    slept: list[float] = []
    remover(moto_backend, slept).run(CLUSTER, lambda _: None, is_forced=True)
    assert slept == [30.0]
    assert naming(moto_backend, CLUSTER) == []


def test_killed_at_any_write_it_breaks_no_reader_and_the_next_run_finishes(dynamodb_local: DynamoDBLocal) -> None:
    writes = Writes()
    with every_client(writes.register):
        backend = UseCases(dynamodb_local.client(), REGION, dynamodb_local.endpoint_url)
        live(backend, CLUSTER)
        backend.now += 3_600
        fatal = 0
        while True:
            fatal += 1
            writes.kill_at(fatal % 3 + 1, after=bool(fatal % 2))
            try:
                remove(backend)
            except KilledError:
                with pytest.raises(NotFoundError):
                    backend.query.domains(CLUSTER, DomainsParameters(time_range="1d"))
                assert backend.worker().run(CLUSTER) is None
            else:
                break
            finally:
                writes.spare()
        assert writes.kills > 3
        assert naming(backend, CLUSTER) == []


def readable(backend: UseCases, cluster_id: str = CLUSTER) -> dict[str, int]:
    """What the readers say about a cluster: requests by domain."""
    answer = backend.query.domains(cluster_id, DomainsParameters(time_range="1d"))
    backend.status_history.changes(cluster_id, StatusHistoryParameters())
    return {domain.domain: domain.summary.total_requests for domain in answer.domains}


class Meanwhile:
    """Does something once, right before the n-th write of the removal."""

    def __init__(self, number: int, action: Any) -> None:
        self._left, self._action = number, action

    def register(self, events: Any) -> None:
        events.register("before-call.dynamodb", self._count)

    def _count(self, model: Any, **_: Any) -> None:
        if model.name not in ("DeleteItem", "BatchWriteItem", "TransactWriteItems"):
            return
        self._left -= 1
        if self._left == 0:
            self._action()


@pytest.mark.parametrize("number", [2, 3, 4, 5, 8, 12])
def test_a_push_at_the_same_time_makes_a_whole_new_cluster(dynamodb_local: DynamoDBLocal, number: int) -> None:
    """The agent was started again: it pushes while the cluster is removed, and goes on."""
    pusher = UseCases(dynamodb_local.client(), REGION, dynamodb_local.endpoint_url)
    live(pusher, CLUSTER)
    at = pusher.now + 3_600
    pusher.now = at
    meanwhile = Meanwhile(number, lambda: pusher.push(taken(CLUSTER, at, 100), at=at))
    with every_client(meanwhile.register):
        backend = UseCases(pusher.client, pusher.region, pusher.host, now=at, names=pusher.names)
        try:
            remove(backend)
        except StillPushingError:
            assert pusher.clusters.get(CLUSTER, consistent=True) is not None
    for minute in range(1, 20):
        pusher.push(taken(CLUSTER, at + 60 * minute, 100 + minute))
    pusher.now = at + 1_500
    pusher.worker().run(CLUSTER)
    RouteMapper(pusher.stores).run(CLUSTER)
    counted = readable(pusher)
    assert 18 * 4 <= counted["b.example.com"] <= 19 * 4, "what it counted since its first or second new push"
    assert counted["a.example.com"] * 4 == counted["b.example.com"] * 5


def test_a_push_right_before_the_first_write_stops_the_removal(dynamodb_local: DynamoDBLocal) -> None:
    pusher = UseCases(dynamodb_local.client(), REGION, dynamodb_local.endpoint_url)
    live(pusher, CLUSTER)
    at = pusher.now = pusher.now + 3_600
    before = naming(pusher, CLUSTER)
    meanwhile = Meanwhile(1, lambda: pusher.push(taken(CLUSTER, at, 100), at=at))
    with every_client(meanwhile.register):
        backend = UseCases(pusher.client, pusher.region, pusher.host, now=at, names=pusher.names)
        with pytest.raises(StillPushingError, match="still pushes"):
            remove(backend)
    assert len(naming(pusher, CLUSTER)) == len(before) + 2, "only the new sample and its part"


def test_a_push_that_had_read_the_old_catalogue_is_not_booked_under_wrong_names(
    dynamodb_local: DynamoDBLocal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It resolved its series, then the cluster was removed, then it stored its sample and made the cluster anew."""
    backend = UseCases(dynamodb_local.client(), REGION, dynamodb_local.endpoint_url)
    live(backend, CLUSTER)
    at = backend.now + 3_600
    put = RawStore.put
    is_first = [True]

    def late(self: RawStore, cluster_id: str, sample: Sample, now: float, *, version: int) -> bool:
        if is_first.pop() if is_first else False:
            with pytest.raises(StillPushingError):
                RemoveCluster(backend.stores, sleep=lambda _: stored.append(put(self, cluster_id, sample, now))).run(
                    CLUSTER, lambda _: revive(), is_forced=True
                )
            return True
        return put(self, cluster_id, sample, now, version=version)

    stored: list[bool] = []
    revived: list[bool] = []

    def revive() -> None:
        if not revived:
            revived.append(True)
            backend.clusters.note_snapshot(taken(CLUSTER, at, 1), at, is_late=False, catalogue_version=1)

    monkeypatch.setattr(RawStore, "put", late)
    backend.push(taken(CLUSTER, backend.now + 60, 90), at=backend.now + 60)
    monkeypatch.setattr(RawStore, "put", put)
    for minute in range(20):
        backend.push(taken(CLUSTER, at + 60 * minute, 100 + minute))
    backend.now = at + 1_500
    backend.worker().run(CLUSTER)
    counted = readable(backend)
    assert counted["a.example.com"] * 4 == counted["b.example.com"] * 5


class Queue:
    """Records what dispatch queues."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(self, cluster_ids: Any) -> int:
        self.sent = list(cluster_ids)
        return len(self.sent)


def test_a_rollup_at_the_same_time_brings_nothing_back(
    dynamodb_local: DynamoDBLocal, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = UseCases(dynamodb_local.client(), REGION, dynamodb_local.endpoint_url)
    live(backend, CLUSTER)
    at = backend.now + 3_600
    backend.now = at
    claim = type(backend.clusters).claim

    def removed_then_claimed(self: Any, *arguments: Any) -> int:
        generation: int = claim(self, *arguments)
        remove(backend)
        return generation

    monkeypatch.setattr(type(backend.clusters), "claim", removed_then_claimed)
    assert backend.worker().run(CLUSTER) is None
    monkeypatch.setattr(type(backend.clusters), "claim", claim)
    backend.clusters.note_mapped(CLUSTER, 3)
    assert backend.clusters.get(CLUSTER, consistent=True) is None
    queue = Queue()
    Dispatch(backend.stores, queue).run()  # type: ignore[arg-type]
    assert queue.sent == []
    remove(backend)
    assert naming(backend, CLUSTER) == []


def test_a_worker_that_read_the_state_before_the_removal_cannot_claim(moto_backend: UseCases) -> None:
    moto_backend.push(taken(CLUSTER, T0, 1))
    moto_backend.now = T0 + 3_600
    states = [moto_backend.clusters.get(CLUSTER)]
    remove(moto_backend)
    for state in states:
        assert state is not None
        assert state.generation == 0
        moto_backend.clusters.get = lambda *_, state=state, **__: state  # type: ignore[method-assign]
        assert moto_backend.worker().run(CLUSTER) is None
    assert naming(moto_backend, CLUSTER) == []


def test_a_cluster_that_comes_back_is_not_read_with_the_old_catalogue(backend: UseCases) -> None:
    """A warm function keeps catalogues. The new one has the version of the old one, and other routes."""
    old = (route("old.example.com"),)
    backend.push(snapshot(T0, [process([row(old[0].router_keys[0], 5)], T0, T0 - 60)], old))
    assert {entry.routes[0][0] for entry in backend.catalogues.latest(CLUSTER).entries} == {"old.example.com"}
    other = UseCases(backend.client, backend.region, backend.host, now=T0 + 3_600, names=backend.names)
    remove(other)
    new = (route("new.example.com"),)
    at = T0 + 4_000.0
    other.push(snapshot(at, [process([row(new[0].router_keys[0], 5)], at, at - 60)], new))
    assert {entry.routes[0][0] for entry in backend.catalogues.latest(CLUSTER).entries} == {"new.example.com"}


def test_a_cluster_whose_catalogue_cannot_be_decoded_is_removed(backend: UseCases) -> None:
    live(backend, CLUSTER)
    backend.now += 3_600
    table = backend.names["CATALOGUE_TABLE"]
    backend.client.update_item(
        TableName=table,
        Key={"cluster_id": {"S": CLUSTER}, "part": {"N": "0"}},
        UpdateExpression="SET body = :rubbish REMOVE parts",
        ExpressionAttributeValues={":rubbish": {"B": b"rubbish"}},
    )
    remove(backend)
    assert naming(backend, CLUSTER) == []


@pytest.fixture
def operated(moto_backend: UseCases, monkeypatch: pytest.MonkeyPatch) -> UseCases:
    live(moto_backend, CLUSTER)
    operate(moto_backend, monkeypatch)
    moto_backend.now += 3_600
    return moto_backend


def add_token(backend: UseCases, number: int, *clusters: str) -> Token:
    token = Token(token_hash=f"{number}" * 64, scope="ingest", clusters=clusters, label=f"t{number}", created_at=T0)
    backend.tokens.add(token)
    return token


def test_the_command_counts_then_deletes_and_names_the_tokens_to_revoke(operated: UseCases) -> None:
    own = add_token(operated, 1, CLUSTER)
    add_token(operated, 2, OTHER)
    operated.tokens.revoke(add_token(operated, 3, CLUSTER).token_hash, T0)
    before = everything(operated)
    dry = run("clusters", "remove", CLUSTER, "--dry-run", "--json")
    assert dry.code == 0
    counted = json.loads(dry.out)
    assert everything(operated) == before
    assert counted["items"]["clusters"] == 1
    assert counted["tokens"] == [own.id]
    done = run("clusters", "remove", CLUSTER, "--yes")
    assert done.code == 0, done.err
    assert "DELETED" in done.out
    assert f"ingress-slo tokens revoke {own.id}" in done.err
    tokens = operated.names["TOKENS_TABLE"]
    assert {name: items for name, items in everything(operated).items() if items} == {tokens: before[tokens]}
    again = run("clusters", "remove", CLUSTER, "--yes")
    assert (again.code, again.out) == (0, "")
    assert "Nothing is stored of cluster 'c1'" in again.err


def test_the_command_asks_before_it_deletes(operated: UseCases) -> None:
    before = everything(operated)
    assert run("clusters", "remove", CLUSTER).code == 1
    assert everything(operated) == before


def test_the_command_refuses_a_cluster_that_pushes_and_says_what_to_do(operated: UseCases) -> None:
    token = add_token(operated, 1, CLUSTER)
    operated.push(taken(CLUSTER, operated.now, 99))
    done = run("clusters", "remove", CLUSTER, "--yes")
    assert done.code == 1
    assert "still pushes" in done.err
    assert "--force" in done.err
    assert f"tokens revoke {token.id}" in done.err


@pytest.mark.usefixtures("operated")
def test_the_command_refuses_what_is_not_an_id() -> None:
    assert run("clusters", "remove", "C#1", "--yes").code == 2


def test_days_are_removed_too(moto_backend: UseCases) -> None:
    live(moto_backend, CLUSTER, start=HOUR - DAY)
    moto_backend.now += DAY
    moto_backend.worker().run(CLUSTER)
    moto_backend.now += DAY
    assert remover(moto_backend).contents(CLUSTER).items["daily"] > 0
    remove(moto_backend)
    assert naming(moto_backend, CLUSTER) == []
