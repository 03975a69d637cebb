"""`ingress-slo rollup` books a span of time again from raw data."""

import json
import random

import msgspec
import pytest
from integration.command import Done, everything, operate, run
from integration.use_cases import CLUSTER, SLOT, T0, UseCases, process, route, row, snapshot

from ingress_slo.output import ProgressStep
from slo.api.parameters import DomainsParameters
from slo.app.query import Query
from slo.app.views import Views
from slo.counting.books import Book
from slo.counting.counts import Counts
from slo.times import HOUR_SECONDS, floor_to, utc

START = T0 // HOUR_SECONDS * HOUR_SECONDS + 600
END = START + HOUR_SECONDS + 3_000
ROUTES = (route("shop.example.com"), route("blog.example.com"))


@pytest.fixture
def backend(moto_backend: UseCases, monkeypatch: pytest.MonkeyPatch) -> UseCases:
    """Nearly two hours of a shop and a blog, with a restart and errors, rolled up every five minutes."""
    backend = moto_backend
    shop, blog = (info.router_keys[0] for info in ROUTES)
    for number, second in enumerate(range(START + 60, END, 150)):
        at = second + random.Random(number).random()
        restarted = at >= START + 4_000
        started = START + 3_990 if restarted else START - 5_000
        served = number - 26 if restarted else number
        rows = [row(shop, 10 * served, served // 3), row(blog, 3 * served)]
        backend.push(snapshot(at, [process(rows, at, started)], ROUTES))
        if second % SLOT == 60:
            backend.roll_up(second + 5)
    backend.now = END + 60
    operate(backend, monkeypatch)
    return backend


def again(*arguments: str) -> Done:
    return run("rollup", "--cluster", CLUSTER, *arguments)


def tamper(backend: UseCases) -> None:
    """Write ledgers that count too much from some slot on, as a defect would."""
    state = backend.clusters.get(CLUSTER, consistent=True)
    assert state is not None
    first = START // SLOT * SLOT + 3 * SLOT
    for ledger in list(backend.ledgers.between(CLUSTER, first, state.watermark)):
        more = {
            entry_id: msgspec.structs.replace(entry, counts=entry.counts.plus(Counts({"200": 7}, {"GET": 7})))
            for entry_id, entry in ledger.rows.items()
        }
        backend.ledgers.put(CLUSTER, msgspec.structs.replace(ledger, rows=more), state.generation)


def test_where_nothing_is_wrong_nothing_is_written(backend: UseCases) -> None:
    before = everything(backend)
    done = again("--from", "3h")
    assert done.code == 0
    assert "Nothing differs" in done.err
    assert everything(backend) == before


def test_what_a_defect_wrote_becomes_what_rollup_would_have_written(backend: UseCases) -> None:
    before = everything(backend)
    tamper(backend)
    assert everything(backend) != before
    said = again("--from", "3h")
    assert said.code == 0, said.err
    assert "ledgers differ" in said.err
    assert "ns-shop-example-com" in said.out
    assert everything(backend) == before
    assert "Nothing differs" in again().err


def test_readers_who_asked_before_see_what_was_booked_again(backend: UseCases) -> None:
    def total(reader: Query) -> int:
        return sum(domain.summary.total_requests for domain in reader.domains(CLUSTER, DomainsParameters()).domains)

    true = total(Query(Views(backend.stores)))
    tamper(backend)
    assert total(backend.query) > true
    assert again("--from", "3h").code == 0
    assert total(backend.query) == true


def test_a_dry_run_says_what_differs_and_writes_nothing(backend: UseCases) -> None:
    tamper(backend)
    before = everything(backend)
    plan = json.loads(again("--from", "3h", "--dry-run", "--json").out)
    assert plan["differs"]
    assert {change["stored"] - change["recomputed"] for change in plan["changes"]} == {7}
    assert everything(backend) == before


def test_what_should_not_be_there_goes(backend: UseCases) -> None:
    before = everything(backend)
    ledger = backend.ledgers.at(CLUSTER, START + 1_500)
    backend.ledgers.put(CLUSTER, msgspec.structs.replace(ledger, at=ledger.at + 7), 1)
    hour = START // HOUR_SECONDS * HOUR_SECONDS
    [book] = backend.hourly.between(CLUSTER, "shop.example.com", hour, hour + 1)
    assert isinstance(book, Book)
    backend.hourly.put(CLUSTER, msgspec.structs.replace(book, domain="(unattributed)"), 1)
    assert again("--from", "3h").code == 0
    assert everything(backend) == before


@pytest.mark.parametrize("goes_on", ["command", "schedule"])
def test_after_an_interruption_the_same_command_or_the_schedule_goes_on(
    backend: UseCases, monkeypatch: pytest.MonkeyPatch, goes_on: str
) -> None:
    before, original = everything(backend), backend.clusters.get(CLUSTER, consistent=True)
    assert original is not None
    tamper(backend)
    booked = 0

    def interrupt(_step: ProgressStep, count: int = 1) -> None:
        nonlocal booked
        booked += count == SLOT
        if booked == 5:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ProgressStep, "done", interrupt)
        done = again("--from", "3h")
    assert done.code == 130
    assert "the schedule books the rest" in done.err
    state = backend.clusters.get(CLUSTER, consistent=True)
    assert state is not None
    assert state.watermark < original.watermark
    if goes_on == "schedule":
        for cutoff in range(state.watermark + SLOT, original.watermark + 1, SLOT):
            backend.roll_up(cutoff + 60)
        assert everything(backend) == before
    else:
        backend.roll_up(END + 60)
        assert "Nothing differs" in again("--from", "3h").err


def test_a_span_whose_raw_data_has_expired_is_refused_with_the_earliest_possible(backend: UseCases) -> None:
    before = everything(backend)
    refused = again("--from", "3d")
    assert refused.code == 1
    assert "Raw data is kept for 48 hours: begin at" in refused.err
    [first, *_] = backend.raw.between(CLUSTER, START + 3_000, END)
    ledger = backend.ledgers.at(CLUSTER, START + 3_000)
    backend.client.delete_item(
        TableName=backend.names["RAW_TABLE"],
        Key={"cluster_id": {"S": CLUSTER}, "sample_key": {"S": ledger.processes[0].sample_key}},
    )
    assert first.pod == ledger.processes[0].pod
    refused = run("rollup", "--cluster", CLUSTER, "--from", f"{int(backend.now - START - 3_000)}s")
    assert refused.code == 1
    assert "has expired already" in refused.err
    assert everything(backend).keys() == before.keys()


def test_a_cluster_that_is_not_known_and_an_empty_span_are_said(backend: UseCases) -> None:
    assert "Cluster 'other' has not sent a snapshot" in run("rollup", "--cluster", "other").err
    assert "The span is empty" in again("--from", "1h", "--to", "2h").err
    assert again("--from", "yesterday").code == 2
    assert backend.clusters.get("other") is None


def test_the_raw_data_of_a_process_that_has_ended_may_be_gone(backend: UseCases) -> None:
    """Only the last sample of a process that goes on is needed."""
    since = floor_to(START + 4_600, SLOT)
    processes = sorted(backend.ledgers.at(CLUSTER, since).processes, key=lambda each: each.observed_at)
    ended, alive = (each.sample_key for each in processes)
    backend.raw._items(CLUSTER, ended).delete()
    done = again("--from", utc(since).isoformat())
    assert (done.code, "Nothing differs" in done.err) == (0, True), done.err
    backend.raw._items(CLUSTER, alive).delete()
    assert "has expired already" in again("--from", utc(since).isoformat()).err
