"""Generates the API's OpenAPI 3.1 document from the operations that the handlers declare (`slo.api.operations`).

    python -m lab.openapi [--check]

Writes `functions/query/openapi.json`, which the API serves. `--check` writes nothing, and fails if the file is out of
date. A field's description is the docstring beneath it.
"""

import ast
import inspect
import json
import os
import sys
import textwrap
from datetime import datetime
from http import HTTPStatus
from itertools import pairwise
from typing import Any, get_args
from unittest import mock

import msgspec

from lab.cloud.functions import load_function
from lab.cloud.tables import table_names
from lab.paths import ROOT
from slo.api import answers
from slo.api.http import JSON, PROBLEM_JSON, Problem
from slo.api.operations import Operation
from slo.objectives.objective import NAME_PATTERN
from slo.traefik.snapshots import CHANNEL_NAME_PATTERN, CLUSTER_ID_PATTERN, CONTENT_TYPE, MAX_BODY_BYTES

FILE = ROOT / "functions" / "query" / "openapi.json"
_REF = "#/components/schemas/{name}"
_BY_CALLER = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS)


def _declared() -> tuple[Operation, ...]:
    """The operations that the functions declare, in the order of the document."""
    tables = dict.fromkeys(table_names(), "none")
    seconds = {"SLOT_SECONDS": "300", "CUTOFF_DELAY_SECONDS": "60"}
    names = {"STACK_NAME": "none", "DELIVERY_QUEUE_URL": "none"}
    with mock.patch.dict(os.environ, {"AWS_REGION": "eu-central-1", **seconds, **names, **tables}):
        functions = [load_function(name) for name in ("ingest", "query", "objectives", "notifications")]
    return tuple(operation for function in functions for operation in function.operations.declared)


OPERATIONS = _declared()


def document() -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ingress-slo",
            "version": "2",
            "description": inspect.getdoc(answers),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "../..", "description": "The deployment that serves this document"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "`ingress-slo tokens create` creates one."}
            },
            "schemas": _schemas(),
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "description": f"Needs a token with the scope {' or '.join(operation.scopes)}.",
        "parameters": [*_path_parameters(operation), *_query_parameters(operation), *_header_parameters(operation)],
        "responses": _responses(operation),
    }
    if operation.body is not None:
        content = {JSON: {"schema": {"$ref": _REF.format(name=operation.body.__name__)}}}
        described["requestBody"] = {"required": True, "content": content}
    if operation.body is bytes:
        described["requestBody"] = {
            "required": True,
            "description": f"A snapshot from the agent as gzip JSON, at most {MAX_BODY_BYTES} bytes.",
            "content": {CONTENT_TYPE: {"schema": {"type": "string", "contentMediaType": CONTENT_TYPE}}},
        }
    return described


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    known: dict[str, dict[str, Any]] = {
        "domain": {
            "description": "Percent-encoded, in Unicode or punycode. `*` is the domain of rules without a host.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 253},
            "example": "shop.example.com",
        },
        "cluster_id": {"schema": {"type": "string", "pattern": CLUSTER_ID_PATTERN}},
        "incident_id": {"schema": {"type": "string", "minLength": 1}},
        "name": {"description": "The channel's name.", "schema": {"type": "string", "pattern": CHANNEL_NAME_PATTERN}},
        "objective": {
            "description": "The objective's name: another subject may have one with the same name.",
            "schema": {"type": "string", "pattern": NAME_PATTERN},
            "example": "monthly",
        },
        "exclusion_id": {"schema": {"type": "string", "minLength": 1}},
        "mute_id": {"schema": {"type": "string", "minLength": 1}},
    }
    names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    return [{"name": name, "in": "path", "required": True, **known[name]} for name in names]


def _query_parameters(operation: Operation) -> list[dict[str, Any]]:
    if operation.query is None:
        return []
    schema = msgspec.json.schema(operation.query, ref_template=_REF)["$defs"][operation.query.__name__]
    docs = _field_docs(operation.query)
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "schema": _without_null(described),
            "description": docs[name],
        }
        for name, described in schema["properties"].items()
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema without null: an optional parameter is absent, never null."""
    options = [option for option in schema.get("anyOf", ()) if option != {"type": "null"}]
    kept = {key: value for key, value in schema.items() if key not in ("anyOf", "default") or value}
    if options:
        kept = {**options[0], **{key: value for key, value in kept.items() if key != "anyOf"}}
    if "enum" in kept:
        kept["enum"] = [value for value in kept["enum"] if value is not None]
    return kept


def _header_parameters(operation: Operation) -> list[dict[str, Any]]:
    text = {"type": "string"}
    found = []
    if operation.is_cached:
        found.append(("If-None-Match", "The ETag of the answer in the caller's cache."))
    if operation.takes_if_match:
        found.append(("If-Match", "The ETag of what is changed, as the caller last read it. Required if it exists."))
    return [
        {"name": name, "in": "header", "required": False, "schema": text, "description": about} for name, about in found
    ]


def _responses(operation: Operation) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status in operation.statuses:
        responses[str(int(status))] = _success(operation, status)
    if operation.is_cached:
        responses["304"] = {"description": "The caller's cached answer is current", "headers": _ETAG}
    for problem in sorted({*_BY_CALLER, *operation.problems, HTTPStatus.INTERNAL_SERVER_ERROR}):
        content = {PROBLEM_JSON: {"schema": {"$ref": _REF.format(name=Problem.__name__)}}}
        responses[str(int(problem))] = {"description": problem.phrase, "content": content}
    return responses


_ETAG = {"ETag": {"schema": {"type": "string"}}}


def _success(operation: Operation, status: HTTPStatus) -> dict[str, Any]:
    described: dict[str, Any] = {"description": status.phrase}
    if operation.answer is not None:
        described["content"] = {JSON: {"schema": {"$ref": _REF.format(name=operation.answer.__name__)}}}
    if operation.is_cached or (operation.takes_if_match and operation.body is not None):
        described["headers"] = _ETAG
    return described


def _schemas() -> dict[str, Any]:
    roots: list[type[msgspec.Struct]] = [operation.answer for operation in OPERATIONS if operation.answer is not None]
    bodies = [operation.body for operation in OPERATIONS if operation.body not in (None, bytes)]
    roots += bodies
    _, found = msgspec.json.schema_components([*roots, Problem], ref_template=_REF)
    described = {kind.__name__: kind for kind in _structs(roots)}
    sent = _structs(bodies)
    for name, schema in found.items():
        if kind := described.get(name):
            _complete(schema, kind, is_sent=kind in sent)
    return dict(sorted(found.items()))


def _complete(schema: dict[str, Any], kind: type[msgspec.Struct], *, is_sent: bool) -> None:
    """Describe each field. Every field of an answer is required; of what callers send, those without a default."""
    docs, types = _field_docs(kind), {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
    for name, described in schema["properties"].items():
        for option in described.get("anyOf", (described,)):
            if datetime in (types[name], *get_args(types[name])) and option.get("type") == "string":
                option["format"] = "date-time"
        if docs[name] and "$ref" not in described:
            described["description"] = docs[name]
    if not is_sent:
        schema["required"] = list(schema["properties"])
        for described in schema["properties"].values():
            described.pop("default", None)


def _structs(roots: list[type[msgspec.Struct]]) -> list[type[msgspec.Struct]]:
    """These structs and all structs in their fields."""
    found: list[type[msgspec.Struct]] = []
    waiting: list[Any] = list(roots)
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            if kind not in found:
                found.append(kind)
                waiting += [field.type for field in msgspec.structs.fields(kind)]
        else:
            waiting += getattr(kind, "__args__", ())
    return found


def _field_docs(kind: type[msgspec.Struct]) -> dict[str, str]:
    """The docstring beneath each field, by the field's name in JSON."""
    docs: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if base is not msgspec.Struct and issubclass(base, msgspec.Struct):
            docs |= _docs_in(base)
    return {field.encode_name: docs.get(field.name, "") for field in msgspec.structs.fields(kind)}


def _docs_in(kind: type[Any]) -> dict[str, str]:
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    body = definition.body if isinstance(definition, ast.ClassDef) else []
    return {
        field.target.id: " ".join(inspect.cleandoc(doc.value.value).split())
        for field, doc in pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(doc, ast.Expr) and isinstance(doc.value, ast.Constant) and isinstance(doc.value.value, str)
    }


def main(arguments: list[str]) -> int:
    """Command line."""
    text = json.dumps(document(), indent=1, ensure_ascii=False) + "\n"
    if arguments == ["--check"]:
        if FILE.exists() and FILE.read_text(encoding="utf-8") == text:
            return 0
        sys.stderr.write(f"{FILE.name} is out of date: run `make openapi`\n")
        return 1
    FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
