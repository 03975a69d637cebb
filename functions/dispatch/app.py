"""Runs every five minutes: queues one message for each cluster that needs a rollup."""

import os
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from slo.app.dispatch import Dispatch
from slo.app.stores import Stores
from slo.runtime import observability as names
from slo.store.queue import RollupQueue

logger = names.logger("dispatch")
metrics = names.metrics("dispatch")
stores = Stores(os.environ.get)
dispatch = Dispatch(stores, RollupQueue(stores.tables.text("ROLLUP_QUEUE_URL")))


@logger.inject_lambda_context
@names.traced
@metrics.log_metrics
def handler(_event: dict[str, Any], _context: Any) -> dict[str, int]:
    """Lambda's entry point."""
    sent = dispatch.run()
    lag_seconds = round(sent.lag_seconds)
    logger.info("dispatched", extra={"clusters": sent.clusters, "silent": sent.silent, "lag_seconds": lag_seconds})
    metrics.add_metric(names.CLUSTERS_SILENT, MetricUnit.Count, sent.silent)
    metrics.add_metric(names.ROLLUP_LAG_SECONDS, MetricUnit.Seconds, sent.lag_seconds)
    return {"clusters": sent.clusters}


names.started()
