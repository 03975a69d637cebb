"""Every five minutes: one message for each cluster that has something to roll up."""

import os
import time
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from slo import observability as names
from slo.app.dispatch import Dispatch
from slo.settings import load
from slo.store.clusters import ClusterItem, ClusterStore
from slo.store.queue import RollupQueue
from slo.store.tables import Tables


@dataclass(frozen=True)
class Settings:
    """Environment of this function."""

    aws_region: str
    clusters_table: str
    rollup_queue_url: str
    aws_endpoint_url: str = ""
    """URL of an emulator; empty for AWS."""


settings = load(Settings, os.environ)
logger = names.logger("dispatch")
metrics = names.metrics("dispatch")
tables = Tables(settings.aws_region, settings.aws_endpoint_url)
dispatch = Dispatch(
    clusters=ClusterStore(tables.bind(ClusterItem, settings.clusters_table)),
    queue=RollupQueue(settings.rollup_queue_url),
    clock=time.time,
)


@logger.inject_lambda_context
@names.traced
@metrics.log_metrics
def handler(_event: dict[str, Any], _context: Any) -> dict[str, int]:
    """Lambda's entry point."""
    sent = dispatch.run()
    logger.info("dispatched", extra={"clusters": sent.clusters, "silent": sent.silent})
    metrics.add_metric(names.CLUSTERS_DISPATCHED, MetricUnit.Count, sent.clusters)
    metrics.add_metric(names.CLUSTERS_SILENT, MetricUnit.Count, sent.silent)
    metrics.add_metric(names.ROLLUP_LAG_SECONDS, MetricUnit.Seconds, sent.lag_seconds)
    return {"clusters": sent.clusters}


names.started()
