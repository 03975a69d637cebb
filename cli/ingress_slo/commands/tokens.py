"""`ingress-slo tokens`: creates, lists, revokes and rotates tokens. A token is printed once; only its hash is kept."""

import sys
import time
from typing import Annotated, Any

import typer

from ingress_slo import options
from ingress_slo.failures import OperatorError
from ingress_slo.options import check_cluster_id, parsed
from ingress_slo.output import note, show_json, show_table
from ingress_slo.stack import Stack
from ingress_slo.times import duration_seconds, duration_text, lifetime_seconds, utc_text
from slo.api.tokens import PREFIX, Scope, Token, generate, token_hash
from slo.store.tokens import TokenStore
from slo.traefik.printable import printable

app = typer.Typer(no_args_is_help=True, help="Manage the bearer tokens of agents and readers.")

_CACHED = "API Gateway may accept it for up to 90 seconds more, because it caches the authorizer's answer."
_ID_LENGTH = 12
TokenId = Annotated[str, typer.Argument(help="Id of the token from `tokens list`, or the first characters of it.")]


@app.command()
def create(
    scope: Annotated[
        Scope, typer.Option(help="ingest pushes snapshots; read reads; manage reads and sets objectives.")
    ],
    cluster: Annotated[list[str] | None, typer.Option(help="Limit it to this cluster; may be repeated.")] = None,
    label: Annotated[str, typer.Option(help="Who uses it.")] = "",
    expires: Annotated[
        int | None, typer.Option(parser=parsed(lifetime_seconds), metavar="DURATION", help="Lifetime, such as 90d.")
    ] = None,
    dry_run: options.DryRun = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Create a token and print it once; only its hash is stored."""
    clusters = tuple(check_cluster_id(name) for name in cluster or ())
    if scope == "ingest" and len(clusters) != 1:
        raise typer.BadParameter("a token with scope ingest is for exactly one cluster: give --cluster once")
    token, now = generate(), int(time.time())
    kept = Token(
        token_hash=token_hash(token),
        scope=scope,
        clusters=clusters,
        label=printable(label) or f"{scope} {_clusters(clusters)}",
        created_at=now,
        expires_at=None if expires is None else now + expires,
    )
    if dry_run:
        note(f"Would create a token: {kept.label}, valid until {utc_text(kept.expires_at)}.")
        return
    _store(stack, region).add(kept)
    typer.echo(token)


@app.command("list")
def list_tokens(
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """List the tokens, newest first, without their secrets."""
    now = time.time()
    found = sorted(_store(stack, region).all(), key=lambda token: -token.created_at)
    if as_json:
        show_json([_document(token, now) for token in found])
        return
    show_table(
        ("ID", "SCOPE", "CLUSTERS", "LABEL", "STATE", "CREATED", "EXPIRES"),
        (
            (
                token.id,
                token.scope,
                _clusters(token.clusters),
                token.label,
                token.state(now),
                utc_text(token.created_at),
                utc_text(token.expires_at),
            )
            for token in found
        ),
        empty="There are no tokens yet: create one with `ingress-slo tokens create`.",
    )


@app.command()
def revoke(
    token_id: TokenId,
    dry_run: options.DryRun = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Revoke a token: the API rejects it from now on."""
    store = _store(stack, region)
    token = _find(store, token_id)
    if token.revoked_at is not None:
        note(f"The token {token.id} ({token.label}) was already revoked at {utc_text(token.revoked_at)}.")
        return
    if dry_run:
        note(f"Would revoke the token {token.id} ({token.label}).")
        return
    store.revoke(token.token_hash, int(time.time()))
    note(f"The token {token.id} ({token.label}) is revoked. {_CACHED}")


@app.command()
def rotate(
    token_id: Annotated[str, typer.Argument(help="Id of the token, or the first characters of it.")] = "",
    stdin: Annotated[bool, typer.Option("--stdin", help="Read the token itself from standard input.")] = False,
    expires: Annotated[
        int | None,
        typer.Option(
            parser=parsed(lifetime_seconds),
            metavar="DURATION",
            help="Lifetime of the new one; by default the old one's end.",
        ),
    ] = None,
    overlap: Annotated[
        int, typer.Option(parser=parsed(duration_seconds), metavar="DURATION", help="How long the old one stays valid.")
    ] = "1d",  # type: ignore[assignment]
    dry_run: options.DryRun = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Replace a token: create one like it, print it once, and let the old one expire after the overlap.

    The new one ends when the old one would have ended, unless --expires gives it a lifetime of its own.
    """
    if bool(token_id) == stdin:
        raise typer.BadParameter("give the token's id from `tokens list`, or --stdin and the token on standard input")
    if token_id.startswith(PREFIX):
        raise typer.BadParameter("every user of this machine sees the command line: give the id, or use --stdin")
    store, now = _store(stack, region), int(time.time())
    old = _find(store, token_hash(sys.stdin.readline().strip())[:_ID_LENGTH] if stdin else token_id)
    if not old.is_valid(now):
        raise OperatorError(
            f"The token {old.id} ({old.label}) is {old.state(now)}: create a new one with `ingress-slo tokens create`."
        )
    expires_at = now + overlap if old.expires_at is None else min(now + overlap, old.expires_at)
    if dry_run:
        note(f"Would create a token like {old.id} ({old.label}); the old one would expire at {utc_text(expires_at)}.")
        return
    new = generate()
    store.add(
        Token(
            token_hash=token_hash(new),
            scope=old.scope,
            clusters=old.clusters,
            label=old.label,
            created_at=now,
            expires_at=old.expires_at if expires is None else now + expires,
        )
    )
    store.expire(old.token_hash, expires_at)
    typer.echo(new)
    note(
        f"The old token {old.id} ({old.label}) stays valid for {duration_text(expires_at - now)}, until "
        f"{utc_text(expires_at)}. Replace it before then."
    )


def _find(store: TokenStore, beginning: str) -> Token:
    found = [token for token in store.all() if token.id.startswith(beginning)] if beginning else []
    if len(found) != 1:
        many = f"{len(found)} tokens begin" if found else "No token begins"
        raise OperatorError(f"{many} with {beginning!r}: `ingress-slo tokens list` shows their ids.")
    return found[0]


def _clusters(clusters: tuple[str, ...]) -> str:
    return ", ".join(clusters) or "all clusters"


def _document(token: Token, now: float) -> dict[str, Any]:
    return {
        "id": token.id,
        "scope": token.scope,
        "clusters": list(token.clusters),
        "label": token.label,
        "state": token.state(now),
        "created_at": utc_text(token.created_at),
        "expires_at": None if token.expires_at is None else utc_text(token.expires_at),
        "revoked_at": None if token.revoked_at is None else utc_text(token.revoked_at),
    }


def _store(stack: str, region: str) -> TokenStore:
    return Stack.of(stack, region).stores.of(TokenStore)
