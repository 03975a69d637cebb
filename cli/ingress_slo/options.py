"""Options that several commands share."""

import sys
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
import typer
from typer.core import TyperGroup

from ingress_slo.api import Api
from ingress_slo.failures import OperatorError
from ingress_slo.output import note
from ingress_slo.stack import DEFAULT_STACK, Stack
from slo.traefik.snapshots import ClusterId

StackName = Annotated[str, typer.Option("--stack", envvar="INGRESS_SLO_STACK", help="Name of the deployed stack.")]
Region = Annotated[
    str, typer.Option("--region", help="AWS region of the stack (default: AWS_DEFAULT_REGION, or your profile's).")
]
Url = Annotated[
    str,
    typer.Option("--url", envvar="INGRESS_SLO_URL", help="Base URL of the API with its stage; by default the stack's."),
]


def _token(context: typer.Context, parameter: typer.CallbackParam, value: str) -> str:
    """The token of the environment, or for `-` a line of standard input. An argument stands in process lists."""
    if value == "-":
        return sys.stdin.readline().strip()
    source = context.get_parameter_source(parameter.name or "")
    if value and source is not None and source.name == "COMMANDLINE":
        note("Every user of this machine sees a token on the command line: use INGRESS_SLO_TOKEN, or `--token -`.")
    return value


ApiToken = Annotated[
    str,
    typer.Option(
        "--token",
        envvar="INGRESS_SLO_TOKEN",
        callback=_token,
        help="Token with scope read or manage; - reads it from standard input. Better: the variable.",
    ),
]
Cluster = Annotated[str, typer.Option("--cluster", envvar="CLUSTER_ID", help="Id of the cluster.")]
OneCluster = Annotated[
    str,
    typer.Option("--cluster", envvar="CLUSTER_ID", help="Id of the cluster; may be left out if there is only one."),
]
OneOrAllClusters = Annotated[
    str,
    typer.Option(
        "--cluster",
        envvar="CLUSTER_ID",
        help="Id of the cluster, may be left out if there is only one; or '*' for what is set for all clusters.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print what would change, and change nothing.")]

STACK = DEFAULT_STACK
_NAMED = 10
"""Clusters that an error names."""


class WithList(TyperGroup):
    """A group whose command `list` runs where none is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `list` before options that belong to no command."""
        is_named = bool(args) and (not args[0].startswith("-") or args[0] == "--help")
        return super().parse_args(ctx, args if is_named else ["list", *args])


def parsed[T](parse: Callable[[str], T]) -> Callable[[str], T]:
    """An option parser that reports a ValueError of `parse` as an error of the command line."""

    def read(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error

    return read


def api(url: str, token: str, stack: str = STACK, region: str = "") -> Api:
    """The client for the given URL, or for the stack's. Raises OperatorError if the URL or the token is unknown."""
    if not token:
        raise OperatorError(
            "A token is required: export INGRESS_SLO_TOKEN, or use `--token -` and give it on standard input. Create "
            "one with `ingress-slo tokens create --scope read`."
        )
    return Api(url or Stack.of(stack, region).output("ApiUrl"), token)


def check_cluster_id(cluster_id: str) -> str:
    """Return the id if the API accepts its form. Raises typer.BadParameter."""
    try:
        return msgspec.convert(cluster_id, ClusterId)
    except msgspec.ValidationError as error:
        raise typer.BadParameter(
            f"{cluster_id!r} is not a cluster id: up to 63 lower-case letters, digits and dashes, no dash at either end"
        ) from error


def one_cluster(api: Api, cluster_id: str) -> str:
    """The cluster that is asked for, or the only one there is. Raises OperatorError if there are none or several."""
    if cluster_id:
        return cluster_id
    known = [cluster["cluster_id"] for cluster in api.clusters()["clusters"]]
    if len(known) == 1:
        return str(known[0])
    if not known:
        raise OperatorError("No cluster has pushed yet, or the token may see none: install the agent.")
    named = ", ".join(known[:_NAMED]) + (f" and {len(known) - _NAMED} more" if len(known) > _NAMED else "")
    raise OperatorError(f"Say which cluster with --cluster (or CLUSTER_ID): {named}.")
