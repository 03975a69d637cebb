"""`ingress-slo rollup`."""

import time
from typing import Annotated

import msgspec
import typer

from ingress_slo import options
from ingress_slo.failures import OperatorError, interruptible
from ingress_slo.output import note, progress, show_json, show_table
from ingress_slo.stack import Stack
from ingress_slo.times import moment, utc_text
from slo.app.roll_up_again import Plan, RollUpAgain
from slo.store.errors import LostClaimError

_GO_ON = "Nothing is lost: the schedule books the rest within five minutes, or run the same command again."
_PLANNING = "Nothing has been written."


def rollup(
    cluster: options.Cluster,
    start: Annotated[
        str, typer.Option("--from", metavar="TIME", help="Start of the span; by default the oldest raw data.")
    ] = "",
    end: Annotated[str, typer.Option("--to", metavar="TIME", help="Repair only if something before it differs.")] = "",
    dry_run: options.DryRun = False,
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Recompute a span from raw data, which is kept for 48 hours, and write it if it differs from what is stored.

    Everything after the span is booked again, up to now, so that all figures stay consistent. A snapshot that arrived
    late is now booked at the time it was taken.
    """
    again, now = RollUpAgain(Stack.of(stack, region).stores), time.time()
    since = _time(start, now) if start else again.earliest()
    until = _time(end, now) if end else now
    if until <= since:
        raise OperatorError("The span is empty: --to must be later than --from.")
    with progress("computing", max(0, int(again.watermark(cluster) - since))) as step, interruptible(_PLANNING):
        plan = again.plan(cluster, since, step.done)
    differs = plan.differs_until(until)
    if as_json:
        show_json({**msgspec.to_builtins(plan), "differs": differs})
    else:
        _show(plan, differs=differs)
    if dry_run or not differs:
        return
    try:
        with progress("booking again", plan.watermark - plan.differing[0]) as step, interruptible(_GO_ON):
            again.run(plan, step.done)
    except LostClaimError as error:
        raise OperatorError(f"Another rollup of this cluster is running. {_GO_ON}") from error
    note(f"Booked again from {utc_text(plan.differing[0])} to {utc_text(plan.watermark)}.")


def _time(text: str, now: float) -> float:
    try:
        return moment(text, now)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _show(plan: Plan, *, differs: bool) -> None:
    span = f"from {utc_text(plan.start)} to {utc_text(plan.watermark)}"
    if not differs:
        note(f"Nothing differs {span}: the ledgers match the raw data.")
        return
    note(f"{len(plan.differing)} ledgers differ {span}, the first at {utc_text(plan.differing[0])}.")
    show_table(
        ("SERIES", "REQUESTS STORED", "RECOMPUTED"),
        ((change.series, f"{change.stored:,}", f"{change.recomputed:,}") for change in plan.changes),
        empty="No request is missing, but some are booked in the wrong five minutes.",
    )
