"""Evaluates the clusters that have pushed; on a schedule, those that have not.

The stream of the clusters' table has a record for each push. An error is an error of the function, which has an alarm.
The stream tries once more; after that the next push, a minute later, evaluates the same.
"""

import os
from collections.abc import Iterable
from typing import Any

from slo.app.evaluate import Evaluate, Evaluated
from slo.app.stores import Stores
from slo.runtime import observability as names

logger = names.logger("evaluate")
evaluate = Evaluate(Stores(os.environ.get))


def _log(evaluated: Iterable[Evaluated]) -> None:
    for each in evaluated:
        for transition in each.transitions:
            incident = transition.incident
            logger.info(
                transition.what,
                extra={
                    "cluster_id": each.cluster_id,
                    "incident_id": incident.incident_id,
                    "kind": incident.kind,
                    "severity": incident.severity,
                },
            )


def _pushed(cluster_ids: list[str]) -> None:
    """Evaluate clusters one by one: one that cannot be evaluated holds up no other."""
    failed = []
    for cluster_id in cluster_ids:
        try:
            done = evaluate.pushed(cluster_id)
        except Exception:
            logger.exception("evaluation failed", extra={"cluster_id": cluster_id})
            failed.append(cluster_id)
            continue
        if done is not None:
            _log([done])
    if failed:
        raise RuntimeError(f"{len(failed)} of {len(cluster_ids)} clusters could not be evaluated")


@logger.inject_lambda_context
@names.traced
def handler(event: dict[str, Any], _context: Any) -> None:
    """Lambda's entry point."""
    if "Records" in event:
        _pushed(sorted({record["dynamodb"]["Keys"]["cluster_id"]["S"] for record in event["Records"]}))
    else:
        _log(evaluate.all())


names.started()
