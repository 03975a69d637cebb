"""What can go wrong, by who can mend it: the caller, time, or we.

Raised where it is known; turned into a status code in one place (`slo.api.http`).
"""

from collections.abc import Sequence
from http import HTTPStatus

import msgspec


class FieldError(msgspec.Struct, frozen=True):
    """What is wrong with one field of a request."""

    field: str
    message: str


class SloError(Exception):
    """Any error of ours; `detail` is a sentence that says what to do."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class CallerError(SloError):
    """The caller can mend it."""

    status = HTTPStatus.BAD_REQUEST

    def __init__(self, detail: str, *, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.errors = tuple(errors)


class BadRequestError(CallerError):
    """The request cannot be read."""


class UnauthorizedError(CallerError):
    """No token, or none that we know."""

    status = HTTPStatus.UNAUTHORIZED


class ForbiddenError(CallerError):
    """The token is not for this."""

    status = HTTPStatus.FORBIDDEN


class NotFoundError(CallerError):
    """There is no such thing."""

    status = HTTPStatus.NOT_FOUND


class PreconditionFailedError(CallerError):
    """The version that the caller has seen is not the one that is there."""

    status = HTTPStatus.PRECONDITION_FAILED


class PreconditionRequiredError(CallerError):
    """The caller must say which version it has seen."""

    status = HTTPStatus.PRECONDITION_REQUIRED


class TooLargeError(CallerError):
    """More than we take."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class UnprocessableError(CallerError):
    """It can be read, but does not hold to the contract."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class TryAgainError(SloError):
    """The same request may succeed a little later."""

    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self, detail: str, *, retry_after_seconds: int) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds
