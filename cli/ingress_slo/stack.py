"""A deployed stack: looks up its tables, queues, functions and parameters in CloudFormation by their logical ids."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3
from botocore.exceptions import ClientError

from ingress_slo.failures import OperatorError
from slo.app.stores import Stores

DEFAULT_STACK = "ingress-slo"


@dataclass(frozen=True)
class Stack:
    """One stack. Names are looked up on first use."""

    name: str
    region: str

    @classmethod
    def of(cls, name: str, region: str) -> "Stack":
        """The stack with this name. Raises OperatorError if no region, or two different ones, are given."""
        return cls(name, region or _configured_region())

    def client(self, service: str) -> Any:
        """A boto3 client in the stack's region."""
        return boto3.client(service, region_name=self.region)

    @cached_property
    def stores(self) -> Stores:
        """The storage of the stack."""
        return Stores(self.setting)

    def setting(self, name: str) -> str:
        """The value that the stack's functions have in this environment variable. Raises OperatorError.

        `LEDGER_TABLE` is the resource `LedgerTable`; `SLOT_SECONDS` is the parameter `SlotSeconds`.
        """
        if name == "AWS_REGION":
            return self.region
        if name == "AWS_ENDPOINT_URL":
            return str(self.client("dynamodb").meta.endpoint_url)
        logical_id = name.title().replace("_", "")
        return self.resource(logical_id) if name.endswith("_TABLE") else self.parameter(logical_id)

    def resource(self, logical_id: str) -> str:
        """The physical id of a resource. Raises OperatorError."""
        found = _override(logical_id) or self._resources.get(logical_id)
        if not found:
            raise OperatorError(f"The stack {self.name!r} has no {logical_id}: is it an up-to-date ingress-slo?")
        return found

    def resources(self, ending: str) -> dict[str, str]:
        """The physical ids of all resources whose logical id ends so, by logical id."""
        return {name: physical for name, physical in self._resources.items() if name.endswith(ending) and physical}

    def output(self, name: str) -> str:
        """The value of an output. Raises OperatorError."""
        found = {item["OutputKey"]: item["OutputValue"] for item in self._description.get("Outputs", ())}
        if name not in found:
            raise OperatorError(f"The stack {self.name!r} has no output {name}: is it an up-to-date ingress-slo?")
        return str(found[name])

    def parameter(self, name: str) -> str:
        """The value of a parameter that the stack was deployed with. Raises OperatorError."""
        if given := _override(name):
            return given
        found = {item["ParameterKey"]: item["ParameterValue"] for item in self._description.get("Parameters", ())}
        if name not in found:
            raise OperatorError(
                f"The stack {self.name!r} has no parameter {name}: deploy the current version, then retry."
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
        """An OperatorError if the stack does not exist, else the error itself."""
        refusal: Exception = error
        if error.response.get("Error", {}).get("Code") != "ValidationError":
            return refusal
        return OperatorError(
            f"There is no stack {self.name!r} in {self.region}: check --stack and --region, or deploy it."
        )


def _configured_region() -> str:
    """The region that SAM uses, too: boto3 and SAM read AWS_DEFAULT_REGION, else the profile, and never AWS_REGION.

    The AWS CLI reads AWS_REGION first. Raises OperatorError if that is another region, or the only one.
    """
    configured, other = boto3.Session().region_name or "", os.environ.get("AWS_REGION", "")
    if configured and other in ("", configured):
        return configured
    if configured:
        raise OperatorError(
            f"Two AWS regions are set: AWS_REGION is {other}, but SAM uses {configured} (AWS_DEFAULT_REGION or your "
            "profile). Set both alike, or use --region."
        )
    if other:
        raise OperatorError(
            f"Only AWS_REGION is set ({other}), which SAM does not read: export AWS_DEFAULT_REGION, or use --region."
        )
    raise OperatorError("The AWS region of the stack is required: export AWS_DEFAULT_REGION, or use --region.")


def _override(logical_id: str) -> str:
    """The environment variable TOKENS_TABLE replaces `TokensTable`, for operators who may not read CloudFormation."""
    name = "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in logical_id).lstrip("_")
    return os.environ.get(name, "")
