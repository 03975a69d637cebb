"""The CPU time to load a function, in imports of boto3: a cold start spends it before the first answer."""

import os
import resource
import subprocess
import sys
from statistics import median

import msgspec

from lab.paths import ROOT

_TIMES = 5
_TABLES = (
    "CATALOGUE", "CLUSTERS", "DAILY", "HOURLY", "INCIDENTS", "LEDGER", "NOTIFICATIONS", "RAW", "ROUTE_MAP",
    "STATUS_HISTORY", "TARGETS", "TOKENS",
)  # fmt: skip
_ENVIRONMENT = {
    **{f"{name}_TABLE": name for name in _TABLES},
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_LAMBDA_FUNCTION_NAME": "bench",
    "AWS_REGION": "eu-central-1",
    "CUTOFF_DELAY_SECONDS": "60",
    "DASHBOARD_URL": "https://slo.example.com/",
    "DELIVERY_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/1/bench",
    "DELIVER_APPRISE_FUNCTION": "bench",
    "POWERTOOLS_TRACE_DISABLED": "true",
    "ROLLUP_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/1/bench",
    "SLOT_SECONDS": "300",
    "STACK_NAME": "bench",
}
_CLIENT = "import botocore.session; botocore.session.get_session().create_client('dynamodb')"


class ColdStart(msgspec.Struct, frozen=True):
    """CPU time divided by that of `import boto3`, both without an empty interpreter's, interleaved in one run."""

    ratios: dict[str, float]
    """The ratio by function."""
    client_ratio: float
    """The import of botocore and one new DynamoDB client, which the first request adds."""


def measure() -> ColdStart:
    """Load each function several times in new processes, one after the other, and take the medians."""
    functions = sorted(file.parent.name for file in (ROOT / "functions").glob("*/app.py"))
    codes = {"": "pass", "boto3": "import boto3", "client": _CLIENT, **{name: _load(name) for name in functions}}
    for code in codes.values():
        _cpu_seconds(code)
    found: dict[str, list[float]] = {name: [] for name in codes}
    for _ in range(_TIMES):
        for name, code in codes.items():
            found[name].append(_cpu_seconds(code))
    empty = median(found[""])
    above = {name: median(times) - empty for name, times in found.items()}
    return ColdStart(
        {name: above[name] / above["boto3"] for name in functions},
        above["client"] / above["boto3"],
    )


def _load(function: str) -> str:
    return f"import sys; sys.path[:0] = ['functions/{function}', 'layers/slo']; import app"


def _cpu_seconds(code: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={**os.environ, **_ENVIRONMENT}, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
