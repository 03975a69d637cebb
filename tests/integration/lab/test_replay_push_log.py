"""A push log is pushed at the times that it says, and compared with the access log's truth."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
from integration.use_cases import T0, process, route, row, snapshot

from lab.push_log import PushLog
from lab.replay import replay
from slo.traefik import snapshots
from slo.traefik.snapshots import Snapshot

SHOP = route("shop.example.com")
ROUTER = SHOP.router_keys[0]


def written(file: Path, pushes: list[tuple[float, Snapshot]], truth: dict[str, dict[str, int]] | None) -> Path:
    lines: list[Any] = [] if truth is None else [{"truth": truth}]
    lines += [{"at": at, "snapshot": json.loads(snapshots.encode(sent))} for at, sent in pushes]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return file


def three_minutes() -> list[tuple[float, Snapshot]]:
    """The agent's clock is 90 s ahead of the server's, which `at` follows."""
    taken = [snapshot(T0 + 90, [], (SHOP,))]
    for minute in (1, 2):
        at = T0 + 60.0 * minute
        served = [row(ROUTER, 10 * minute, minute)]
        taken.append(snapshot(at + 90, [process(served, at, T0 + 20)], (SHOP,)))
    return [(each.taken_at - 90, each) for each in taken]


def test_the_counts_of_a_push_log_are_compared_with_its_truth(tmp_path: Path) -> None:
    truth = {ROUTER: {"200": 20, "503": 2}}
    result = replay(PushLog(written(tmp_path / "log.jsonl", three_minutes(), truth)))
    assert (result["truth"], result["differences"], result["refused"]) == (truth, {}, [])
    assert result["conservation"] == {"increases": 22, "hourly": 22, "ledger": 22}
    assert result["domains"][0]["summary"]["total_errors"] == 2


def test_a_push_log_without_a_truth_compares_nothing(tmp_path: Path) -> None:
    result = replay(PushLog(written(tmp_path / "log.jsonl", three_minutes(), None)))
    assert set(result) == {"domains", "rules", "conservation", "refused"}


def test_a_push_that_ingest_refuses_is_named_and_the_others_are_booked(tmp_path: Path) -> None:
    pushes = three_minutes()
    at, last = pushes[-1]
    pushes.append((at + 60, msgspec.structs.replace(last, sent_at=at + 7200, taken_at=at + 7200)))
    result = replay(PushLog(written(tmp_path / "log.jsonl", pushes, {ROUTER: {"200": 20, "503": 2}})))
    (refused,) = result["refused"]
    assert refused["at"] == at + 60
    assert "clock" in refused["problem"]
    assert result["differences"] == {}


def test_the_command_takes_a_file_of_pushes(tmp_path: Path) -> None:
    file = written(tmp_path / "log.jsonl", three_minutes(), {ROUTER: {"200": 21}})
    command = [sys.executable, "-m", "lab.replay", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["differences"][ROUTER]["503"] == {"truth": 0, "booked": 2}
