"""Clients of AWS's services, and their errors as failures of a channel."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from slo.channels.failures import PermanentError, TemporaryError

_CONFIG = Config(connect_timeout=5, read_timeout=40, retries={"total_max_attempts": 2, "mode": "standard"})
"""The function for apprise may take 30 seconds."""
_TRY_AGAIN = ("Throttl", "TooManyRequests", "Limit", "ServiceUnavailable", "Internal", "SendingPaused")
"""What is in the codes of errors that end by themselves."""
_HINTS = {
    "MessageRejected": " Verify the address of `from` in SES; in its sandbox, those of `to`, too.",
    "MailFromDomainNotVerifiedException": " Verify the domain of `from` in SES.",
    "ResourceNotFoundException": " Is there a bus of this name in this account and region?",
    "NotFound": " Deploy the stack with AlarmEmail.",
}


class Clients:
    """boto3's clients, each made once. Threads may share it: making a client is not safe in two at once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._made: dict[str, Any] = {}

    def __call__(self, service: str) -> Any:
        """The client of a service."""
        with self._lock:
            if service not in self._made:
                self._made[service] = boto3.client(service, config=_CONFIG)
            return self._made[service]


@contextmanager
def failures_of(service: str) -> Iterator[None]:
    """Raise TemporaryError or PermanentError for what a service answers."""
    try:
        yield
    except ClientError as error:
        raise failure(service, error.response["Error"]["Code"]) from None
    except BotoCoreError as error:
        raise TemporaryError(f"{service} cannot be reached: {type(error).__name__}.") from None


def failure(service: str, code: str) -> PermanentError | TemporaryError:
    """The failure that an error code means. AWS's own message may name an address, so it is left out."""
    words = f"{service} says: {code}.{_HINTS.get(code, '')}"
    return TemporaryError(words) if any(part in code for part in _TRY_AGAIN) else PermanentError(words)
