"""Evaluates the clusters that have pushed; on a schedule, those that have not.

The stream of the clusters' table has a record for each push. An error is an error of the function, which has an alarm.
The stream tries once more; after that the next push, a minute later, evaluates the same.
"""

import os
from collections.abc import Iterable, Iterator
from typing import Any

from slo.app.evaluate import Evaluate, Evaluated
from slo.app.stores import Stores
from slo.runtime import observability as names
from slo.store.clusters import ClusterState, state_of_image

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


def _pushed(states: dict[str, ClusterState | None]) -> None:
    """Evaluate clusters one by one: one that cannot be evaluated holds up no other."""
    failed = []
    for cluster_id, state in states.items():
        try:
            done = evaluate.pushed(cluster_id, state)
        except Exception:
            logger.exception("evaluation failed", extra={"cluster_id": cluster_id})
            failed.append(cluster_id)
            continue
        if done is not None:
            _log([done])
    if failed:
        raise RuntimeError(f"{len(failed)} of {len(states)} clusters could not be evaluated")


def _changed(records: Iterable[dict[str, Any]]) -> Iterator[tuple[str, ClusterState | None]]:
    """The clusters that changed, each with its last state in the stream; a removed one has none."""
    for record in records:
        change = record["dynamodb"]
        image = change.get("NewImage")
        yield change["Keys"]["cluster_id"]["S"], state_of_image(image) if image else None


@logger.inject_lambda_context
@names.traced
def handler(event: dict[str, Any], _context: Any) -> None:
    """Lambda's entry point."""
    if "Records" in event:
        _pushed(dict(_changed(event["Records"])))
    else:
        _log(evaluate.all())


names.started()
