"""Errors by who can fix them: the caller (`CallerError`), a retry (`TryAgainError`), or us (any other error).

The code that knows the cause raises them. Only `slo.api.http` turns them into status codes.
"""

from collections.abc import Sequence
from http import HTTPStatus

import msgspec


class FieldError(msgspec.Struct, frozen=True):
    """What is wrong with one field of a request."""

    field: str
    message: str


class SloError(Exception):
    """Base class of our errors. `detail` is a sentence that tells the caller what to do."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class CallerError(SloError):
    """Raised when the caller can fix the request. `errors` lists the fields that are wrong."""

    status = HTTPStatus.BAD_REQUEST

    def __init__(self, detail: str, *, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.errors = tuple(errors)


class BadRequestError(CallerError):
    """Raised when a body cannot be parsed or a parameter is not valid."""


class UnauthorizedError(CallerError):
    """Raised when the token is missing, unknown, revoked or expired."""

    status = HTTPStatus.UNAUTHORIZED


class ForbiddenError(CallerError):
    """Raised when the token does not allow the operation or the cluster."""

    status = HTTPStatus.FORBIDDEN


class NotFoundError(CallerError):
    """Raised when the requested cluster, domain, route, target or file does not exist."""

    status = HTTPStatus.NOT_FOUND


class ConflictError(CallerError):
    """Raised when what is stored does not allow the change, for example because an incident is resolved already."""

    status = HTTPStatus.CONFLICT


class PreconditionFailedError(CallerError):
    """Raised when `If-Match` names a version that is not the stored one."""

    status = HTTPStatus.PRECONDITION_FAILED


class PreconditionRequiredError(CallerError):
    """Raised when a change needs `If-Match` and the caller sent none."""

    status = HTTPStatus.PRECONDITION_REQUIRED


class TooLargeError(CallerError):
    """Raised when a body is too large, or a cluster has too many series."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class UnprocessableError(CallerError):
    """Raised when a snapshot can be parsed but breaks the contract."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class TryAgainError(SloError):
    """Raised when the same request may succeed after `retry_after_seconds`."""

    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self, detail: str, *, retry_after_seconds: int) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds
