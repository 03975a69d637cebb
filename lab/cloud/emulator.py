"""Starts ministack with four changes: it unpacks a zip file once, and knows more of what our template asks for.

ministack unpacks the function and the layer, thousands of files, for each process that it starts, and it starts one
after each error. On AWS an environment has them mounted, and outlives an error. With a link to what is unpacked already
the bytecode beside it is kept, too.

ministack knows gateway responses and the method ANY, and leaves both out when it imports an OpenAPI document, which is
where SAM puts them.

A parameter of a template is text. CloudFormation makes a number of it where one is needed; ministack's poller of queues
does not, and stops for good.

An HTTP API sends events of format 1.0 where its integration says so. ministack always sends 2.0.

Runs in ministack's own environment, as its command does.
"""

import hashlib
import importlib
import json
import os
import tempfile
import threading
import types
import zipfile
from pathlib import Path
from typing import Any

_ANY = "x-amazon-apigateway-any-method"
_METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
_UNPACKED = Path(tempfile.gettempdir()) / "unpacked"
_LOCK = threading.Lock()
_INTEGRATION = "ministack-apigw-invoke"
"""The name of the thread in which ministack calls an API's function."""


class _OnceUnpacked(zipfile.ZipFile):
    """What ministack opens; the folder that it asks for becomes a link."""

    def extractall(self, path: str | os.PathLike[str] | None = None, *_: object) -> None:
        folder = Path(path or os.curdir)
        kept = _UNPACKED / hashlib.sha256(Path(str(self.filename)).read_bytes()).hexdigest()
        with _LOCK:
            if not kept.exists():
                partial = kept.with_suffix(".partial")
                super().extractall(partial)
                partial.rename(kept)
        folder.rmdir()
        folder.symlink_to(kept)


def import_all(gateway: Any) -> None:
    """Make ministack's API Gateway import ANY, and what an API answers by itself."""
    import_api = gateway._import_rest_api

    def imported(document: dict[str, Any], *arguments: Any) -> str:
        paths = {path: _with_any(item) for path, item in document["paths"].items()}
        api_id: str = import_api({**document, "paths": paths}, *arguments)
        for kind, response in document.get("x-amazon-apigateway-gateway-responses", {}).items():
            gateway._put_gateway_response(api_id, kind, response)
        return api_id

    gateway._import_rest_api = imported


def _with_any(item: dict[str, Any]) -> dict[str, Any]:
    return {**dict.fromkeys(_METHODS, item[_ANY]), **item} if _ANY in item else item


def count_concurrency(functions: Any) -> None:
    """Make ministack's poller take a maximum that a template gives as text."""
    concurrency = functions._sqs_esm_concurrency

    def counted(mapping: dict[str, Any], *arguments: Any) -> int:
        scaling = {name: int(value) for name, value in (mapping.get("ScalingConfig") or {}).items()}
        found: int = concurrency({**mapping, "ScalingConfig": scaling}, *arguments)
        return found

    functions._sqs_esm_concurrency = counted


def send_format_1(gateway: Any) -> None:
    """Make ministack's HTTP APIs send events of format 1.0, and understand the answers to them.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    run = gateway.run_reentrant

    async def run_with_format_1(function: Any, *arguments: Any, thread_name: str) -> Any:
        if thread_name != _INTEGRATION:
            return await run(function, *arguments, thread_name=thread_name)
        record, event = arguments
        result = await run(function, record, _as_format_1(event), thread_name=thread_name)
        answer = json.loads(result["body"]) if isinstance(result.get("body"), str) else result.get("body")
        if isinstance(answer, dict) and "multiValueHeaders" in answer:
            last = {name: values[-1] for name, values in answer["multiValueHeaders"].items() if values}
            result = {**result, "body": {**answer, "headers": {**answer.get("headers", {}), **last}}}
        return result

    gateway.run_reentrant = run_with_format_1


def _as_format_1(event: dict[str, Any]) -> dict[str, Any]:
    context = event["requestContext"]
    method, _, resource = event["routeKey"].partition(" ")
    query = event.get("queryStringParameters")
    return {
        "version": "1.0",
        "resource": resource,
        "path": event["rawPath"],
        "httpMethod": method,
        "headers": event["headers"],
        "multiValueHeaders": {name: [value] for name, value in event["headers"].items()},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} if query else None,
        "requestContext": {
            **{name: context[name] for name in ("accountId", "apiId", "domainName", "requestId", "stage")},
            "authorizer": context.get("authorizer", {}).get("lambda"),
            "httpMethod": method,
            "identity": {"sourceIp": context["http"]["sourceIp"], "userAgent": context["http"]["userAgent"]},
            "path": event["rawPath"],
            "protocol": context["http"]["protocol"],
            "requestTimeEpoch": context["timeEpoch"],
            "resourcePath": resource,
        },
        "pathParameters": event["pathParameters"],
        "stageVariables": None,
        "body": event.get("body"),
        "isBase64Encoded": event["isBase64Encoded"],
    }


def main() -> None:
    """What the command `ministack` does."""
    runtime = importlib.import_module("ministack.core.lambda_runtime")
    vars(runtime)["zipfile"] = types.SimpleNamespace(**{**vars(zipfile), "ZipFile": _OnceUnpacked})
    import_all(importlib.import_module("ministack.services.apigateway_v1"))
    count_concurrency(importlib.import_module("ministack.services.lambda_svc"))
    send_format_1(importlib.import_module("ministack.services.apigateway"))
    importlib.import_module("ministack.app").main()


if __name__ == "__main__":
    main()
