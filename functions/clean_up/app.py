"""Runs once a day: deletes catalogue entries and route mappings that nothing uses any more."""

import os
from typing import Any

import msgspec

from slo.app.clean_up import CleanUp
from slo.app.stores import Stores
from slo.runtime import observability as names

logger = names.logger("clean_up")
clean_up = CleanUp(Stores(os.environ.get))


@logger.inject_lambda_context
@names.traced
def handler(_event: dict[str, Any], _context: Any) -> dict[str, int]:
    """Lambda's entry point."""
    clusters = 0
    for done in clean_up.run():
        clusters += 1
        if not done.is_clean:
            logger.info("cleaned up", extra=msgspec.to_builtins(done))
    return {"clusters": clusters}


names.started()
