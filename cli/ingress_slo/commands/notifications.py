"""`ingress-slo notifications`: shows and replaces the rules, quiet hours, digest and thresholds, as one document."""

import json
from typing import Annotated, Any

import typer

from ingress_slo import options
from ingress_slo.output import note, show_json, show_table
from ingress_slo.telling import time_text

app = typer.Typer(no_args_is_help=True, help="Who is told what and when: rules, quiet hours, digest and thresholds.")

_VERSION = "version"


@app.command()
def show(
    url: options.Url = "",
    token: options.ApiToken = "",
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Print the document as JSON. Edit it, and give it to `notifications set`."""
    show_json(options.api(url, token, stack, region).get("notifications"))


@app.command("set")
def set_document(
    file: Annotated[typer.FileText, typer.Argument(help="The document as JSON; - reads standard input.")],
    url: options.Url = "",
    token: options.ApiToken = "",
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Replace the document. Parts that the file leaves out stay as they are.

    If the file has the version that `notifications show` printed, a change that someone made since is not overwritten.
    """
    given = _document(file.read())
    api = options.api(url, token, stack, region)
    stored = api.get("notifications")
    version = given.pop(_VERSION, stored.pop(_VERSION))
    answer = api.send("PUT", "notifications", {**stored, **given}, if_match=f'"{version}"')
    note(f"The document has version {answer[_VERSION]} now.")


def _document(text: str) -> dict[str, Any]:
    try:
        read = json.loads(text)
    except ValueError as error:
        raise typer.BadParameter(f"the file is not JSON: {error}") from error
    if not isinstance(read, dict):
        raise typer.BadParameter("the file is no JSON object: `ingress-slo notifications show` prints one")
    return read


@app.command()
def changes(
    url: options.Url = "",
    token: options.ApiToken = "",
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """List who changed channels, rules and mutes, newest first."""
    found = options.api(url, token, stack, region).get("notifications/changes")["changes"]
    if as_json:
        show_json(found)
        return
    show_table(
        ("TIME", "BY", "WHAT", "ABOUT"),
        (
            (time_text(change["at"]), change["by"] or "(the deployment)", change["what"], change["about"])
            for change in found
        ),
        empty="Nobody has changed anything yet.",
    )
