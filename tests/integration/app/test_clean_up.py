"""Routes that are gone, entry points that an old agent sent, and what clean-up deletes."""

import json

import msgspec
import pytest
from integration.command import operate, run
from integration.use_cases import CLUSTER, T0, UseCases, process, route, row, snapshot

from slo.api.parameters import DomainsParameters, HistoryParameters, WindowParameters
from slo.app.clean_up import CleanUp
from slo.app.query import Query
from slo.app.views import Views
from slo.counting.catalogue import Entry
from slo.counting.retention import FORGET_SECONDS
from slo.errors import NotFoundError
from slo.times import utc

DAY = 86_400
SHOP, BLOG = route("shop.example.com"), route("blog.example.com")


@pytest.fixture
def backend(moto_backend: UseCases) -> UseCases:
    return moto_backend


def job(backend: UseCases) -> CleanUp:
    return CleanUp(backend.stores)


def clean(backend: UseCases) -> dict[str, int]:
    [done] = job(backend).run(CLUSTER)
    return {**msgspec.structs.asdict(done.catalogue), "removed": done.mappings_removed, "added": done.mappings_added}


NOTHING = {"entry_points": 0, "retired_entries": 0, "entries": 0, "routes": 0, "removed": 0, "added": 0}


def push(backend: UseCases, at: float, *routes: object, requests: int = 10) -> None:
    """Push the counts of two routes at a time. The agent declares only `routes`."""
    rows = [row(info.router_keys[0], requests) for info in (SHOP, BLOG)]
    backend.push(snapshot(at, [process(rows, at, T0 - 5_000)], routes))  # type: ignore[arg-type]


def watched(backend: UseCases) -> None:
    """Both routes serve; then the blog's route is gone."""
    push(backend, T0, SHOP, BLOG)
    push(backend, T0 + 60, SHOP, BLOG, requests=20)
    backend.roll_up(T0 + 400)
    push(backend, T0 + 420, SHOP, requests=20)
    backend.roll_up(T0 + 700)


def listed(backend: UseCases, query: Query | None = None) -> list[str]:
    answer = (query or backend.query).domains(CLUSTER, DomainsParameters(time_range="7d"))
    return [domain.domain for domain in answer.domains]


def carry_on(backend: UseCases, until: float) -> None:
    """Push once an hour until a time, then roll up."""
    for at in range(int(backend.now) // 3_600 * 3_600 + 3_600, int(until), 3_600):
        push(backend, at, SHOP, requests=20)
    backend.roll_up(until)


def test_a_route_that_is_gone_leaves_the_list_after_the_grace_time_and_keeps_its_history(backend: UseCases) -> None:
    watched(backend)
    assert listed(backend) == ["blog.example.com", "shop.example.com"]
    carry_on(backend, T0 + DAY + 3_600)
    assert listed(backend) == ["shop.example.com"]
    domain = backend.query.domain(CLUSTER, "blog.example.com", WindowParameters(time_range="7d")).domain
    assert domain.summary.total_requests == 10
    assert domain.routes[0].retired_at == utc(T0 + 420)
    history = backend.trends.history(CLUSTER, "blog.example.com", HistoryParameters(time_range="7d", path_prefix="/"))
    assert sum(point.total_requests or 0 for point in history.points) == 10
    with pytest.raises(NotFoundError):
        backend.query.domain(CLUSTER, "never.example.com", WindowParameters())


def test_the_grace_time_is_a_parameter(backend: UseCases) -> None:
    watched(backend)
    backend.names["RETIRED_GRACE_SECONDS"] = "0"
    assert listed(backend, Query(Views(backend.stores))) == ["shop.example.com"]


def test_a_route_that_returns_is_back_at_once(backend: UseCases) -> None:
    watched(backend)
    carry_on(backend, T0 + DAY + 3_600)
    at = backend.now + 60
    push(backend, at, SHOP, BLOG, requests=25)
    backend.roll_up(at + 400)
    assert listed(backend) == ["blog.example.com", "shop.example.com"]
    [blog, _] = backend.query.domains(CLUSTER, DomainsParameters(time_range="7d")).domains
    assert (blog.summary.total_requests, blog.routes[0].retired_at) == (15, None)


def test_the_job_forgets_what_retired_longer_ago_than_any_book_is_kept(backend: UseCases) -> None:
    watched(backend)
    assert clean(backend) == NOTHING
    ledger = backend.ledgers.at(CLUSTER, 2**33)
    backend.now = T0 + 3 * DAY
    assert clean(backend) == {**NOTHING, "retired_entries": 1}
    assert clean(backend) == NOTHING
    backend.now += FORGET_SECONDS
    assert clean(backend) == {**NOTHING, "routes": 1}, "the entry's row is still in the ledger"
    backend.ledgers.put(CLUSTER, msgspec.structs.replace(ledger, rows={}), 99)
    assert clean(backend) == {**NOTHING, "entries": 1}
    assert {entry.routes[0][0] for entry in backend.catalogue().entries} == {"shop.example.com"}
    assert clean(backend) == NOTHING


def test_entry_points_of_an_old_agent_are_not_taken_in(backend: UseCases) -> None:
    rows = [row("", 10, service=name) for name in ("web", "websecure", "ns-svc-80@kubernetes")]
    accepted = backend.push(snapshot(T0, [process(rows, T0, T0 - 500)]))
    assert accepted.entry_points == 2
    assert [entry.service for entry in backend.catalogue().entries] == ["ns-svc-80@kubernetes"]


def test_entry_points_that_were_taken_in_once_are_removed(backend: UseCases) -> None:
    """Their raw samples may still exist. They must neither stop rollup nor bring the entry points back."""
    watched(backend)
    catalogue = backend.catalogue()
    web = Entry(catalogue.next_id, "", "web", (), (0.1, 0.3, 1.2, 5.0))
    backend.catalogues.put(
        CLUSTER,
        msgspec.structs.replace(
            catalogue, version=catalogue.version + 1, next_id=web.id + 1, entries=(*catalogue.entries, web)
        ),
    )
    ledger = backend.ledgers.at(CLUSTER, 2**33)
    rows = {**ledger.rows, web.id: next(iter(ledger.rows.values()))}
    backend.ledgers.put(CLUSTER, msgspec.structs.replace(ledger, rows=rows), 2)
    [sample] = backend.raw.between(CLUSTER, T0 + 400, T0 + 500)
    later = msgspec.structs.replace(
        sample,
        sample_key=f"{(T0 + 750) * 1000:013d}|{sample.pod}",
        taken_at=T0 + 750.0,
        observed_at=T0 + 750.0,
        date=T0 + 750.0,
        mallocs=sample.mallocs + 1_000,
        rows={**sample.rows, web.id: next(iter(sample.rows.values()))},
    )
    backend.raw.put(CLUSTER, later, T0 + 751)
    assert clean(backend)["entry_points"] == 1
    assert backend.roll_up(T0 + 1_000) is not None
    assert web.id not in backend.ledgers.at(CLUSTER, 2**33).rows


def test_a_route_map_that_differs_from_the_catalogue_is_mended(backend: UseCases) -> None:
    watched(backend)
    before = backend.route_map.all(CLUSTER)
    stray = msgspec.structs.replace(before[0], domain="stray.example.com")
    changed = msgspec.structs.replace(before[1], service_name="another")
    (batch,) = backend.route_map.batches([stray, changed], before[:1])
    assert backend.route_map.write(batch)
    assert clean(backend) == {**NOTHING, "removed": 1, "added": 2}
    assert {mapping.route_key for mapping in backend.route_map.all(CLUSTER)} == {
        mapping.route_key for mapping in before
    }


def test_the_command_does_what_the_job_does_and_a_dry_run_says_it(
    backend: UseCases, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched(backend)
    operate(backend, monkeypatch)
    monkeypatch.setattr("time.time", lambda: T0 + 420 + FORGET_SECONDS + 1)
    for arguments in (("--dry-run",), ()):
        [found] = json.loads(run("clean-up", "--json", *arguments).out)
        assert found["catalogue"] == {"entry_points": 0, "retired_entries": 1, "entries": 0, "routes": 1}
    [found] = json.loads(run("clean-up", "--json").out)
    assert found["catalogue"]["routes"] == 0
    assert "There is no such cluster" in run("clean-up", "--cluster", "other").err
