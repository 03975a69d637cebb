"""The commands."""

import time
from typing import Annotated

import boto3
import typer
from rich.console import Console
from rich.live import Live

from ingress_slo.api import Api, ApiError
from ingress_slo.tree import draw
from ingress_slo.words import Language, words_for
from slo.store.tables import Tables
from slo.store.tokens import TokenItem, TokenStore
from slo.tokens import Scope, Token, generate, token_hash

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Operate ingress-slo.")
tokens = typer.Typer(no_args_is_help=True, help="Bearer tokens of agents and readers.")
app.add_typer(tokens, name="tokens")

_FAILED = 1


@app.command()
def tree(
    cluster: Annotated[str, typer.Option(envvar="CLUSTER_ID", help="Cluster to show.")],
    url: Annotated[str, typer.Option(envvar="INGRESS_SLO_URL", help="Address of the API, with its stage.")],
    token: Annotated[str, typer.Option(envvar="INGRESS_SLO_TOKEN", help="A token that may read.")],
    time_range: Annotated[str, typer.Option(help="1d, 7d or 30d.")] = "1d",
    lang: Annotated[Language | None, typer.Option(help="Language; by the environment if not given.")] = None,
    watch: Annotated[float, typer.Option(help="Refresh every so many seconds, until Ctrl-C; 0 prints once.")] = 0,
) -> None:
    """Show every domain as a tree of its paths."""
    api, words, console = Api(url, token), words_for(lang), Console(highlight=False, soft_wrap=True)
    try:
        if not watch:
            console.print(draw(api.domains(cluster, time_range), words))
            return
        with Live(console=console, auto_refresh=False) as live:
            while True:
                live.update(draw(api.domains(cluster, time_range), words), refresh=True)
                time.sleep(watch)
    except ApiError as error:
        Console(stderr=True).print(str(error), style="red")
        raise typer.Exit(_FAILED) from error
    except KeyboardInterrupt:
        return


@tokens.command("create")
def create_token(
    scope: Annotated[Scope, typer.Option(help="ingest pushes, read reads, manage sets targets, too.")],
    table: Annotated[str, typer.Option(envvar="TOKENS_TABLE", help="The stack's output TokensTable.")],
    cluster: Annotated[list[str] | None, typer.Option(help="Limit it to this cluster; may be repeated.")] = None,
    label: Annotated[str, typer.Option(help="Who has it.")] = "",
    region: Annotated[str, typer.Option(envvar="AWS_REGION", help="AWS region.")] = "",
) -> None:
    """Make a token and print it once; only its hash is kept."""
    clusters = tuple(cluster or ())
    if scope == "ingest" and len(clusters) != 1:
        raise typer.BadParameter("a token for ingest belongs to exactly one cluster: give --cluster once")
    token = generate()
    _store(table, region).add(
        Token(
            token_hash=token_hash(token),
            scope=scope,
            clusters=clusters,
            label=label or f"{scope} {', '.join(clusters) or 'all clusters'}",
            created_at=int(time.time()),
        )
    )
    typer.echo(token)


def _store(table: str, region: str) -> TokenStore:
    session = boto3.Session()
    endpoint_url = session.client("dynamodb", region_name=region or None).meta.endpoint_url
    return TokenStore(Tables(region or session.region_name or "", endpoint_url).bind(TokenItem, table))
