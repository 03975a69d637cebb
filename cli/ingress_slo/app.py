"""The command line: every command of `ingress-slo` is registered here."""

from typing import Annotated

import typer

from ingress_slo.commands import (
    channels,
    clusters,
    dead_letters,
    exclusions,
    incidents,
    mute,
    notifications,
    objectives,
    tokens,
)
from ingress_slo.commands.budget import budget
from ingress_slo.commands.burn_rates import burn_rates
from ingress_slo.commands.clean_up import clean_up
from ingress_slo.commands.doctor import doctor
from ingress_slo.commands.export import export
from ingress_slo.commands.migrate import migrate
from ingress_slo.commands.report import report
from ingress_slo.commands.restore import restore
from ingress_slo.commands.rollup import rollup
from ingress_slo.commands.routes import routes
from ingress_slo.commands.status_history import status_history
from ingress_slo.commands.tree import tree
from ingress_slo.failures import OperatorCommands
from ingress_slo.output import show_line
from slo import __version__

app = typer.Typer(
    cls=OperatorCommands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Operate ingress-slo.",
)


def _version(is_asked: bool) -> None:
    if is_asked:
        show_line(f"ingress-slo {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Operate ingress-slo."""


app.add_typer(tokens.app, name="tokens")
app.add_typer(clusters.app, name="clusters")
app.command()(tree)
app.command()(routes)
app.add_typer(objectives.app, name="objectives")
app.add_typer(exclusions.app, name="exclusions")
app.command()(budget)
app.command("burn-rates")(burn_rates)
app.command("status-history")(status_history)
app.add_typer(incidents.app, name="incidents")
app.add_typer(mute.app, name="mute")
app.add_typer(channels.app, name="channels")
app.add_typer(notifications.app, name="notifications")
app.add_typer(dead_letters.app, name="dead-letters")
app.command()(migrate)
app.command("clean-up")(clean_up)
app.command()(rollup)
app.command()(restore)
app.command()(doctor)
app.command()(export)
app.command()(report)
