"""One message a cluster: books what came since the watermark."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from slo import observability as names
from slo.app.rollup import RollUp
from slo.app.status_history import StatusKeeper
from slo.rollup import DAY_SECONDS
from slo.settings import load
from slo.store.books import BookItem, BookStore
from slo.store.catalogues import CatalogueItem, CatalogueStore
from slo.store.clusters import ClusterItem, ClusterStore
from slo.store.ledgers import LedgerItem, LedgerStore
from slo.store.raw import RawItem, RawStore
from slo.store.status_history import StatusItem, StatusStore
from slo.store.tables import Tables
from slo.store.targets import TargetItem, TargetStore


@dataclass(frozen=True)
class Settings:
    """Environment of this function."""

    aws_region: str
    catalogue_table: str
    clusters_table: str
    daily_table: str
    hourly_table: str
    ledger_table: str
    raw_table: str
    status_history_table: str
    targets_table: str
    slot_seconds: int
    cutoff_delay_seconds: int
    hourly_retention_days: int = 90
    daily_retention_days: int = 400
    aws_endpoint_url: str = ""
    """URL of an emulator; empty for AWS."""


def rollup_of(settings: Settings, clock: Callable[[], float]) -> RollUp:
    """The use case, with its stores."""
    tables = Tables(settings.aws_region, settings.aws_endpoint_url)
    cluster_items = tables.bind(ClusterItem, settings.clusters_table)
    ledgers = LedgerStore(tables.bind(LedgerItem, settings.ledger_table))
    return RollUp(
        clusters=ClusterStore(cluster_items),
        catalogues=CatalogueStore(tables.bind(CatalogueItem, settings.catalogue_table)),
        raw=RawStore(tables.bind(RawItem, settings.raw_table)),
        ledgers=ledgers,
        hourly=BookStore(tables.bind(BookItem, settings.hourly_table), settings.hourly_retention_days * DAY_SECONDS),
        daily=BookStore(tables.bind(BookItem, settings.daily_table), settings.daily_retention_days * DAY_SECONDS),
        statuses=StatusKeeper(
            statuses=StatusStore(tables.bind(StatusItem, settings.status_history_table), cluster_items),
            ledgers=ledgers,
            targets=TargetStore(tables.bind(TargetItem, settings.targets_table)),
            slot_seconds=settings.slot_seconds,
        ),
        slot_seconds=settings.slot_seconds,
        cutoff_delay_seconds=settings.cutoff_delay_seconds,
        clock=clock,
    )


logger = names.logger("rollup")
metrics = names.metrics("rollup")
processor = BatchProcessor(EventType.SQS)
rollup = rollup_of(load(Settings, os.environ), time.time)


def book(record: SQSRecord) -> None:
    """Roll one cluster up."""
    cluster_id = record.json_body["cluster_id"]
    booked = rollup.run(cluster_id)
    if booked is None:
        logger.info("nothing to book", extra={"cluster_id": cluster_id})
        return
    logger.info(
        "booked",
        extra={"cluster_id": cluster_id, "watermark": booked.watermark, "samples": booked.samples, "late": booked.late},
    )
    metrics.add_metric(names.SAMPLES_BOOKED, MetricUnit.Count, booked.samples)


@logger.inject_lambda_context
@names.traced
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """Lambda's entry point; a message that fails comes again, and in the end to the dead-letter queue."""
    return process_partial_response(event=event, record_handler=book, processor=processor, context=context)


names.started()
