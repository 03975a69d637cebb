"""Runs the operator's command in this process, as one would type it."""

from dataclasses import dataclass

from typer.testing import CliRunner

from ingress_slo.app import app


@dataclass(frozen=True)
class Done:
    """How it ended, and what it printed."""

    code: int
    out: str
    err: str


def run(*arguments: str, env: dict[str, str] | None = None) -> Done:
    """One command. An error that is no sentence of ours is raised."""
    result = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200", **(env or {})}, prog_name="ingress-slo")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout.strip(), result.stderr.strip())
