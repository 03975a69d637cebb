"""Errors of conditional writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pynamodb.exceptions import PynamoDBException


class LostClaimError(Exception):
    """Raised if another worker has claimed a newer generation. This worker must stop; a retry is pointless."""


class WriteConflictError(Exception):
    """Raised if another writer has changed the item since it was read. Read it again and retry."""


class WriteRefusedError(Exception):
    """Raised if DynamoDB refuses an item for another reason than its condition: it is throttled, or not valid."""


_THROTTLED = (None, "ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded")
"""None: pynamodb gave up, because DynamoDB kept leaving items of a batch unprocessed."""


def is_throttled(error: PynamoDBException) -> bool:
    """Whether DynamoDB took a batch not at all or only in part, so that the same batch may be sent again."""
    return error.cause_response_code in _THROTTLED


@contextmanager
def refusal_as(refused: Exception, *, or_conflict: bool = False) -> Iterator[None]:
    """Raise `refused` if DynamoDB refuses a write because its condition failed.

    A transaction can also be refused because another one is writing the same item; `or_conflict` includes that.
    """
    try:
        yield
    except PynamoDBException as error:
        code = error.cause_response_code
        reason = str(error.cause) if code == "TransactionCanceledException" else str(code)
        if "ConditionalCheckFailed" in reason or (or_conflict and "TransactionConflict" in reason):
            raise refused from error
        raise


@contextmanager
def refusals(what: str) -> Iterator[None]:
    """Raise WriteRefusedError, which names what was to be written, if DynamoDB refuses a write."""
    try:
        yield
    except PynamoDBException as error:
        raise WriteRefusedError(f"{what}: {error}") from error


def save_claimed(item: Any, cluster_id: str, generation: int) -> None:
    """Write an item of this generation. Raises LostClaimError if a newer generation has written it."""
    written = type(item).generation
    with refusal_as(LostClaimError(cluster_id)):
        item.save(condition=written.does_not_exist() | (written <= generation))
