"""Errors of conditional writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pynamodb.exceptions import PynamoDBException


class LostClaimError(Exception):
    """Raised if another worker has claimed a newer generation. This worker must stop; a retry is pointless."""


class WriteConflictError(Exception):
    """Raised if another writer has changed the item since it was read. Read it again and retry."""


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


def save_claimed(item: Any, cluster_id: str, generation: int) -> None:
    """Write an item of this generation. Raises LostClaimError if a newer generation has written it."""
    written = type(item).generation
    with refusal_as(LostClaimError(cluster_id)):
        item.save(condition=written.does_not_exist() | (written <= generation))
