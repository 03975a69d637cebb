"""HTTP requests and responses: JSON answers, ETags, and errors as problem details (RFC 9457)."""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig, Response

from slo.api import not_found
from slo.api.parameters import ClusterParameters, Parameters, invalid, read_parameters
from slo.api.tokens import Grant
from slo.errors import BadRequestError, CallerError, FieldError, SloError, TryAgainError
from slo.objectives.targets import ALL_CLUSTERS

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"
_FAILED = "The server failed and logged the error. Try again later; if it fails again, report the request_id."


_VARIABLE = re.compile(r"<(\w+)>")


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457 problem details; `errors` names the fields that are wrong."""

    title: str
    status: int
    detail: str
    type: str = "about:blank"
    errors: tuple[FieldError, ...] = ()
    request_id: str = ""


class _Resolver(APIGatewayRestResolver):
    """A router whose variables hold any text without a slash.

    Powertools allows the characters of a URL only. API Gateway decodes a path before, and a pattern of domains has a
    backslash or a question mark.
    """

    @staticmethod
    def _compile_regex(rule: str, base_regex: str = "^{}/*$") -> re.Pattern[str]:
        return re.compile(base_regex.format(_VARIABLE.sub(r"(?P<\1>[^/]+)", rule)), re.DOTALL)


def resolver(logger: Logger, *, cors_origin: str = "", prefixes: tuple[str, ...] = ()) -> APIGatewayRestResolver:
    """A router that returns errors as problem details. Only `cors_origin`, if given, may call it from another site.

    `prefixes` are those of a custom domain: the API Gateway leaves them in front of the path.
    """
    app = _Resolver(cors=_cors(cors_origin) if cors_origin else None, strip_prefixes=list(prefixes))

    @app.exception_handler(Exception)  # type: ignore[untyped-decorator]
    def refuse(error: Exception) -> Response[str]:
        request_id = app.current_event.request_context.request_id or ""
        if isinstance(error, CallerError):
            logger.info("refused", extra={"status": int(error.status), "detail": error.detail})
        else:
            logger.exception("failed")
        return problem(error, request_id)

    @app.not_found
    def unknown_path(_: Exception) -> Response[str]:
        return problem(not_found.path(), app.current_event.request_context.request_id or "")

    return app


def _cors(origin: str) -> CORSConfig:
    return CORSConfig(
        allow_origin=origin,
        allow_headers=["Authorization", "Content-Type", "If-Match", "If-None-Match"],
        expose_headers=["ETag", "Retry-After"],
        max_age=600,
    )


def problem(error: Exception, request_id: str) -> Response[str]:
    """The response to an error. It reveals no internals."""
    known = error if isinstance(error, SloError) else SloError(_FAILED)
    errors = known.errors if isinstance(known, CallerError) else ()
    body = Problem(known.status.phrase, int(known.status), known.detail, errors=errors, request_id=request_id)
    retry = {"Retry-After": str(known.retry_after_seconds)} if isinstance(known, TryAgainError) else {}
    headers: dict[str, str | list[str]] = {**retry}
    return Response(int(known.status), PROBLEM_JSON, msgspec.json.encode(body).decode(), headers=headers)


def answer(body: Any, status: HTTPStatus = HTTPStatus.OK, *, etag: str = "") -> Response[str]:
    """A JSON answer that callers must not cache."""
    headers: dict[str, str | list[str]] = {"Cache-Control": "no-store", **({"ETag": etag} if etag else {})}
    return Response(int(status), JSON, msgspec.json.encode(body).decode(), headers=headers)


def cached(app: APIGatewayRestResolver, body: Any, *, max_age_seconds: int) -> Response[str]:
    """A JSON answer that the caller may cache, or 304 if its copy is current. Private, as it depends on the token."""
    headers = {"Cache-Control": f"private, max-age={max_age_seconds}", "Vary": "Authorization, Accept-Encoding"}
    return revalidated(app, msgspec.json.encode(body), JSON, headers)


def revalidated(
    app: APIGatewayRestResolver, text: bytes, content_type: str, headers: Mapping[str, str]
) -> Response[str]:
    """A text with its ETag, or 304 if the caller's copy is current."""
    etag = f'"{hashlib.sha256(text).hexdigest()[:32]}"'
    sent: dict[str, str | list[str]] = {**headers, "ETag": etag}
    seen = [tag.strip().removeprefix("W/") for tag in (header(app, "If-None-Match")).split(",")]
    if etag in seen or "*" in seen:
        return Response(int(HTTPStatus.NOT_MODIFIED), None, "", headers=sent)
    return Response(int(HTTPStatus.OK), content_type, text.decode(), headers=sent)


def no_content() -> Response[str]:
    """An answer with 204."""
    return Response(int(HTTPStatus.NO_CONTENT), None, "", headers={"Cache-Control": "no-store"})


def redirect(location: str) -> Response[str]:
    """A permanent redirect (308) to a location relative to the current one."""
    headers: dict[str, str | list[str]] = {"Location": location, "Cache-Control": "no-cache"}
    return Response(int(HTTPStatus.PERMANENT_REDIRECT), None, "", headers=headers)


def header(app: APIGatewayRestResolver, name: str) -> str:
    """A request header, regardless of case; empty if it is missing."""
    return next((value for key, value in app.current_event.headers.items() if key.lower() == name.lower()), "") or ""


def parameters[T: Parameters](app: APIGatewayRestResolver, kind: type[T]) -> T:
    """The query parameters. Raises BadRequestError, which names the field."""
    query = app.current_event.query_string_parameters or {}
    for name, values in (app.current_event.multi_value_query_string_parameters or {}).items():
        if len(values) > 1:
            raise invalid(name, "Give it only once.")
    return read_parameters(kind, query)


def cluster_of(caller: Grant, asked: ClusterParameters) -> str:
    """The requested cluster. A caller whose token is for one cluster can leave it out.

    Raises BadRequestError if no cluster is given, ForbiddenError if the token is for other clusters.
    """
    cluster_id = asked.cluster_id or (caller.clusters[0] if len(caller.clusters) == 1 else "")
    if not cluster_id:
        raise invalid("cluster_id", "Say which cluster: add ?cluster_id=...; GET /api/v2/slo/clusters lists them.")
    if cluster_id == ALL_CLUSTERS:
        caller.require_all_clusters()
    else:
        caller.require_cluster(cluster_id)
    return cluster_id


def grant(app: APIGatewayRestResolver) -> Grant:
    """The caller's scope, clusters and label."""
    return Grant.of(app.current_event.request_context.authorizer.raw_event or {})


def binary_body(app: APIGatewayRestResolver) -> bytes:
    """The request body as bytes. Raises BadRequestError if it is not valid base64."""
    event = app.current_event
    body = event.body or ""
    if not event.is_base64_encoded:
        return body.encode()
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadRequestError("The body cannot be decoded. Send it as application/gzip.") from error
