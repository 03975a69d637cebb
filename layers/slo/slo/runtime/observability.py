"""Logs, traces and metrics of all functions, and the names of the metrics.

A number becomes a metric, for 0.30 dollars a month, only if an alarm needs it; all others are fields of log lines. The
dimensions are the service and the stack. A metric per cluster would cost more than the rest of the system.
"""

import logging
import os
import warnings
from collections.abc import Callable
from typing import Any, cast

from aws_lambda_powertools import Logger, Metrics, Tracer

from slo.runtime.memory import keep

NAMESPACE = "IngressSlo"

CLUSTERS_SILENT = "ClustersSilent"
WRITES_REFUSED = "WritesRefused"
ROLLUP_LAG_SECONDS = "RollupLag"


def logger(service: str) -> Logger:
    """A structured logger, one line per event, from the level POWERTOOLS_LOG_LEVEL on.

    Powertools prefers Lambda's own level, which stays below so that Lambda drops no metric (see template.yaml).
    """
    made = Logger(service=service)
    logging.getLogger(service).setLevel(os.environ.get("POWERTOOLS_LOG_LEVEL", "INFO"))
    return made


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

    It excludes the loaded objects from garbage collection.

    Libraries log warnings only. At LogLevel=DEBUG botocore would log each request with what it signs and stores.
    """
    if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
        keep()
        logging.getLogger().setLevel(logging.WARNING)
