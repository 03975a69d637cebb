import zlib
from typing import Any

import msgspec

from slo.counting.books import Book, Step
from slo.counting.counts import Counts
from slo.counting.gaps import Gap, Unreachable
from slo.counting.ledger import BookedProcess, Ledger, LedgerRow, WatchedScope
from slo.store.codec import pack_book, pack_ledger, unpack_book, unpack_ledger

_EARLIER_PROCESS = {"pod": "a", "date": 9.0, "process_start": 1.0, "mallocs": 7.0}


def test_a_ledger_survives_its_item() -> None:
    row = Counts({"200": 3}, {"GET": 3}, [1, 2, 3], 12345)
    ledger = Ledger(
        at=3600,
        changed_at=3300,
        rows={2: LedgerRow(300, 3300, row), 5: LedgerRow(600, 900, row)},
        processes=(
            BookedProcess(
                pod="a",
                date=9,
                process_start=1,
                observed_at=9,
                mallocs=7,
                cpu_seconds=0.5,
                sample_key="k",
                measured_by="router",
            ),
        ),
        scopes={"s": WatchedScope(1.0, 2.0)},
        delayed={5: LedgerRow(600, 900, row)},
        gaps=(Gap(1.0, 2000.0), Gap(1.0, 2000.0, booked_at=2100, pods=("a", "b"))),
        unreachable={"b": Unreachable(1.0, 2.0, 3.0)},
        watched_since=1.0,
        watched_at=2.0,
        watched_seconds=1.0,
        process_seconds=2.0,
        observed_seconds=1.5,
    )
    assert unpack_ledger(pack_ledger(ledger)) == ledger


def test_a_book_survives_its_item() -> None:
    row = Counts({"200": 3}, {"GET": 3}, [1, 2, 3], 12345)
    steps = (Step(True, 0.5, {2: row}), Step(False, 0.0, {2: row, 5: row}, delayed={5: row}, delayed_since=17))
    book = Book("a.example", 3600, 300, steps, {"/": (2, 5)})
    assert unpack_book(pack_book(book)) == book


def test_a_book_from_before_gaps_were_kept_apart_is_read() -> None:
    counts = {"i": [2], "c": {"200": [3]}, "b": [], "n": [0], "x": [3], "d": [5]}
    steps = [{"has_data": False, "coverage": 0.0, "counts": counts}]
    document = {"domain": "a", "starts_at": 0, "step_seconds": 300, "steps": steps, "routes": {}}
    (step,) = unpack_book(packed(document)).steps
    assert (step.counts[2].requests, step.delayed, step.delayed_since) == (3, {}, 0)


def packed(document: dict[str, Any]) -> bytes:
    return zlib.compress(msgspec.json.encode(document))


def test_a_ledger_from_before_cpu_seconds_were_stored_is_read() -> None:
    document = {
        "at": 300,
        "changed_at": 300,
        "rows": {},
        "since": [],
        "changed": [],
        "processes": [{**_EARLIER_PROCESS, "sample_key": "k", "seen_at": 11.0, "measured_by": "router"}],
        "scopes": {},
        "gaps": [{"start": 1.0, "end": 2000.0}],
        "watched_since": 1.0,
        "watched_at": 2.0,
        "watched_seconds": 1.0,
        "process_seconds": 2.0,
        "observed_seconds": 1.5,
    }
    ledger = unpack_ledger(packed(document))
    assert (len(ledger.delayed), ledger.unreachable, ledger.gaps[0].booked_at) == (0, {}, 0)
    assert [(process.observed_at, process.started_at) for process in ledger.processes] == [(11.0, 3.0)]
    assert unpack_ledger(pack_ledger(ledger)) == ledger
