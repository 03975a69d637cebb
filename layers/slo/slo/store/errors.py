"""Errors of conditional writes."""

from typing import Any

from pynamodb.exceptions import PutError, PynamoDBException


class LostClaimError(Exception):
    """Raised if another worker has claimed a newer generation. This worker must stop; a retry is pointless."""


class WriteConflictError(Exception):
    """Raised if another writer has changed the item since it was read. Read it again and retry."""


def is_condition_failed(error: PynamoDBException) -> bool:
    """Whether DynamoDB refused a write because its condition failed."""
    return error.cause_response_code == "ConditionalCheckFailedException"


def is_transaction_refused(error: PynamoDBException) -> bool:
    """Whether DynamoDB refused a transaction because one of its conditions failed."""
    return error.cause_response_code == "TransactionCanceledException" and "ConditionalCheckFailed" in str(error.cause)


def is_transaction_conflict(error: PynamoDBException) -> bool:
    """Whether DynamoDB refused a transaction because another one was writing the same item."""
    return error.cause_response_code == "TransactionCanceledException" and "TransactionConflict" in str(error.cause)


def save_claimed(item: Any, cluster_id: str, generation: int) -> None:
    """Write an item of this generation. Raises LostClaimError if a newer generation has written it."""
    written = type(item).generation
    try:
        item.save(condition=written.does_not_exist() | (written <= generation))
    except PutError as error:
        if is_condition_failed(error):
            raise LostClaimError(cluster_id) from error
        raise
