"""What DynamoDB answers when a condition does not hold."""

from typing import Any

from pynamodb.exceptions import PutError, PynamoDBException


class LostClaimError(Exception):
    """Another worker has claimed a newer generation: what this one does is void, and need not be tried again."""


class WriteConflictError(Exception):
    """Somebody else wrote the item in between: read it again and try once more."""


def is_condition_failed(error: PynamoDBException) -> bool:
    """Whether an item was refused because of its condition."""
    return error.cause_response_code == "ConditionalCheckFailedException"


def is_transaction_refused(error: PynamoDBException) -> bool:
    """Whether a transaction was refused because one of its conditions does not hold."""
    return error.cause_response_code == "TransactionCanceledException" and "ConditionalCheckFailed" in str(error.cause)


def is_transaction_conflict(error: PynamoDBException) -> bool:
    """Whether a transaction was refused because another one had the same item in hand."""
    return error.cause_response_code == "TransactionCanceledException" and "TransactionConflict" in str(error.cause)


def save_claimed(item: Any, cluster_id: str, generation: int) -> None:
    """Write an item of this generation. Raises LostClaimError where a newer generation has written it."""
    written = type(item).generation
    try:
        item.save(condition=written.does_not_exist() | (written <= generation))
    except PutError as error:
        if is_condition_failed(error):
            raise LostClaimError(cluster_id) from error
        raise
