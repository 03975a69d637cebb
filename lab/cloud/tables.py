"""Creates the tables of template.yaml in an emulator, so that tests and replays use the real key schema."""

from typing import Any

import yaml

from lab.paths import ROOT

TEMPLATE = ROOT / "template.yaml"
_SCHEMA = ("AttributeDefinitions", "KeySchema", "BillingMode", "LocalSecondaryIndexes", "GlobalSecondaryIndexes")


class _TemplateLoader(yaml.SafeLoader):
    """Reads CloudFormation's own tags as plain values."""


def _any_tag(loader: yaml.SafeLoader, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)  # type: ignore[arg-type]


_TemplateLoader.add_multi_constructor("!", _any_tag)


def template() -> dict[str, Any]:
    """The template, with intrinsic functions as plain values."""
    loaded: dict[str, Any] = yaml.load(TEMPLATE.read_text(), _TemplateLoader)  # noqa: S506 a SafeLoader
    return loaded


def create_tables(client: Any, prefix: str = "") -> dict[str, str]:
    """Create every table of the template; their names by the environment variable that functions know them by.

    `client` is a boto3 DynamoDB client.
    """
    names = {}
    for logical_id, resource in template()["Resources"].items():
        if resource["Type"] != "AWS::DynamoDB::Table":
            continue
        properties = {key: value for key, value in resource["Properties"].items() if key in _SCHEMA}
        client.create_table(TableName=f"{prefix}{logical_id}", **properties)
        names[_variable(logical_id)] = f"{prefix}{logical_id}"
    return names


def _variable(logical_id: str) -> str:
    """`RouteMapTable` is ROUTE_MAP_TABLE."""
    return "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in logical_id).lstrip("_")
