"""`ingress-slo tokens`: made, listed, revoked and rotated; the token itself is shown once and never kept."""

import time
from typing import Annotated, Any

import typer

from ingress_slo import options
from ingress_slo.failures import OperatorError
from ingress_slo.options import check_cluster_id, parsed
from ingress_slo.output import note, show_json, show_table
from ingress_slo.stack import Stack
from ingress_slo.times import duration_seconds, duration_text, utc_text
from slo.api.tokens import Scope, Token, generate, token_hash
from slo.store.tokens import TokenStore

app = typer.Typer(no_args_is_help=True, help="Bearer tokens of agents and readers.")

_CACHED = "API Gateway may go on letting it in for a minute and a half, as long as it caches the authorizer's answer."
_ID_LENGTH = 12
TokenId = Annotated[str, typer.Argument(help="Id of the token, as `tokens list` shows it; its beginning will do.")]


@app.command()
def create(
    scope: Annotated[Scope, typer.Option(help="ingest pushes, read reads, manage sets targets, too.")],
    cluster: Annotated[list[str] | None, typer.Option(help="Limit it to this cluster; may be repeated.")] = None,
    label: Annotated[str, typer.Option(help="Who has it.")] = "",
    expires: Annotated[
        int | None, typer.Option(parser=parsed(duration_seconds), metavar="DURATION", help="Valid for so long: 90d.")
    ] = None,
    dry_run: options.DryRun = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Make a token and print it once; only its hash is kept."""
    clusters = tuple(check_cluster_id(name) for name in cluster or ())
    if scope == "ingest" and len(clusters) != 1:
        raise typer.BadParameter("a token for ingest belongs to exactly one cluster: give --cluster once")
    token, now = generate(), int(time.time())
    kept = Token(
        token_hash=token_hash(token),
        scope=scope,
        clusters=clusters,
        label=label or f"{scope} {_clusters(clusters)}",
        created_at=now,
        expires_at=now + expires if expires else None,
    )
    if dry_run:
        note(f"Would make a token: {kept.label}, valid until {utc_text(kept.expires_at)}.")
        return
    _store(stack, region).add(kept)
    typer.echo(token)


@app.command("list")
def list_tokens(
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """List tokens, the newest first; never the tokens themselves."""
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
        empty="There are no tokens yet: `ingress-slo tokens create` makes one.",
    )


@app.command()
def revoke(
    token_id: TokenId,
    dry_run: options.DryRun = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Refuse a token from now on."""
    store = _store(stack, region)
    token = _find(store, token_id)
    if token.revoked_at is not None:
        note(f"The token {token.id} ({token.label}) has been revoked already, at {utc_text(token.revoked_at)}.")
        return
    if dry_run:
        note(f"Would revoke the token {token.id} ({token.label}).")
        return
    store.revoke(token.token_hash, int(time.time()))
    note(f"The token {token.id} ({token.label}) is revoked. {_CACHED}")


@app.command()
def rotate(
    token_id: Annotated[str, typer.Argument(help="Id of the token, or its beginning; or give --token.")] = "",
    token: Annotated[str, typer.Option("--token", help="The token itself, by whoever has it.")] = "",
    overlap: Annotated[
        int, typer.Option(parser=parsed(duration_seconds), metavar="DURATION", help="The old one lives for so long.")
    ] = "1d",  # type: ignore[assignment]
    dry_run: options.DryRun = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Make a token in place of another one, which expires after the overlap; print the new one once."""
    if bool(token_id) == bool(token):
        raise typer.BadParameter("say which token: its id, or --token with the token itself")
    store, now = _store(stack, region), int(time.time())
    old = _find(store, token_id or token_hash(token)[:_ID_LENGTH])
    if not old.is_valid(now):
        raise OperatorError(
            f"The token {old.id} ({old.label}) is {old.state(now)}: make a new one with `ingress-slo tokens create`."
        )
    expires_at = min(now + overlap, old.expires_at or now + overlap)
    if dry_run:
        note(f"Would make a token like {old.id} ({old.label}), which would expire at {utc_text(expires_at)}.")
        return
    new = generate()
    store.add(
        Token(token_hash=token_hash(new), scope=old.scope, clusters=old.clusters, label=old.label, created_at=now)
    )
    store.expire(old.token_hash, expires_at)
    typer.echo(new)
    note(
        f"The old token {old.id} ({old.label}) is valid for {duration_text(expires_at - now)} more, until "
        f"{utc_text(expires_at)}: put the new one in its place before."
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
