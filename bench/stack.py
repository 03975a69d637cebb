"""What template.yaml says that has a price: memory, alarms, metrics, dashboards."""

import msgspec

from lab.cloud.tables import template
from slo.runtime import observability

FUNCTIONS = ("authorize", "ingest", "query", "rollup")


class StackContents(msgspec.Struct, frozen=True, kw_only=True):
    """Of one deployment, however many clusters it has."""

    memory_megabytes: dict[str, float]
    """By function."""
    alarms: int
    dashboards: int
    metrics: int
    authorization_seconds: int
    """For how long API Gateway remembers what a token may do."""


def read() -> StackContents:
    """The stack as it is now."""
    loaded = template()
    resources = loaded["Resources"]
    authorizers = resources["Api"]["Properties"]["Auth"]["Authorizers"]
    every = loaded["Globals"]["Function"]["MemorySize"]
    kinds = [resource["Type"] for resource in resources.values()]
    memory = {
        name: float(resources[f"{name.capitalize()}Function"]["Properties"].get("MemorySize", every))
        for name in FUNCTIONS
    }
    return StackContents(
        authorization_seconds=authorizers["Token"]["Identity"]["ReauthorizeEvery"],
        memory_megabytes=memory,
        alarms=kinds.count("AWS::CloudWatch::Alarm"),
        dashboards=kinds.count("AWS::CloudWatch::Dashboard"),
        metrics=len([name for name in vars(observability) if name.isupper() and name != "NAMESPACE"]),
    )
