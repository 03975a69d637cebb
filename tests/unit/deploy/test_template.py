"""The parts of template.yaml that only AWS applies and the local cloud ignores."""

from http import HTTPStatus
from typing import Any

import msgspec
import pytest
import yaml

from lab.paths import ROOT
from slo.api.http import PROBLEM_JSON, Problem

TEMPLATE = ROOT / "template.yaml"


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
