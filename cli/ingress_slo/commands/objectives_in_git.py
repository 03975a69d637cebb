"""`ingress-slo objectives export`, `diff` and `apply`: objectives as files of OpenSLO v1."""

from pathlib import Path
from typing import Annotated

import typer

from ingress_slo import options
from ingress_slo.api import Api, ApiError
from ingress_slo.failures import OperatorError
from ingress_slo.openslo.plan import Plan, Step, exported, plan
from ingress_slo.openslo.promise import Promise, Stored, stored, subject_of
from ingress_slo.openslo.reading import read
from ingress_slo.openslo.writing import write
from ingress_slo.output import note, show_document, show_line

_SUFFIXES = (".yaml", ".yml")
_SIGNS = {"set": "~", "delete": "-"}
Files = Annotated[Path, typer.Option("--file", "-f", help="A folder of .yaml files, or one file.", exists=True)]
Prune = Annotated[bool, typer.Option("--prune", help="Delete what came from a file and is in none any more.")]


def export(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder to write to, a file a domain; by default print.")
    ] = None,
    cluster: options.OneOrAllClusters = "",
    url: options.Url = "",
    token: options.ApiToken = "",
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Write the objectives as OpenSLO v1. The same objectives give the same files."""
    api = options.api(url, token, stack, region)
    promises, notes = exported(_kept(api, options.one_cluster(api, cluster)))
    files = write(promises)
    for sentence in notes:
        note(sentence, style="yellow")
    if output is None:
        for text in files.values():
            show_document(text)
        return
    output.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (output / name).write_text(text, encoding="utf-8")
    note(f"{len(promises)} objectives are in {len(files)} files in {output}.")
    if others := [path.name for path in _found(output) if path.name not in files]:
        note(f"{output} has other files, which `apply` would read, too: {', '.join(others)}.", style="yellow")


def diff(
    files: Files,
    prune: Prune = False,
    cluster: options.OneOrAllClusters = "",
    url: options.Url = "",
    token: options.ApiToken = "",
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Show what `apply` would change. The exit code is 1 if there is something."""
    api = options.api(url, token, stack, region)
    if _show(_plan(api, options.one_cluster(api, cluster), files, prune)).steps:
        raise typer.Exit(1)


def apply(
    files: Files,
    prune: Prune = False,
    dry_run: options.DryRun = False,
    cluster: options.OneOrAllClusters = "",
    url: options.Url = "",
    token: options.ApiToken = "",
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Set the objectives of these files. An objective of the page with the same name becomes the file's.

    Needs a token with scope manage. What someone has changed in between is not overwritten.
    """
    api = options.api(url, token, stack, region)
    cluster = options.one_cluster(api, cluster)
    planned = _show(_plan(api, cluster, files, prune))
    if dry_run or not planned.steps:
        return
    for number, step in enumerate(planned.steps):
        try:
            _make(api, cluster, step)
        except ApiError as error:
            about = f"{subject_of(step.promise.subject)} {step.promise.name}"
            done = f"{number} of {len(planned.steps)} changes are made; apply again."
            raise OperatorError(f"{step.promise.place or about}: {error} {done}") from error
    note(f"{len(planned.steps)} changes are made.")


def _make(api: Api, cluster: str, step: Step) -> None:
    subject, name = step.promise.subject, step.promise.name
    before = None if step.before is None else {"version": step.before.version}
    if before is not None and step.action == "delete":
        api.delete_objective(cluster, name, subject.domain, subject.path_prefix, before)
    else:
        api.set_objective(cluster, name, subject.domain, subject.path_prefix, step.promise.sent, before)


def _plan(api: Api, cluster: str, files: Path, prune: bool) -> Plan:
    return plan(_read(files, cluster), _kept(api, cluster), prune=prune)


def _kept(api: Api, cluster: str) -> list[Stored]:
    """What is set for a cluster, or for `*`. What all clusters follow is kept in files of its own."""
    return [stored(each) for each in api.objectives(cluster)["objectives"] if each["cluster_id"] == cluster]


def _show(planned: Plan) -> Plan:
    for step in planned.steps:
        sign = _SIGNS[step.action] if step.before else "+"
        what = f": {', '.join(step.what)}" if step.what else ""
        show_line(f"{sign} {subject_of(step.promise.subject)} {step.promise.name}{what}")
    for sentence in planned.notes:
        note(sentence, style="yellow")
    if not planned.steps:
        note("Nothing to change.")
    return planned


def _read(files: Path, cluster: str) -> tuple[Promise, ...]:
    """Raises OperatorError if there is nothing to read, DocumentError for what is wrong in it."""
    paths = _found(files) if files.is_dir() else [files]
    if not paths:
        raise OperatorError(f"{files} has no .yaml files. `ingress-slo objectives export -o {files}` writes some.")
    return read({str(path): _text(path) for path in paths}, cluster_id=cluster)


def _found(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in _SUFFIXES and path.is_file())


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(f"{path}:1: This cannot be read as UTF-8 text: {error}.") from error
