"""Delivers messages: one order of the queue for one channel each, all of a batch at once."""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from slo.app.deliver import Deliver, Postponed, decode
from slo.app.stores import Stores
from slo.channels.aws import Clients
from slo.channels.outside import Outside
from slo.channels.senders import Senders
from slo.runtime import observability as names
from slo.store.channel_secrets import ChannelSecrets
from slo.store.delivery_queue import DeliveryQueue

logger = names.logger("deliver")
stores = Stores(os.environ.get)
queue = DeliveryQueue(stores.delivery_queue_url)
senders = Senders(
    Outside(allow_private_targets=stores.allows_private_targets),
    Clients(),
    alarm_topic=stores.tables.text("ALARM_TOPIC_ARN", default=""),
    apprise_function=stores.tables.text("DELIVER_APPRISE_FUNCTION"),
)
deliver = Deliver(stores, ChannelSecrets(stores.stack_name), senders, stores.tables.text("DASHBOARD_URL"))


def _deliver(record: dict[str, Any]) -> bool:
    """Deliver one order; False if the queue is to bring it again."""
    message_id, received = record["messageId"], int(record["attributes"]["ApproximateReceiveCount"])
    try:
        order = decode(record["body"])
        done = deliver.run(order, received)
        about = {"channel": order.channel, "kind": order.kind, "order_id": order.order_id}
        if isinstance(done, Postponed):
            queue.postpone(record["receiptHandle"], done.seconds)
            logger.warning("postponed", extra={**about, "seconds": done.seconds, "reason": done.words})
            return False
        logger.info(done.status, extra={**about, "attempts": done.attempts, "reason": done.last_error})
    except msgspec.MsgspecError:
        logger.error("not an order", extra={"message_id": message_id})
        return False
    except Exception:
        logger.exception("delivery failed", extra={"message_id": message_id})
        return False
    return True


@logger.inject_lambda_context
@names.traced
def handler(event: dict[str, Any], _context: Any) -> dict[str, list[dict[str, str]]]:
    """Lambda's entry point. Each order has a thread, so that a slow receiver holds up nobody else."""
    records = event["Records"]
    with ThreadPoolExecutor(max_workers=len(records)) as threads:
        done = list(threads.map(_deliver, records))
    kept = [record["messageId"] for record, is_done in zip(records, done, strict=True) if not is_done]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in kept]}


names.started()
