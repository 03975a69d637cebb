"""Names of what is logged and measured, once for all functions.

Metrics have no dimension but the service: a metric for each cluster would cost more than the rest of the system.
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
ROLLUP_LAG_SECONDS = "RollupLag"


def logger(service: str) -> Logger:
    """Structured logs, one line an event; level and tracing come from Powertools' own environment variables."""
    return Logger(service=service)


def metrics(service: str) -> Metrics:
    """Metrics by the embedded metric format. A run that has nothing to count is no reason to warn."""
    warnings.filterwarnings("ignore", "No application metrics to publish")
    return Metrics(namespace=NAMESPACE, service=service)


def traced[H: Callable[..., Any]](handler: H) -> H:
    """A handler that X-Ray sees where POWERTOOLS_TRACE_DISABLED is `false`.

    Elsewhere no tracer is made: that alone loads the X-Ray SDK, a sixth of a cold start.
    """
    if os.environ.get("POWERTOOLS_TRACE_DISABLED", "true").lower() in ("true", "1"):
        return handler
    return cast("H", Tracer().capture_lambda_handler(handler))


def started() -> None:
    """Say that a function has loaded all that it keeps; elsewhere than in Lambda nothing is done.

    The garbage collector then leaves it alone: looking through 100,000 objects of botocore and Powertools once in a
    while would make every twentieth answer take about twice as long.
    """
    if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
        gc.freeze()
