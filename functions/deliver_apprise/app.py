"""Tells the services that apprise knows. It gets a message and addresses from `deliver`, and needs nothing of AWS.

apprise is in this function only, and is loaded with the first message.
"""

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

import msgspec

from slo.channels.apprise_request import AppriseAnswer, AppriseRequest
from slo.channels.guard import Guard
from slo.runtime import observability as names

logger = names.logger("deliver_apprise")
guard = Guard()
allows_private_targets = os.environ.get("ALLOW_PRIVATE_TARGETS") == "true"
logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # its lines may have addresses in them


def _services(request: AppriseRequest) -> list[Any]:
    """One object of apprise for each address that it understands."""
    from apprise import Apprise, AppriseAsset

    asset = AppriseAsset(app_id="ingress-slo", app_desc="ingress-slo", app_url="", secure_logging=True)
    made = [(Apprise(asset=asset), url) for url in request.urls]
    return [service for service, url in made if service.add(url)]


def _tell(request: AppriseRequest) -> AppriseAnswer:
    services = _services(request)

    def tell(service: Any) -> bool:
        return bool(
            service.notify(body=request.body, title=request.title, notify_type=request.notify_type, body_format="text")
        )

    unknown = len(request.urls) - len(services)
    if unknown:
        return AppriseAnswer(unknown=unknown)
    with (
        nullcontext() if allows_private_targets else guard.on(),
        ThreadPoolExecutor(max_workers=len(services)) as threads,
    ):
        delivered = sum(threads.map(tell, services))
    failed = len(services) - delivered
    refused = min(failed, guard.refused) if not allows_private_targets else 0
    return AppriseAnswer(delivered=delivered, failed=failed - refused, refused=refused)


@logger.inject_lambda_context
@names.traced
def handler(event: dict[str, Any], _context: Any) -> dict[str, int]:
    """Lambda's entry point."""
    answer: dict[str, int] = msgspec.to_builtins(_tell(msgspec.convert(event, AppriseRequest)))
    logger.info("told", extra=answer)
    return answer


names.started()
