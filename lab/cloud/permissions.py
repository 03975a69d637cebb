"""What a function asks of DynamoDB and SQS, in the words of IAM, and what its role in template.yaml grants."""

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


class Permission(NamedTuple):
    """One action on one resource of the template."""

    action: str
    """As in `dynamodb:GetItem`."""
    resource: str
    """Logical id; of an index, `{logical id}/index/{name}`."""


class PermissionRecorder:
    """Notes what each function asks for; `resources` are the logical ids by table name or queue URL."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known
        self._function = ""
        self.asked: dict[str, set[Permission]] = {}

    def register(self, events: Any) -> None:
        """Watch a client."""
        events.register("before-parameter-build.*.*", self._note)

    @contextmanager
    def of(self, function: str) -> Iterator[None]:
        """What is asked for meanwhile, by whatever thread, is this function's."""
        self.asked.setdefault(function, set())
        self._function = function
        try:
            yield
        finally:
            self._function = ""

    def _note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        if self._function:
            service = model.service_model.service_name
            index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
            asked = {
                Permission(f"{service}:{name}", f"{self._known[on]}{index}")
                for name, on in _operations(model.name, params)
            }
            self.asked[self._function] |= asked


def _operations(name: str, params: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The actions that IAM sees in one request, each with its table or queue."""
    if name == "TransactWriteItems":
        for item in params["TransactItems"]:
            ((kind, part),) = item.items()
            yield _IN_A_TRANSACTION[kind], part["TableName"]
    elif name in ("BatchGetItem", "BatchWriteItem"):
        yield from ((name, table) for table in params["RequestItems"])
    else:
        yield _OF_MANY.get(name, name), params.get("TableName") or params["QueueUrl"]


def role_of(function: str) -> dict[str, Any]:
    """Properties of the role of a function, by the name of its folder (`clean_up`)."""
    name = function.title().replace("_", "")
    (reference,) = resources()[f"{name}Function"]["Properties"]["Role"].values()
    properties: dict[str, Any] = resources()[reference[0]]["Properties"]
    return properties


def granted(function: str) -> set[Permission]:
    """What the role of a function (`ingest`) grants, conditional statements left out."""
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
    """Of a reference to a resource's ARN, or to one of its indexes; a text (a pattern) stays what it is."""
    if isinstance(resource, dict) and "Fn::Sub" in resource:
        return str(resource["Fn::Sub"]).replace("${", "").replace(".Arn}", "")
    return str(resource["Fn::GetAtt"][0] if isinstance(resource, dict) else resource)
