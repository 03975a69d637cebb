"""A replay stretches what happened between scrapes, and leaves how it was measured as it was."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from ingress_slo_agent.protobuf import CONTENT_TYPE
from lab.replay import Recording
from lab.traefik.families import Histogram, delimited, of_process, requests
from slo.traefik.snapshots import ProcessMetrics

T0 = 1_800_000_000.0
EARLY = 0.9
"""How much too early this machine shows the start of each process."""
KILLED, SUCCESSOR = T0 - 1 - EARLY + 0.07, T0 + 1.03 - EARLY
"""`process_start_time_seconds` of two processes of one pod: the second began 0.7 s after the first scrape."""


def scrape(folder: Path, after: float, start: float, requests: int) -> dict[str, Any]:
    file = f"{after}.prom.gz"
    text = (
        f"process_start_time_seconds {start!r}\n"
        f'traefik_router_requests_total{{code="200",method="GET",protocol="http",router="r",service="s"}} {requests}\n'
        f'traefik_open_connections{{entryPoint="web",protocol="HTTP"}} 0\ntraefik_config_reloads_total 1\n'
    )
    (folder / file).write_bytes(gzip.compress(text.encode()))
    begun = T0 + after + 0.3
    return {"pod": "a", "sched": T0 + after, "t_start": begun, "ok": True, "file": file, "date": float(int(begun))}


@pytest.fixture
def processes(tmp_path: Path) -> list[ProcessMetrics]:
    (tmp_path / "manifests").mkdir()
    meta = {
        "t0": T0,
        "interval_s": 2,
        "epochs": [{"time": T0, "folder": "manifests"}],
        "index": [scrape(tmp_path, 0, KILLED, 5), scrape(tmp_path, 2, SUCCESSOR, 9), scrape(tmp_path, 4, SUCCESSOR, 9)],
    }
    (tmp_path / "meta.json").write_text(json.dumps(meta))
    return [each.ingress_metrics.processes[0] for each in Recording(tmp_path).snapshots()]


def test_two_scrapes_are_a_minute_apart_and_their_dates_are_rounded_as_they_were(
    processes: list[ProcessMetrics],
) -> None:
    assert [process.date for process in processes] == [T0, T0 + 60, T0 + 120]


def test_the_start_of_one_process_is_one_start(processes: list[ProcessMetrics]) -> None:
    assert processes[1].process_start_time_seconds == processes[2].process_start_time_seconds


def test_hundredths_stay_as_they_are(processes: list[ProcessMetrics]) -> None:
    starts = [process.process_start_time_seconds for process in processes]
    assert [round(start % 1, 2) for start in starts] == [round(KILLED % 1, 2), *[round(SUCCESSOR % 1, 2)] * 2]


def test_a_start_that_was_seen_early_is_stretched_from_the_last_scrape_before_it(
    processes: list[ProcessMetrics],
) -> None:
    assert processes[1].process_start_time_seconds == pytest.approx(T0 + 0.3 * 30, abs=1)


def test_a_series_in_protobuf_is_created_when_it_was_between_two_scrapes(tmp_path: Path) -> None:
    (tmp_path / "manifests").mkdir()
    created = T0 + 1.5
    labels = {"code": "200", "method": "GET", "protocol": "http", "router": "r@file", "service": "s@file"}
    served = requests("router", [(labels, Histogram({0.1: 3}, 3, 0.5), created)])
    (tmp_path / "2.pb.gz").write_bytes(gzip.compress(delimited([*of_process(T0 - 600), *served])))
    scraped = {"pod": "a", "sched": T0 + 2, "t_start": T0 + 2.3, "ok": True, "file": "2.pb.gz", "date": T0 + 2}
    index = [{**scraped, "content_type": CONTENT_TYPE}]
    epochs = [{"time": T0, "folder": "manifests"}]
    (tmp_path / "meta.json").write_text(json.dumps({"t0": T0, "interval_s": 2, "epochs": epochs, "index": index}))
    (snapshot,) = Recording(tmp_path).snapshots()
    (row,) = snapshot.ingress_metrics.processes[0].rows
    assert (row.codes, row.created) == ({"200": 3}, T0 + 1.5 * 30)
