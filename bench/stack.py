"""The parts of template.yaml that cost money: memory, alarms, metrics, dashboards."""

import msgspec

from lab.cloud.tables import template
from slo.runtime import observability

FUNCTIONS = ("authorize", "evaluate", "ingest", "query", "rollup")


class StackContents(msgspec.Struct, frozen=True, kw_only=True):
    """The contents of one deployment with the default parameters, and any number of clusters."""

    memory_megabytes: dict[str, float]
    """Lambda memory by function."""
    alarms: int
    dashboards: int
    metrics: int
    authorization_seconds: int
    """How long API Gateway caches the authorizer's answer."""


def read() -> StackContents:
    """Read the current template."""
    loaded = template()
    resources = loaded["Resources"]
    authorizers = resources["Api"]["Properties"]["Auth"]["Authorizers"]
    default_megabytes = loaded["Globals"]["Function"]["MemorySize"]
    has_dashboard = loaded["Parameters"]["OperationsDashboard"]["Default"]
    kinds = [resource["Type"] for resource in resources.values()]
    memory = {
        name: float(resources[f"{name.capitalize()}Function"]["Properties"].get("MemorySize", default_megabytes))
        for name in FUNCTIONS
    }
    return StackContents(
        authorization_seconds=authorizers["Token"]["Identity"]["ReauthorizeEvery"],
        memory_megabytes=memory,
        alarms=kinds.count("AWS::CloudWatch::Alarm"),
        dashboards=kinds.count("AWS::CloudWatch::Dashboard") * (has_dashboard == "true"),
        metrics=len([name for name in vars(observability) if name.isupper() and name != "NAMESPACE"]),
    )
