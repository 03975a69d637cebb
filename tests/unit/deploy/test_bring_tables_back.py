"""Which tables come back, and what is said where that is not clear."""

import importlib.util
from types import ModuleType
from typing import Any

import pytest
import yaml

from lab.cloud.tables import template
from lab.paths import ROOT

TABLES_YAML = ROOT / "deploy" / "tables.yaml"
KEPT = {
    name: item
    for name, item in template()["Resources"].items()
    if item["Type"] == "AWS::DynamoDB::Table" and item["DeletionPolicy"] != "Delete"
}


SCHEMA = ("AttributeDefinitions", "KeySchema", "LocalSecondaryIndexes", "TimeToLiveSpecification")


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bring_tables_back", ROOT / "deploy" / "bring_tables_back.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SCRIPT: Any = load()
NAMES = [f"ingress-slo-{logical_id}-ABC123" for logical_id in SCRIPT.TABLES]
OTHERS = ["ingress-slo-dev-LedgerTable-ABC123", "ingress-slo-RawTable-ABC123", "mine"]


def test_the_import_takes_the_tables_that_the_template_keeps() -> None:
    imported = yaml.safe_load(TABLES_YAML.read_text())
    assert set(imported) == {"AWSTemplateFormatVersion", "Description", "Resources"}, "no transform and no outputs"
    assert set(imported["Resources"]) == set(SCRIPT.TABLES) == set(KEPT)


@pytest.mark.parametrize("name", KEPT)
def test_an_imported_table_is_as_the_template_makes_it(name: str) -> None:
    """CloudFormation replaces a table whose keys differ, and refuses one without a deletion policy that keeps it."""
    table, made = yaml.safe_load(TABLES_YAML.read_text())["Resources"][name], KEPT[name]
    assert {key: table["Properties"].get(key) for key in SCHEMA} == {key: made["Properties"].get(key) for key in SCHEMA}
    assert table["Properties"]["DeletionProtectionEnabled"] is True
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    assert (made["DeletionPolicy"], made["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_cloudformation_takes_no_alias_in_a_template_that_is_sent_as_it_is() -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html."""
    for file in (TABLES_YAML, ROOT / "deploy" / "budget.yaml"):
        assert not [token for token in yaml.scan(file.read_text()) if isinstance(token, yaml.AliasToken)]


def test_the_page_names_the_tables() -> None:
    page = (ROOT / "docs" / "install-aws.md").read_text().partition("## Bring the tables back")[2]
    assert [name for name in SCRIPT.TABLES if f"`{name}`" not in page] == []


def test_tables_are_known_by_their_names() -> None:
    assert SCRIPT.chosen("ingress-slo", NAMES + OTHERS, {}) == dict(zip(SCRIPT.TABLES, NAMES, strict=True))


def test_a_table_that_is_given_comes_before_one_that_is_found() -> None:
    found = SCRIPT.chosen("ingress-slo", NAMES + OTHERS, {"LedgerTable": "mine"})
    assert found["LedgerTable"] == "mine"


@pytest.mark.parametrize(
    ("names", "given", "says"),
    [
        (NAMES[1:], {}, "There is no CatalogueTable of 'ingress-slo': say CatalogueTable=NAME"),
        (
            [*NAMES, "ingress-slo-LedgerTable-XYZ"],
            {},
            "Say which: LedgerTable=ingress-slo-LedgerTable-ABC123 or LedgerTable=ingress-slo-LedgerTable-XYZ",
        ),
        (NAMES, {"LedgerTable": "gone"}, "There is no table 'gone' in this region"),
        (NAMES, {"Ledger": NAMES[2]}, "Ledger is none of CatalogueTable, ClustersTable"),
    ],
    ids=["missing", "two", "no such table", "no such logical id"],
)
def test_what_is_not_clear_is_said(names: list[str], given: dict[str, str], says: str) -> None:
    with pytest.raises(SystemExit, match=says):
        SCRIPT.chosen("ingress-slo", names, given)
