"""Logs, traces and metrics of all functions, and the names of the metrics.

The service is the only dimension. A metric per cluster would cost more than the rest of the system.
"""

import gc
import os
import warnings
from collections.abc import Callable
from typing import Any, cast

from aws_lambda_powertools import Logger, Metrics, Tracer

NAMESPACE = "IngressSlo"

SNAPSHOTS_ACCEPTED = "SnapshotsAccepted"
SNAPSHOTS_LATE = "SnapshotsLate"
SNAPSHOTS_REFUSED = "SnapshotsRefused"
CLUSTERS_DISPATCHED = "ClustersDispatched"
CLUSTERS_SILENT = "ClustersSilent"
SAMPLES_BOOKED = "SamplesBooked"
WRITES_REFUSED = "WritesRefused"
ROLLUP_LAG_SECONDS = "RollupLag"


def logger(service: str) -> Logger:
    """A structured logger, one line per event. Powertools' environment variables set its level and tracing."""
    return Logger(service=service)


def metrics(service: str) -> Metrics:
    """Metrics in the CloudWatch embedded metric format. A run without metrics logs no warning.

    The dimension `stack` keeps two stacks of one account apart: neither raises the alarms of the other.
    """
    warnings.filterwarnings("ignore", "No application metrics to publish")
    found = Metrics(namespace=NAMESPACE, service=service)
    if stack := os.environ.get("STACK_NAME"):
        found.set_default_dimensions(stack=stack)
    return found


def traced[H: Callable[..., Any]](handler: H) -> H:
    """The handler, traced by X-Ray if POWERTOOLS_TRACE_DISABLED is `false`.

    Otherwise no tracer is created: loading the X-Ray SDK takes a sixth of a cold start.
    """
    if os.environ.get("POWERTOOLS_TRACE_DISABLED", "true").lower() in ("true", "1"):
        return handler
    return cast("H", Tracer().capture_lambda_handler(handler))


def started() -> None:
    """Call this once a function has loaded everything. Does nothing outside Lambda.

    It excludes the loaded objects from garbage collection. Scanning 100,000 objects of botocore and Powertools would
    make every twentieth response take about twice as long.
    """
    if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
        gc.freeze()
