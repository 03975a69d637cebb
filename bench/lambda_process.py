"""A function in a process of its own, as Lambda runs it: nothing else in memory, its log on stdout.

    python -m bench.lambda_process FUNCTION EVENTS RESULTS

EVENTS is a JSON file of a list of {"now": Unix seconds, "event": ...}. RESULTS gets one JSON object: for each event
the handler's wall and CPU time and the wall time of one `get_item` of botocore right after it, in milliseconds.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

from bench.memory import peak_megabytes
from lab.functions import LambdaContext, load_function

ROOT = Path(__file__).resolve().parent.parent
_LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME": "bench", "POWERTOOLS_LOG_LEVEL": "INFO", "POWERTOOLS_METRICS_DISABLED": "false"}


class Call(msgspec.Struct, frozen=True):
    """One invocation, milliseconds."""

    wall_ms: float
    cpu_ms: float
    get_item_ms: float


class Run(msgspec.Struct, frozen=True):
    """What a process did."""

    calls: list[Call]
    resident_megabytes: float
    log_bytes: int = 0
    """Of all invocations."""


def invoke(function: str, events: list[tuple[float, dict[str, Any]]], environment: dict[str, str]) -> Run:
    """Hand events to a function in a new process. Raises CalledProcessError where the handler does."""
    with tempfile.TemporaryDirectory(prefix="ingress-slo-bench-") as folder:
        given, results = Path(folder) / "events.json", Path(folder) / "results.json"
        given.write_text(json.dumps([{"now": now, "event": event} for now, event in events]))
        command = [sys.executable, "-m", "bench.lambda_process", function, str(given), str(results)]
        done = subprocess.run(
            command, env={**os.environ, **environment, **_LAMBDA}, cwd=ROOT, stdout=subprocess.PIPE, check=True
        )
        run = msgspec.json.decode(results.read_bytes(), type=Run)
        return msgspec.structs.replace(run, log_bytes=len(done.stdout))


def main(function: str, given: str, results: str) -> None:
    """In the new process."""
    events = json.loads(Path(given).read_text())
    now = events[0]["now"]
    time.time = lambda: now
    handler = load_function(function).handler
    read = _reader()
    calls = []
    for item in events:
        now = item["now"]
        wall, cpu = time.perf_counter(), time.process_time()
        answer = handler(item["event"], LambdaContext())
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        if answer.get("statusCode", 200) >= 300 or answer.get("batchItemFailures"):
            raise RuntimeError(str(answer))
        calls.append(Call(wall * 1000, cpu * 1000, read()))
    Path(results).write_bytes(msgspec.json.encode(Run(calls, peak_megabytes())))


def _reader() -> Any:
    import botocore.session

    client = botocore.session.get_session().create_client("dynamodb")
    table = os.environ["CLUSTERS_TABLE"]

    def read() -> float:
        start = time.perf_counter()
        client.get_item(TableName=table, Key={"cluster_id": {"S": "nobody"}})
        return (time.perf_counter() - start) * 1000

    return read


if __name__ == "__main__":
    main(*sys.argv[1:])
