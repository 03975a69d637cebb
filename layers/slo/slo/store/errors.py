"""What DynamoDB answers when a condition does not hold."""

from pynamodb.exceptions import PynamoDBException


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
