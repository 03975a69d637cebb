"""Operations: a handler's signature declares what it takes and returns.

    operations = Operations(resolver(logger))

    @operations.declare("GET", "/api/v2/slo/domains/<domain>")
    def get_domain(cluster_id: str, domain: str, asked: WindowParameters) -> DomainAnswer: ...

The handler's parameters are filled by name: `asked` is the query, `body` the request body (parsed JSON or raw `bytes`),
`if_match` the header, `caller` the token's grant, `cluster_id` the cluster, which the token must allow. Other names are
variables of the path. The function's name becomes the operation's id, the first line of its docstring the summary.
`lab/openapi.py` writes the OpenAPI document from `Operations.declared`.
"""

from collections.abc import Callable
from http import HTTPStatus
from inspect import getdoc
from typing import Any, NamedTuple, get_args, get_type_hints
from urllib.parse import unquote

import msgspec
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response

from slo.api.http import answer, binary_body, cached, cluster_of, grant, header, no_content, parameters
from slo.api.parameters import ClusterParameters, Parameters, read_body
from slo.api.tokens import Scope

READ: tuple[Scope, ...] = ("read", "manage")


class Reply[T](NamedTuple):
    """An answer whose handler chooses the status and the ETag."""

    body: T
    status: HTTPStatus
    etag: str


class Operation(NamedTuple):
    """One method of one path."""

    method: str
    path: str
    """Variables are in braces, as in OpenAPI."""
    id: str
    summary: str
    scopes: tuple[Scope, ...]
    """A token needs one of these."""
    query: type[Parameters] | None
    answer: type[msgspec.Struct] | None
    """None if the answer has no body."""
    body: Any
    """The type of the JSON body, `bytes` for a binary body, None for no body."""
    takes_if_match: bool
    is_cached: bool
    """Whether the answer has an ETag, and `If-None-Match` is checked."""
    statuses: tuple[HTTPStatus, ...]
    problems: tuple[HTTPStatus, ...]
    """Error statuses in addition to those of all operations."""


class Operations:
    """The operations of one Lambda function."""

    def __init__(self, app: APIGatewayRestResolver) -> None:
        self.app = app
        self.declared: list[Operation] = []

    def declare[H: Callable[..., Any]](
        self,
        method: str,
        path: str,
        *,
        scopes: tuple[Scope, ...] = READ,
        clusters: type[ClusterParameters] = ClusterParameters,
        max_age: Callable[[Any], int] | None = None,
        statuses: tuple[HTTPStatus, ...] = (HTTPStatus.OK,),
        problems: tuple[HTTPStatus, ...] = (),
    ) -> Callable[[H], H]:
        """Register a handler.

        `clusters` are the query's parameters of a handler that takes a `cluster_id` and nothing else of the query.
        `max_age` returns for how many seconds a caller may cache an answer.
        """

        def register(handler: H) -> H:
            types = get_type_hints(handler)
            returned = types.pop("return")
            is_of_cluster = "cluster_id" in types and "<cluster_id>" not in path
            first, *words = handler.__name__.split("_")
            operation = Operation(
                method=method,
                path=path.replace("<", "{").replace(">", "}"),
                id=first + "".join(word.title() for word in words),
                summary=(getdoc(handler) or "").partition("\n")[0].rstrip("."),
                scopes=scopes,
                query=types.get("asked", clusters if is_of_cluster else None),
                answer=next(iter(get_args(returned)), returned) if returned is not type(None) else None,
                body=types.get("body"),
                takes_if_match="if_match" in types,
                is_cached=max_age is not None,
                statuses=statuses,
                problems=problems,
            )
            self.declared.append(operation)

            @self.app.route(path, method)
            def call(**variables: str) -> Response[str]:
                result = handler(**self._arguments(operation, types, variables))
                if result is None:
                    return no_content()
                if isinstance(result, Reply):
                    return answer(result.body, result.status, etag=result.etag)
                if max_age is not None:
                    return cached(self.app, result, max_age_seconds=max_age(result))
                return answer(result, statuses[0])

            return handler

        return register

    def _arguments(self, operation: Operation, types: dict[str, Any], variables: dict[str, str]) -> dict[str, Any]:
        """The handler's arguments. Raises CallerError."""
        given: dict[str, Any] = {name: unquote(text) for name, text in variables.items()}
        given["caller"] = grant(self.app)
        given["caller"].require(*operation.scopes)
        if operation.query is not None:
            given["asked"] = asked = parameters(self.app, operation.query)
            if isinstance(asked, ClusterParameters):
                given["cluster_id"] = cluster_of(given["caller"], asked)
        elif "cluster_id" in variables:
            given["caller"].require_cluster(given["cluster_id"])
        if operation.body is not None:
            sent = binary_body(self.app)
            given["body"] = sent if operation.body is bytes else read_body(operation.body, sent)
        given["if_match"] = header(self.app, "If-Match")
        return {name: value for name, value in given.items() if name in types}
