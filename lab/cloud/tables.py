"""Creates the tables of template.yaml in an emulator, so that tests and replays use the real key schema."""

from functools import cache
from typing import Any

import yaml

from lab.paths import ROOT

TEMPLATE = ROOT / "template.yaml"
_SCHEMA = ("AttributeDefinitions", "KeySchema", "LocalSecondaryIndexes", "GlobalSecondaryIndexes")


class _TemplateLoader(yaml.SafeLoader):
    """Reads CloudFormation's own tags as plain values."""


def _any_tag(loader: yaml.SafeLoader, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)  # type: ignore[arg-type]


_TemplateLoader.add_multi_constructor("!", _any_tag)


@cache
def template() -> dict[str, Any]:
    """The template, with intrinsic functions as plain values."""
    loaded: dict[str, Any] = yaml.load(TEMPLATE.read_text(), _TemplateLoader)  # noqa: S506 a SafeLoader
    return loaded


def create_tables(client: Any, prefix: str = "") -> dict[str, str]:
    """Create every table of the template with a boto3 DynamoDB client.

    Returns the tables' names by the environment variables that hold them.
    """
    names = table_names()
    for logical_id in names.values():
        properties = template()["Resources"][logical_id]["Properties"]
        schema = {key: value for key, value in properties.items() if key in _SCHEMA}
        client.create_table(TableName=f"{prefix}{logical_id}", BillingMode="PAY_PER_REQUEST", **schema)
    return {variable: f"{prefix}{logical_id}" for variable, logical_id in names.items()}


def table_names() -> dict[str, str]:
    """The tables' logical ids by the environment variables that hold the names."""
    resources = template()["Resources"].items()
    return {_variable(name): name for name, resource in resources if resource["Type"] == "AWS::DynamoDB::Table"}


def _variable(logical_id: str) -> str:
    """ROUTE_MAP_TABLE for `RouteMapTable`."""
    return "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in logical_id).lstrip("_")
