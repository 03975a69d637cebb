"""The parts of template.yaml that only AWS applies and the local cloud ignores."""

from http import HTTPStatus
from typing import Any

import msgspec
import pytest
import yaml

from lab.cloud.tables import template
from lab.paths import ROOT
from slo.api.http import PROBLEM_JSON, Problem

TEMPLATE = ROOT / "template.yaml"
_NOT_A_NAME = {"MetricName", "StageName", "DomainName"}
"""A metric, the stage of the stack's own API, and the domain that a parameter gives."""


class _Loader(yaml.SafeLoader):
    """Reads each of CloudFormation's own tags as null."""


_Loader.add_multi_constructor("!", lambda _loader, _tag, _node: None)
API: dict[str, Any] = yaml.load(TEMPLATE.read_text(), _Loader)["Resources"]["Api"]["Properties"]  # noqa: S506 it is safe


@pytest.mark.parametrize("name", API["GatewayResponses"])
def test_what_api_gateway_itself_answers_is_a_problem_too(name: str) -> None:
    response = API["GatewayResponses"][name]
    problem = msgspec.json.decode(response["ResponseTemplates"]["application/json"], type=Problem)
    assert problem.title == HTTPStatus(problem.status).phrase
    assert problem.detail.endswith(".")
    assert response["ResponseParameters"]["Headers"]["Content-Type"] == f"'{PROBLEM_JSON}'"


def test_answers_of_more_than_a_kilobyte_are_compressed() -> None:
    assert API["MinimumCompressionSize"] == 1024


def test_two_stacks_in_one_account_share_no_name() -> None:
    """A physical name is either AWS' own choice or has the stack's name in it."""
    named = {
        f"{logical_id}.{attribute}": value
        for logical_id, resource in template()["Resources"].items()
        if resource["Type"] != "AWS::Route53::RecordSet"
        for attribute, value in resource.get("Properties", {}).items()
        if (attribute == "Name" or attribute.endswith("Name")) and attribute not in _NOT_A_NAME
    }
    assert named, "some resources have names"
    assert {place: value for place, value in named.items() if "AWS::StackName" not in str(value)} == {}
