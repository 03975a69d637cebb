"""A deployed stack: its tables, queues, functions and parameters by their names in template.yaml.

Nobody need know a table's name; CloudFormation does.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3
from botocore.exceptions import ClientError
from pynamodb.models import Model

from ingress_slo.failures import OperatorError
from slo.store.tables import Tables

DEFAULT_STACK = "ingress-slo"
_NO_REGION = "Say in which AWS region the stack is: --region, or set AWS_REGION."


@dataclass(frozen=True)
class Stack:
    """One stack. Names are looked up when they are needed."""

    name: str
    region: str

    @classmethod
    def of(cls, name: str, region: str) -> "Stack":
        """The stack of this name. Raises OperatorError where no region is known."""
        known = region or boto3.Session().region_name or os.environ.get("AWS_REGION", "")
        if not known:
            raise OperatorError(_NO_REGION)
        return cls(name, known)

    def client(self, service: str) -> Any:
        """A boto3 client in the stack's region."""
        return boto3.client(service, region_name=self.region)

    def bind[M: Model](self, model: type[M], logical_id: str) -> type[M]:
        """The model of one of its tables, such as `TokensTable`; the same one each time."""
        if logical_id not in self._bound:
            self._bound[logical_id] = self.tables.bind(model, self.resource(logical_id))
        bound: type[M] = self._bound[logical_id]
        return bound

    @cached_property
    def _bound(self) -> dict[str, Any]:
        return {}

    @cached_property
    def tables(self) -> Tables:
        """Binds models where the AWS SDK would go, an emulator's endpoint included."""
        return Tables(self.region, self.client("dynamodb").meta.endpoint_url)

    def resource(self, logical_id: str) -> str:
        """The physical id of a resource. Raises OperatorError."""
        found = _override(logical_id) or self._resources.get(logical_id)
        if not found:
            raise OperatorError(f"The stack {self.name!r} has no {logical_id}: is it ingress-slo's, and up to date?")
        return found

    def output(self, name: str) -> str:
        """One of its outputs. Raises OperatorError."""
        found = {item["OutputKey"]: item["OutputValue"] for item in self._description.get("Outputs", ())}
        if name not in found:
            raise OperatorError(f"The stack {self.name!r} has no output {name}: is it ingress-slo's, and up to date?")
        return str(found[name])

    def parameter(self, name: str) -> str:
        """What it was deployed with. Raises OperatorError."""
        if given := _override(name):
            return given
        found = {item["ParameterKey"]: item["ParameterValue"] for item in self._description.get("Parameters", ())}
        if name not in found:
            raise OperatorError(
                f"The stack {self.name!r} has no parameter {name}: deploy it again, then try once more."
            )
        return str(found[name])

    @cached_property
    def _description(self) -> Mapping[str, Any]:
        try:
            stacks = self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"]
        except ClientError as error:
            raise self._absent(error) from error
        description: dict[str, Any] = stacks[0]
        return description

    @cached_property
    def _resources(self) -> Mapping[str, str]:
        pages = self.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=self.name)
        try:
            summaries = [item for page in pages for item in page["StackResourceSummaries"]]
        except ClientError as error:
            raise self._absent(error) from error
        return {item["LogicalResourceId"]: item.get("PhysicalResourceId", "") for item in summaries}

    def _absent(self, error: ClientError) -> Exception:
        """What to raise: the error itself, unless it says that there is no such stack."""
        refusal: Exception = error
        if error.response.get("Error", {}).get("Code") != "ValidationError":
            return refusal
        return OperatorError(
            f"There is no stack {self.name!r} in {self.region}: say which with --stack and --region, or deploy it."
        )


def _override(logical_id: str) -> str:
    """`TokensTable` may be given as TOKENS_TABLE, for whoever may not read CloudFormation."""
    name = "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in logical_id).lstrip("_")
    return os.environ.get(name, "")
