"""Runs a function in a separate process, as Lambda does: nothing else in memory, its log on stdout.

    python -m bench.lambda_process FUNCTION EVENTS RESULTS

EVENTS is a JSON file with a list of `LambdaEvent`. RESULTS receives one `LambdaRun`: for each event the handler's wall
and CPU time and the wall time of one `get_item` of botocore right after it, in milliseconds.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

from bench.calibration import piece_ms
from lab.cloud.functions import LambdaContext, load_function
from lab.paths import ROOT

_LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME": "bench", "POWERTOOLS_LOG_LEVEL": "INFO", "POWERTOOLS_METRICS_DISABLED": "false"}


class LambdaEvent(msgspec.Struct, frozen=True):
    """One invocation to make."""

    now: float
    """Unix seconds."""
    event: dict[str, Any]
    before: tuple[tuple[str, dict[str, Any]], ...] = ()
    """Calls of other functions before this one, in another process on Lambda and not measured: (function, event)."""


class Call(msgspec.Struct, frozen=True):
    """The times of one invocation, in milliseconds."""

    wall_ms: float
    cpu_ms: float
    get_item_ms: float


class LambdaRun(msgspec.Struct, frozen=True):
    """All invocations of one process."""

    calls: list[Call]
    piece_ms: float
    """The calibration's piece in the same process, right after the calls."""
    log_bytes: int = 0
    """Log bytes of all invocations."""


def invoke(function: str, events: list[LambdaEvent], environment: dict[str, str]) -> LambdaRun:
    """Pass events to a function in a new process. Raises CalledProcessError if the handler fails."""
    with tempfile.TemporaryDirectory(prefix="ingress-slo-bench-") as folder:
        events_file, results = Path(folder) / "events.json", Path(folder) / "results.json"
        events_file.write_bytes(msgspec.json.encode(events))
        command = [sys.executable, "-m", "bench.lambda_process", function, str(events_file), str(results)]
        done = subprocess.run(
            command, env={**os.environ, **environment, **_LAMBDA}, cwd=ROOT, stdout=subprocess.PIPE, check=True
        )
        run = msgspec.json.decode(results.read_bytes(), type=LambdaRun)
        return msgspec.structs.replace(run, log_bytes=len(done.stdout))


def main(function: str, events_file: str, results: str) -> None:
    """Run the events in the new process."""
    events = msgspec.json.decode(Path(events_file).read_bytes(), type=list[LambdaEvent])
    now = events[0].now
    time.time = lambda: now
    handler = load_function(function).handler
    table = _Clusters()
    others = {name: load_function(name).handler for item in events for name, _ in item.before}
    calls = []
    for item in events:
        now = item.now
        for name, event in item.before:
            _checked(others[name](event, LambdaContext()))
        wall, cpu = time.perf_counter(), time.process_time()
        answer = handler(item.event, LambdaContext())
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        _checked(answer)
        calls.append(Call(wall * 1000, cpu * 1000, table.read_ms()))
    Path(results).write_bytes(msgspec.json.encode(LambdaRun(calls, piece_ms())))


def _checked(answer: dict[str, Any] | None) -> None:
    if answer is None:
        return
    if answer.get("statusCode", 200) >= 300 or answer.get("batchItemFailures"):
        raise RuntimeError(str(answer))


class _Clusters:
    """Access to the clusters table with botocore alone."""

    def __init__(self) -> None:
        import botocore.session

        self._client = botocore.session.get_session().create_client("dynamodb")
        self._table = os.environ["CLUSTERS_TABLE"]

    def read_ms(self) -> float:
        """The time of one request, in milliseconds."""
        start = time.perf_counter()
        self._client.get_item(TableName=self._table, Key={"cluster_id": {"S": "nobody"}})
        return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main(*sys.argv[1:])
