"""Runs the operator's command in this process, with the arguments that a user would type."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from integration.use_cases import DELAY, SLOT, UseCases
from typer.testing import CliRunner

from ingress_slo.app import app


@dataclass(frozen=True)
class Done:
    """The exit code and the output of a command."""

    code: int
    out: str
    err: str


def run(*arguments: str, env: dict[str, str] | None = None, stdin: str = "") -> Done:
    """Run one command. Raises any error that the command does not turn into an exit code."""
    environment = {"COLUMNS": "200", **(env or {})}
    result = CliRunner().invoke(app, list(arguments), env=environment, input=stdin, prog_name="ingress-slo")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout.strip(), result.stderr.strip())


def operate(backend: UseCases, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands find a backend as if it were a deployed stack, and use its clock."""
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", backend.region)
    for name, table in backend.names.items():
        monkeypatch.setenv(name, table)
    if backend.host:
        monkeypatch.setenv("AWS_ENDPOINT_URL", backend.host)
    monkeypatch.setenv("SLOT_SECONDS", str(SLOT))
    monkeypatch.setenv("CUTOFF_DELAY_SECONDS", str(DELAY))
    monkeypatch.setenv("HOURLY_RETENTION_DAYS", "90")
    monkeypatch.setenv("DAILY_RETENTION_DAYS", "400")
    monkeypatch.setattr("time.time", backend.clock)


def everything(backend: UseCases) -> dict[str, list[str]]:
    """Every item of every table, without the generation of the rollup that wrote it."""
    items = {}
    for table in backend.names.values():
        pages = backend.client.get_paginator("scan").paginate(TableName=table)
        found: list[dict[str, Any]] = [item for page in pages for item in page["Items"]]
        items[table] = sorted(json.dumps({**item, "generation": None}, sort_keys=True, default=repr) for item in found)
    return items
