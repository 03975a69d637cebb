"""Errors counted by this design, by Prometheus' `increase()` and by last minus first, on recordings of a real Traefik.

`promtool tsdb create-blocks-from openmetrics` turns the scrapes into a database, and a Prometheus on this machine
queries it. If Debian's `prometheus` is not installed, that column says so.
"""

import gzip
import json
import re
import shutil
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import requests

from lab.paths import ROOT
from lab.ports import free_port
from lab.replay import Recording, replay

FOLDERS = (ROOT / "tests" / "recordings", ROOT.parent / "shared" / "traefik")
_COUNTER = re.compile(r"^(traefik_(router|service)_requests_total)\{(.*)\} (\S+)$", re.MULTILINE)
_CODE = re.compile(r'code="(\d+)"')
_READY_SECONDS = 30
_MARGIN_SECONDS = 1


class Comparison(NamedTuple):
    """Answers with 5xx in one recording, counted in several ways. None means not measured."""

    recording: str
    seconds: float
    requests: int
    truth: int
    ours: int
    increase: float | None
    last_minus_first: int


class _Sample(NamedTuple):
    series: str
    code: str
    time: float
    value: float


def measure() -> list[Comparison]:
    """Compare all local recordings that contain the truth, and text, from which Prometheus' blocks are made."""
    folders = [path.parent for folder in FOLDERS for path in sorted(folder.glob("*/truth.json"))]
    return [_row(folder) for folder in folders if any(folder.glob("scrapes/*/*.prom.gz"))]


def _row(folder: Path) -> Comparison:
    meta = json.loads((folder / "meta.json").read_text())
    replayed = replay(Recording(folder))
    kind = "service" if any(rule["measured_by"] == "service" for rule in replayed["rules"].values()) else "router"
    samples = list(_samples(folder, meta, kind))
    start, end = min(sample.time for sample in samples), max(sample.time for sample in samples)
    truth = _truth(json.loads((folder / "truth.json").read_text()), kind)
    return Comparison(
        folder.name,
        end - start,
        sum(truth.values()),
        _errors(truth),
        sum(_errors(rule["codes"]) for rule in replayed["rules"].values()),
        _increase(samples, start, end),
        _last_minus_first(samples),
    )


def _truth(truth: dict[str, Any], kind: str) -> dict[str, int]:
    """Codes that a scrape could have seen, from the access log. Recordings have one of two formats."""
    codes: dict[str, int] = defaultdict(int)
    subjects = truth["rules"] if kind == "router" else truth.get("services") or truth["access_log_services"]
    for subject in subjects.values():
        for code, count in subject.get("total", subject)["codes"].items():
            codes[code] += count
    return codes


def _errors(codes: dict[str, int]) -> int:
    return sum(count for code, count in codes.items() if code.startswith("5"))


def _samples(folder: Path, meta: dict[str, Any], kind: str) -> Iterator[_Sample]:
    """The request counters of every scrape, by pod."""
    for entry in meta["index"]:
        if not entry["ok"]:
            continue
        text = gzip.decompress((folder / entry["file"]).read_bytes()).decode()
        for name, series_kind, labels, value in _COUNTER.findall(text):
            code = _CODE.search(labels)
            if series_kind == kind and code:
                series = f'{name}{{{labels},pod="{entry["pod"]}"}}'
                yield _Sample(series, code[1], float(entry["t_start"]), float(value))


def _last_minus_first(samples: list[_Sample]) -> int:
    by_series: dict[str, list[_Sample]] = defaultdict(list)
    for sample in samples:
        if sample.code.startswith("5"):
            by_series[sample.series].append(sample)
    ordered = (sorted(each, key=lambda sample: sample.time) for each in by_series.values())
    return round(sum(max(0.0, each[-1].value - each[0].value) for each in ordered))


def _increase(samples: list[_Sample], start: float, end: float) -> float | None:
    """The result of `sum(increase(...))` over the whole recording, or None without Prometheus."""
    if not (shutil.which("prometheus") and shutil.which("promtool")):
        return None
    kind = samples[0].series.partition("{")[0]
    window = round(end - start) + _MARGIN_SECONDS
    query = f'sum(increase({kind}{{code=~"5.."}}[{window}s]))'
    with tempfile.TemporaryDirectory(prefix="ingress-slo-bench-") as folder:
        _write_blocks(samples, Path(folder))
        with _prometheus(Path(folder)) as url:
            answer = requests.get(f"{url}/api/v1/query", {"query": query, "time": str(end)}, timeout=30).json()
    result = answer["data"]["result"]
    return float(result[0]["value"][1]) if result else 0.0


def _write_blocks(samples: list[_Sample], folder: Path) -> None:
    by_name: dict[str, list[_Sample]] = defaultdict(list)
    for sample in samples:
        by_name[sample.series.partition("{")[0]].append(sample)
    lines = []
    for name, each in by_name.items():
        lines.append(f"# TYPE {name.removesuffix('_total')} counter")
        ordered = sorted(each, key=lambda sample: (sample.series, sample.time))
        lines += [f"{sample.series} {sample.value} {sample.time:.3f}" for sample in ordered]
    text = folder / "samples.txt"
    text.write_text("\n".join([*lines, "# EOF"]) + "\n")
    command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(text), str(folder / "data")]
    subprocess.run(command, check=True, capture_output=True)


@contextmanager
def _prometheus(folder: Path) -> Iterator[str]:
    """A Prometheus that scrapes nothing, on 127.0.0.1."""
    (folder / "prometheus.yml").write_text("global: {}\n")
    port = free_port()
    command = [
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        "--storage.tsdb.retention.time=100y",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(f"{url}/-/ready")
        yield url
    finally:
        process.terminate()
        process.wait()


def _wait(url: str) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        with suppress(requests.RequestException):
            if requests.get(url, timeout=2).ok:
                return
        time.sleep(0.1)
    raise TimeoutError(f"Prometheus did not answer at {url}")
