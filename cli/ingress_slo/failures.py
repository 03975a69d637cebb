"""How a command ends: what went wrong is one sentence on stderr that says what to do, never a traceback.

Exit codes: 0 done; 1 it could not be done, or something is not as it should be; 2 the command line is wrong; 130
interrupted with Ctrl-C.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException
from rich.console import Console
from typer.core import TyperGroup

from ingress_slo.api import ApiError
from slo.errors import SloError

FAILED = 1
INTERRUPTED = 130


class OperatorError(Exception):
    """What the operator can mend, in a sentence."""


class InterruptedWorkError(Exception):
    """Ctrl-C in the middle of long work; says how to go on."""


class OperatorCommands(TyperGroup):
    """The root of all commands: turns errors into a sentence and an exit code, in this one place."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
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
def interruptible(how_to_go_on: str) -> Iterator[None]:
    """Long work that Ctrl-C may end at any point. Raises InterruptedWorkError."""
    try:
        yield
    except KeyboardInterrupt as interruption:
        raise InterruptedWorkError(how_to_go_on) from interruption


def explain(error: Exception) -> str:
    """The sentence for an error of ours, of AWS, or of the way there."""
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
        return f"AWS does not allow {error.operation_name}: {message} Use credentials that may operate the stack."
    return f"AWS refused {error.operation_name} ({code}): {message}"


def _say(sentence: str) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True).print(sentence, style="red", markup=False)
