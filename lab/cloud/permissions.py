"""The IAM permissions that a function uses, and those that its role in template.yaml grants."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from lab.cloud.cloudformation import resources

_IN_A_TRANSACTION = {
    "ConditionCheck": "ConditionCheckItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
}
_OF_MANY = {f"{one}Batch": one for one in ("ChangeMessageVisibility", "DeleteMessage", "SendMessage")}
_NAMED_OTHERWISE = {"Invoke": "InvokeFunction"}
_ON = ("TableName", "QueueUrl", "FunctionName", "FromEmailAddress", "Name")
"""Parameters that name what a request is about."""


class Permission(NamedTuple):
    """One action on one resource of the template."""

    action: str
    """For example `dynamodb:GetItem`."""
    resource: str
    """The logical id; `{logical id}/index/{name}` for an index; the end of an ARN that is a pattern."""


class PermissionRecorder:
    """Records the permissions that each function uses.

    `known` has logical ids by the names of tables and functions and the URLs of queues, and the ends of ARNs by the
    names of parameters, buses and addresses.
    """

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known
        self._function = ""
        self.asked: dict[str, set[Permission]] = {}

    def register(self, events: Any) -> None:
        """Record the requests of the client with these events."""
        events.register("before-parameter-build.*.*", self._record)

    @contextmanager
    def of(self, function: str) -> Iterator[None]:
        """Attribute the requests within the block, from all threads, to this function."""
        self.asked.setdefault(function, set())
        self._function = function
        try:
            yield
        finally:
            self._function = ""

    def _record(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        if self._function:
            service = model.service_model.signing_name
            index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
            used = {
                Permission(f"{service}:{name}", f"{self._known[on]}{index}")
                for name, on in _operations(model.name, params)
            }
            self.asked[self._function] |= used


def _operations(name: str, params: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The actions that IAM checks for one request, each with what it is about."""
    if name == "TransactWriteItems":
        for item in params["TransactItems"]:
            ((kind, part),) = item.items()
            yield _IN_A_TRANSACTION[kind], part["TableName"]
    elif name in ("BatchGetItem", "BatchWriteItem"):
        yield from ((name, table) for table in params["RequestItems"])
    elif name == "PutEvents":
        yield from ((name, entry["EventBusName"]) for entry in params["Entries"])
    else:
        on = next(params[parameter] for parameter in _ON if parameter in params)
        yield _OF_MANY.get(name, _NAMED_OTHERWISE.get(name, name)), on


def role_of(function: str) -> dict[str, Any]:
    """The properties of a function's role, by the name of the function's folder (`clean_up`)."""
    name = function.title().replace("_", "")
    (reference,) = resources()[f"{name}Function"]["Properties"]["Role"].values()
    properties: dict[str, Any] = resources()[reference[0]]["Properties"]
    return properties


def granted(function: str) -> set[Permission]:
    """The permissions that a function's role grants, without conditional statements."""
    return {
        Permission(action, _logical_id(resource))
        for policy in role_of(function)["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if "Fn::If" not in statement
        for action in _listed(statement["Action"])
        for resource in _listed(statement["Resource"])
    }


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _logical_id(resource: Any) -> str:
    """The logical id in a reference to an ARN or an index, or the end of an ARN. A plain string stays as it is."""
    if isinstance(resource, dict) and "Fn::Sub" in resource:
        text = str(resource["Fn::Sub"])
        return text.split("}:")[-1] if text.startswith("arn:") else text.replace("${", "").replace(".Arn}", "")
    return str(resource["Fn::GetAtt"][0] if isinstance(resource, dict) else resource)
