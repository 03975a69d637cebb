"""Brings the tables of a deleted stack into a new stack of the same name.

    .venv/bin/python deploy/bring_tables_back.py ingress-slo

Tables are found by their names, `{stack}-{logical id}-{random}`. Where two have the same logical id, or a restored one
is to be taken, say which: `LedgerTable=ingress-slo-restored-ledger`. Afterwards `sam deploy` adds everything else.
"""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

TEMPLATE = Path(__file__).parent / "tables.yaml"
TABLES = (
    "CatalogueTable",
    "ClustersTable",
    "LedgerTable",
    "HourlyTable",
    "DailyTable",
    "TokensTable",
    "TargetsTable",
    "StatusHistoryTable",
    "IncidentsTable",
    "NotificationsTable",
)
"""The logical ids in the template. An import takes all of them or none."""
_CHANGE_SET = "bring-tables-back"


def chosen(stack: str, names: Iterable[str], given: Mapping[str, str]) -> dict[str, str]:
    """The table for each logical id. Exits with what is missing, doubled or unknown."""
    known = set(names)
    found = {logical_id: sorted(_of(stack, logical_id, known)) for logical_id in TABLES}
    found |= {logical_id: [name] for logical_id, name in given.items()}
    wrong = [f"{logical_id} is none of {', '.join(TABLES)}." for logical_id in given if logical_id not in TABLES]
    wrong += [f"There is no table {name!r} in this region." for name in given.values() if name not in known]
    for logical_id, tables in found.items():
        if not tables:
            wrong.append(f"There is no {logical_id} of {stack!r}: say {logical_id}=NAME, or restore it first.")
        elif len(tables) > 1:
            wrong.append(f"Say which: {' or '.join(f'{logical_id}={name}' for name in tables)}")
    if wrong:
        sys.exit("\n".join(wrong))
    return {logical_id: tables[0] for logical_id, tables in found.items()}


def _of(stack: str, logical_id: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.rsplit("-", 2)[:2] == [stack, logical_id]]


def bring_back(cloud: Any, stack: str, tables: Mapping[str, str]) -> None:
    """Create the stack with these tables in it."""
    cloud.create_change_set(
        StackName=stack,
        ChangeSetName=_CHANGE_SET,
        ChangeSetType="IMPORT",
        TemplateBody=TEMPLATE.read_text(),
        ResourcesToImport=[
            {
                "ResourceType": "AWS::DynamoDB::Table",
                "LogicalResourceId": logical_id,
                "ResourceIdentifier": {"TableName": name},
            }
            for logical_id, name in tables.items()
        ],
    )
    cloud.get_waiter("change_set_create_complete").wait(StackName=stack, ChangeSetName=_CHANGE_SET)
    cloud.execute_change_set(StackName=stack, ChangeSetName=_CHANGE_SET)
    cloud.get_waiter("stack_import_complete").wait(StackName=stack)


def main(arguments: list[str]) -> None:
    """Run the command. Exits with a message if it cannot be done."""
    if not arguments or any("=" not in each for each in arguments[1:]):
        sys.exit(__doc__)
    stack, given = arguments[0], dict(each.split("=", 1) for each in arguments[1:])
    try:
        tables = chosen(stack, (table.name for table in boto3.resource("dynamodb").tables.all()), given)
        bring_back(boto3.client("cloudformation"), stack, tables)
    except (BotoCoreError, ClientError, WaiterError) as error:
        sys.exit(f"{error}\nThe tables are as they were.")
    sys.stdout.write(f"The stack {stack!r} has its {len(tables)} tables again. Now run `sam deploy`.\n")


if __name__ == "__main__":
    main(sys.argv[1:])
