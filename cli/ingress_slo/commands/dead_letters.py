"""`ingress-slo dead-letters`: lists and replays the work in the dead-letter queue."""

from collections import Counter
from typing import Any

import typer

from ingress_slo import options
from ingress_slo.output import note, show_json, show_table
from ingress_slo.stack import Stack
from ingress_slo.times import utc_text
from slo.store.dead_letters import DeadLetter, DeadLetters
from slo.store.delivery_queue import DeliveryQueue
from slo.store.queue import RollupQueue

app = typer.Typer(no_args_is_help=True, help="List and replay work that failed repeatedly.")


_FUNCTIONS = {"clean-up": "CleanUpFunction"}


@app.command("list")
def list_letters(
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """List the dead letters. They stay in the queue."""
    letters = _letters(Stack.of(stack, region))
    found = list(letters.all())
    letters.release(found)
    if as_json:
        show_json([_document(letter) for letter in found])
        return
    show_table(
        ("SINCE", "WHAT", "TRIED", "ERROR"),
        ((utc_text(letter.sent_at), _what(letter), str(letter.received), letter.error or "-") for letter in found),
        empty="There are no dead letters.",
    )


@app.command()
def replay(
    dry_run: options.DryRun = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Replay all dead letters: roll clusters up, tell channels again, and start what a schedule failed to start."""
    deployed = Stack.of(stack, region)
    letters = _letters(deployed)
    found = list(letters.all())
    if not found:
        note("There are no dead letters.")
        return
    work = Counter(_what(letter) for letter in found)
    if dry_run:
        letters.release(found)
        note(f"Would replay {len(found)} dead letters: {', '.join(sorted(work))}.")
        return
    RollupQueue(deployed.resource("RollupQueue"), deployed.client("sqs")).send(
        sorted({letter.cluster_id for letter in found if letter.cluster_id})
    )
    orders = [letter.order for letter in found if letter.order]
    if orders:
        DeliveryQueue(deployed.resource("DeliveryQueue"), client=deployed.client("sqs")).send(orders)
    schedules = [letter for letter in found if not letter.cluster_id and not letter.order]
    for function in {_FUNCTIONS.get(letter.task, "DispatchFunction") for letter in schedules}:
        deployed.client("lambda").invoke(FunctionName=deployed.resource(function), InvocationType="Event")
    letters.delete(found)
    note(f"Replayed {len(found)} dead letters: {', '.join(sorted(work))}.")


def _letters(stack: Stack) -> DeadLetters:
    return DeadLetters(stack.client("sqs"), stack.resource("DeadLetterQueue"))


def _what(letter: DeadLetter) -> str:
    if letter.order:
        return f"message to {letter.order.channel}"
    return f"rollup of {letter.cluster_id}" if letter.cluster_id else letter.task or "dispatch"


def _document(letter: DeadLetter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "what": _what(letter),
        "cluster_id": letter.cluster_id or None,
        "sent_at": utc_text(letter.sent_at),
        "received": letter.received,
        "error": letter.error or None,
    }
