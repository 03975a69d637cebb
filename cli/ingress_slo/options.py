"""Options that several commands have, worded once."""

from collections.abc import Callable
from typing import Annotated

import msgspec
import typer

from ingress_slo.api import Api
from ingress_slo.failures import OperatorError
from ingress_slo.stack import DEFAULT_STACK, Stack
from slo.traefik.snapshots import ClusterId

StackName = Annotated[str, typer.Option("--stack", envvar="INGRESS_SLO_STACK", help="Name of the deployed stack.")]
Region = Annotated[str, typer.Option("--region", envvar="AWS_REGION", help="AWS region of the stack.")]
Url = Annotated[
    str, typer.Option("--url", envvar="INGRESS_SLO_URL", help="Address of the API with its stage; else the stack's.")
]
ApiToken = Annotated[str, typer.Option("--token", envvar="INGRESS_SLO_TOKEN", help="A token that may read.")]
Cluster = Annotated[str, typer.Option("--cluster", envvar="CLUSTER_ID", help="The cluster.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]

STACK = DEFAULT_STACK


def parsed[T](parse: Callable[[str], T]) -> Callable[[str], T]:
    """A parser for an option, whose ValueError is an error of the command line."""

    def read(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error

    return read


def api(url: str, token: str, stack: str = STACK, region: str = "") -> Api:
    """The API that was asked for. Raises OperatorError where it, or a token, is not known."""
    if not token:
        raise OperatorError(
            "Say with which token to read: --token, or set INGRESS_SLO_TOKEN; `ingress-slo tokens create --scope read` "
            "makes one."
        )
    return Api(url or Stack.of(stack, region).output("ApiUrl"), token)


def check_cluster_id(cluster_id: str) -> str:
    """A cluster id that the API would take. Raises typer.BadParameter."""
    try:
        return msgspec.convert(cluster_id, ClusterId)
    except msgspec.ValidationError as error:
        raise typer.BadParameter(
            f"{cluster_id!r} is no cluster id: up to 63 lower-case letters, digits and dashes, no dash at either end"
        ) from error
