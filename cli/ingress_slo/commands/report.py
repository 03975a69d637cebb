"""`ingress-slo report`: the statement of a month, to print or to keep."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from ingress_slo import options
from ingress_slo.api import Api
from ingress_slo.export.formats import csv_text
from ingress_slo.failures import FAILED
from ingress_slo.output import note, printable_json
from ingress_slo.statement.figures import subject_text
from ingress_slo.statement.page import page
from ingress_slo.statement.rows import COLUMNS, row
from ingress_slo.words import Language, language_for

Format = Literal["html", "csv", "json"]


def report(
    month: Annotated[str, typer.Option(help="The month, such as 2026-10. It must be over.")],
    cluster: options.OneCluster = "",
    domain: Annotated[str, typer.Option(help="Only objectives of this domain and of its routes.")] = "",
    chosen: Annotated[Format, typer.Option("--format", help="html, csv or json.")] = "html",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; by default standard output.")
    ] = None,
    lang: Annotated[Language | None, typer.Option(help="Language of HTML; by default that of the locale.")] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Count again by the ledgers; exit with 1 if anything differs.")
    ] = False,
    url: options.Url = "",
    token: options.ApiToken = "",
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Write the statement of a month: what each objective promised and reached, and what was left out.

    The HTML prints well: open it in a browser and print it, also into a PDF.
    """
    api = options.api(url, token, stack, region)
    asked = {"cluster_id": options.one_cluster(api, cluster), "month": month, "domain": domain}
    asked["verify"] = "true" if verify else ""
    found = _statement(api, {name: value for name, value in asked.items() if value})
    document = _document(found, chosen, lang)
    if output is None:
        typer.echo(document, nl=False)
    else:
        output.write_text(document, encoding="utf-8")
        note(f"Wrote {len(found['lines'])} objectives to {output}.")
    if verify and not _is_verified(found):
        raise typer.Exit(FAILED)


def _statement(api: Api, asked: dict[str, str]) -> dict[str, Any]:
    """The statement with the lines of all its pages. What was not asked for is left out."""
    first, *others = api.pages("statement", **asked)
    lines = [line for each in (first, *others) for line in each["lines"]]
    if "verify" not in asked:
        lines = [{name: value for name, value in line.items() if name != "verification"} for line in lines]
    return {"cluster_id": first["cluster_id"], "month": first["month"], "lines": lines}


def _document(statement: dict[str, Any], chosen: Format, language: Language | None) -> str:
    if chosen == "json":
        return f"{printable_json(statement)}\n"
    if chosen == "csv":
        return csv_text([row(statement, line) for line in statement["lines"]], COLUMNS)
    return page(statement, language_for(language))


def _is_verified(statement: dict[str, Any]) -> bool:
    """Say on stderr what the ledgers say; false if anything differs."""
    lines = statement["lines"]
    differing = [each for each in lines if each["verification"] and not each["verification"]["is_equal"]]
    for line in differing:
        again = line["verification"]
        note(
            f"{subject_text(line)} {line['objective']['name']}: the books have {line['total_requests']:,} requests and "
            f"{line['total_errors']:,} errors, the ledgers {again['total_requests']:,} and {again['total_errors']:,}.",
            style="red",
        )
    unknown = sum(each["verification"] is None for each in lines)
    equal = len(lines) - len(differing) - unknown
    gone = f" {unknown} could not be counted again: their ledgers are kept no more." if unknown else ""
    note(f"Counted again by the ledgers: {equal} of {len(lines)} objectives are equal.{gone}")
    return not differing
