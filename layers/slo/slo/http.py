"""HTTP in one place: JSON answers, and errors as problem details (RFC 9457)."""

import base64
import binascii
from http import HTTPStatus
from typing import Any

import msgspec
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response

from slo.errors import BadRequestError, CallerError, FieldError, SloError, TryAgainError
from slo.tokens import Grant

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457 problem details; `errors` names the fields that are wrong."""

    title: str
    status: int
    detail: str
    type: str = "about:blank"
    errors: tuple[FieldError, ...] = ()
    request_id: str = ""


def resolver(logger: Logger) -> APIGatewayRestResolver:
    """A router whose errors are problem details."""
    app = APIGatewayRestResolver()

    @app.exception_handler(Exception)  # type: ignore[untyped-decorator]
    def refuse(error: Exception) -> Response[str]:
        request_id = app.current_event.request_context.request_id or ""
        if isinstance(error, CallerError):
            logger.info("refused", extra={"status": int(error.status), "detail": error.detail})
        else:
            logger.exception("failed")
        return problem(error, request_id)

    @app.not_found
    def nowhere(_: Exception) -> Response[str]:
        return _problem(HTTPStatus.NOT_FOUND, "There is no such path; see the API's OpenAPI document.")

    return app


def problem(error: Exception, request_id: str) -> Response[str]:
    """What a caller is told of an error: nothing of our inside."""
    if isinstance(error, TryAgainError):
        return _problem(error.status, error.detail, request_id=request_id, retry_after=error.retry_after_seconds)
    if isinstance(error, SloError):
        return _problem(error.status, error.detail, errors=getattr(error, "errors", ()), request_id=request_id)
    detail = "Something failed on our side and has been logged; try again later, and name the request_id if it lasts."
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail, request_id=request_id)


def _problem(
    status: HTTPStatus,
    detail: str,
    *,
    errors: tuple[FieldError, ...] = (),
    request_id: str = "",
    retry_after: int = 0,
) -> Response[str]:
    body = Problem(status.phrase, int(status), detail, errors=errors, request_id=request_id)
    headers: dict[str, str | list[str]] = {"Retry-After": str(retry_after)} if retry_after else {}
    return Response(int(status), PROBLEM_JSON, msgspec.json.encode(body).decode(), headers=headers)


def answer(body: Any, status: HTTPStatus = HTTPStatus.OK, *, max_age_seconds: int = 0) -> Response[str]:
    """A JSON answer; private, since it depends on the token."""
    cache = f"private, max-age={max_age_seconds}" if max_age_seconds else "no-store"
    return Response(int(status), JSON, msgspec.json.encode(body).decode(), headers={"Cache-Control": cache})


def grant(app: APIGatewayRestResolver) -> Grant:
    """Who is calling."""
    return Grant.of(app.current_event.request_context.authorizer.raw_event or {})


def binary_body(app: APIGatewayRestResolver) -> bytes:
    """The request's body as bytes. Raises BadRequestError."""
    event = app.current_event
    body = event.body or ""
    if not event.is_base64_encoded:
        return body.encode()
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadRequestError(
            "The body is not what its transfer encoding says. Send it as application/gzip."
        ) from error
