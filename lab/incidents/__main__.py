"""Rehearse incidents, and write the results into a page.

    python -m lab.incidents [--seed N] [--hours] [--write docs/notifications.md]

`--hours` rehearses a few hours instead of a month. Prints the results; fails if anything was not as planned.
"""

import argparse
import sys
from pathlib import Path

from lab.cloud.dynamodb_local import DynamoDBLocal
from lab.incidents import page, plan
from lab.incidents.stage import rehearse
from lab.incidents.verdict import judge
from lab.teller import Teller


def main(arguments: list[str]) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="lab.incidents", description="Rehearses incidents, and checks what is told.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hours", action="store_true", help="a few hours instead of a month")
    parser.add_argument("--write", type=Path, help="the page that gets the results")
    options = parser.parse_args(arguments)
    wanted = plan.hours() if options.hours else plan.month()
    with Teller() as teller, DynamoDBLocal() as engine:
        teller.say(f"{len(wanted.expected)} incidents and {len(wanted.quiet)} quiet domains, seed {options.seed}")
        outcome = rehearse(engine, wanted, seed=options.seed, say=teller.say)
        teller.end("done")
    verdict = judge(wanted, outcome)
    text = page.render(wanted, outcome, verdict)
    sys.stdout.write(text)
    sys.stdout.write("".join(f"{problem}\n" for problem in verdict.problems))
    if options.write and not verdict.problems:
        page.write(options.write, text)
    return 1 if verdict.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
