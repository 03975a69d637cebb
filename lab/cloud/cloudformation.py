"""Templates as CloudFormation receives them, and the permissions that a deployment needs.

Both come from the SAM CLI's environment (.venv-sam). SAM's own translator expands the template. In the resource schemas
of cfn-lint, `handlers` lists the permissions with which AWS creates, reads, updates and deletes a resource.
"""

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from lab.paths import ROOT

TEMPLATE = ROOT / "template.yaml"
BUDGET = ROOT / "deploy" / "budget.yaml"
_PYTHON = ROOT / ".venv-sam" / "bin" / "python"

_TRANSLATE = """
import json, sys
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse
template = yaml_parse(open(sys.argv[1]).read())
for resource in template["Resources"].values():
    for name in ("CodeUri", "ContentUri"):
        if name in resource.get("Properties", {}):
            resource["Properties"][name] = "s3://bucket/key"
class NoManagedPolicies:
    def load(self): return {}
print(json.dumps(transform(template, {}, NoManagedPolicies())))
"""

_PERMISSIONS = """
import json, pathlib, sys
import cfnlint

wanted, found = set(sys.argv[1:]), {}
for file in (pathlib.Path(cfnlint.__file__).parent / "data/schemas/resources").glob("*.json"):
    schema = json.loads(file.read_text())
    if schema.get("typeName") in wanted:
        handlers = schema["handlers"]
        found[schema["typeName"]] = sorted({
            permission
            for does in ("create", "read", "update", "delete") if does in handlers
            for permission in handlers[does]["permissions"]
        })
print(json.dumps(found))
"""


@cache
def resources() -> dict[str, dict[str, Any]]:
    """Every resource that a deployment may create, with `Type` and `Properties`, by logical id."""
    return translated()


def translated(template: Path = TEMPLATE) -> dict[str, dict[str, Any]]:
    """The same of any template, translated anew."""
    found: dict[str, dict[str, Any]] = _run(_TRANSLATE, str(template))["Resources"]
    return found


@cache
def permissions() -> dict[str, list[str]]:
    """The permissions to create, read, update and delete a resource, by resource type of the templates."""
    everything = [*resources().values(), *translated(BUDGET).values()]
    found: dict[str, list[str]] = _run(_PERMISSIONS, *sorted({resource["Type"] for resource in everything}))
    return found


def _run(script: str, *arguments: str) -> Any:
    done = subprocess.run(
        [str(_PYTHON), "-c", script, *arguments],
        env={"AWS_DEFAULT_REGION": "eu-central-1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)
