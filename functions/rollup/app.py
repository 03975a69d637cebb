"""Rolls up one cluster for each message: books the raw items since the watermark, and maps its routes."""

import os
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from slo.app.rollup import RollUp
from slo.app.route_mapper import RouteMapper
from slo.app.stores import Stores
from slo.runtime import observability as names

logger = names.logger("rollup")
metrics = names.metrics("rollup")
# A batch of which every message fails is no error of the function: each message is retried, and kept, by itself.
processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
stores = Stores(os.environ.get)
rollup = RollUp(stores)
mapper = RouteMapper(stores)


def book(record: SQSRecord) -> None:
    """Roll one cluster up, then bring its route map up to date."""
    cluster_id = record.json_body["cluster_id"]
    try:
        _roll_up(cluster_id)
        _map(cluster_id)
    except Exception:
        # The batch processor reports which message failed, and not why.
        logger.exception("rollup failed", extra={"cluster_id": cluster_id})
        raise


def _map(cluster_id: str) -> None:
    mapped = mapper.run(cluster_id)
    if mapped is not None:
        counts = {"added": mapped.added, "removed": mapped.removed, "left": mapped.left}
        logger.info("routes mapped", extra={"cluster_id": cluster_id, **counts})


def _roll_up(cluster_id: str) -> None:
    booked = rollup.run(cluster_id)
    if booked is None:
        logger.info("nothing to book", extra={"cluster_id": cluster_id})
        return
    logger.info(
        "booked",
        extra={"cluster_id": cluster_id, "watermark": booked.watermark, "samples": booked.samples, "late": booked.late},
    )
    if booked.refused:
        logger.error(
            "writes refused", extra={"cluster_id": cluster_id, "writes": booked.refused, "reason": booked.refusal}
        )
        metrics.add_metric(names.WRITES_REFUSED, MetricUnit.Count, booked.refused)


@logger.inject_lambda_context
@names.traced
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """Lambda's entry point. SQS retries a message that fails, and finally moves it to the dead-letter queue."""
    return process_partial_response(event=event, record_handler=book, processor=processor, context=context)


names.started()
