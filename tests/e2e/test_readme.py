"""The README's calls, word for word, against the deployed stack."""

import os
import re
import subprocess

import pytest
from e2e.recorded import push, rolled_up
from e2e.tokens import make_token

from lab.cloud.local import Cloud, Deployment
from lab.openapi import OPERATIONS
from lab.paths import ROOT
from slo.api.operations import Operation
from slo.store.tokens import TokenStore

CLUSTER_ID = "my-cluster"
README = (ROOT / "README.md").read_text()
(ALIAS,) = re.findall(r"`alias slo='(.*)'`", README)
API_PAGE = (ROOT / "docs" / "api.md").read_text()
ADDRESSES = dict(re.findall(r'^([A-Z]+)="\$INGRESS_SLO_URL(.*)"$', API_PAGE, re.MULTILINE))
"""What blocks of the page about the API call an address."""
WRITTEN_OUT = re.sub(r"\$([A-Z]+)\b", lambda found: ADDRESSES.get(found[1], found[0]), API_PAGE)
OTHER_CALLS = re.findall(r"(?:^|\$\()(slo .*/api/v2/.*)$", WRITTEN_OUT, re.MULTILINE)
CALLS = re.findall(r"^    (slo (?:.*\\\n)*.*)$", README, re.MULTILINE)


def operation(call: str) -> Operation | None:
    """The operation that a curl call uses."""
    method = found[1] if (found := re.search(r"-X (\w+)", call)) else "POST" if "--json" in call else "GET"
    path = re.findall(r"/api/v2[^?\"]+", call)[0]
    known = [each for each in OPERATIONS if each.method == method and re.fullmatch(pattern(each.path), path)]
    return next((each for each in known if each.path == path), next(iter(known), None))


def pattern(path: str) -> str:
    """A regular expression for the paths of an operation."""
    return re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))


@pytest.fixture(scope="module")
def environment(cloud: Cloud, deployment: Deployment, token_store: TokenStore) -> dict[str, str]:
    ends_at = push(deployment, make_token(token_store, "ingest", CLUSTER_ID), CLUSTER_ID)
    rolled_up(cloud, deployment, CLUSTER_ID, ends_at)
    page = {"API": deployment.api_url, "TOKEN": make_token(token_store, "manage", CLUSTER_ID)}
    return {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **page}


def test_each_operation_is_shown_with_curl() -> None:
    """Those for incidents and messages on the page about the API, of which `test_docs.py` runs the commands."""
    known = {found.id for call in (*CALLS, *OTHER_CALLS) if (found := operation(call))}
    assert known | {"pushSnapshot"} == {each.id for each in OPERATIONS}


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.split("\n")[0][:80])
def test_each_call_is_answered(environment: dict[str, str], call: str) -> None:
    """Runs in the README's order: a later call deletes the target that an earlier one sets. `*` stands for its ETag."""
    script = f'slo() {{ {ALIAS} --fail-with-body "$@"; }}\n{call.replace('"..."', "*")}'
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
