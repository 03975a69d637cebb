"""Names of what is logged and measured, once for all functions.

Metrics have no dimension but the service: a metric for each cluster would cost more than the rest of the system.
"""

import warnings

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


def tracer(service: str) -> Tracer:
    """Off unless POWERTOOLS_TRACE_DISABLED is `false`."""
    return Tracer(service=service)
