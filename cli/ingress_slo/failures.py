"""Turns errors into exit codes and messages: one sentence on stderr that says what to do, never a traceback.

Exit codes: 0 success; 1 the command failed, or `doctor` found a failure; 2 the command line is wrong; 130 interrupted
with Ctrl-C.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException
from typer.core import TyperGroup

from ingress_slo.api import ApiError
from ingress_slo.output import note
from slo.errors import SloError

FAILED = 1
INTERRUPTED = 130


class OperatorError(Exception):
    """Raised for a problem that the operator can fix. The message is one sentence that says how."""


class InterruptedWorkError(Exception):
    """Raised when Ctrl-C interrupts long work. The message says how to resume."""


class OperatorCommands(TyperGroup):
    """The root command group. The only place that turns errors into a message and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command. Raises typer.Exit with the exit code if it fails."""
        try:
            return super().invoke(ctx)
        except (OperatorError, ApiError, SloError, ClientError, BotoCoreError, PynamoDBException) as error:
            _say(explain(error))
            raise typer.Exit(FAILED) from error
        except InterruptedWorkError as interruption:
            _say(f"Interrupted. {interruption}")
            raise typer.Exit(INTERRUPTED) from interruption
        except KeyboardInterrupt as interruption:
            _say("Interrupted.")
            raise typer.Exit(INTERRUPTED) from interruption


@contextmanager
def interruptible(how_to_resume: str) -> Iterator[None]:
    """Wraps long work that Ctrl-C may interrupt at any point. Raises InterruptedWorkError with `how_to_resume`."""
    try:
        yield
    except KeyboardInterrupt as interruption:
        raise InterruptedWorkError(how_to_resume) from interruption


def explain(error: Exception) -> str:
    """The sentence for an error of this package, of AWS, or of the connection to AWS."""
    cause = error.cause if isinstance(error, PynamoDBException) and error.cause is not None else error
    if isinstance(cause, ClientError):
        return _explain_refusal(cause)
    if isinstance(cause, BotoCoreError):
        return f"AWS cannot be used: {cause}. Check your credentials, the region (--region) and the network."
    return str(cause)


def _explain_refusal(error: ClientError) -> str:
    details = error.response.get("Error", {})
    code, message = details.get("Code", ""), details.get("Message", str(error))
    if "AccessDenied" in code or code in ("UnauthorizedOperation", "ExpiredToken", "InvalidClientTokenId"):
        return f"AWS denied {error.operation_name}: {message} Use credentials with deploy/operator-policy.json."
    return f"AWS rejected {error.operation_name} ({code}): {message}"


def _say(sentence: str) -> None:
    note(sentence, style="red")
