"""The documentation's commands, word for word, against the deployed stack, a Kubernetes API and a real Traefik.

The quick start and what comes after it have a test of their own (`test_rehearsal`).
"""

import shutil
import time
from collections.abc import Iterator

import pytest
from e2e.recorded import rolled_up
from e2e.tokens import make_token

from lab.cloud.local import REGION, Cloud, Deployment
from lab.docs import DOCS, Shell, account, block, blocks
from lab.traefik.stage import Stage, demo
from slo.store.tokens import TokenStore

CLUSTER_ID = "docs-7"
"""The agent of a cluster with this id pushes in the first second of a minute, so it never waits for its turn."""

INSTALL_AWS = "install-aws.md"
INSTALL_KUBERNETES = "install-kubernetes.md"
OPERATIONS = "operations.md"
API = "api.md"
NOTIFICATIONS = "notifications.md"
IN_GIT = "objectives-in-git.md"
BUILD = "build-the-image.md"

BEFORE = [(INSTALL_KUBERNETES, name) for name in ("router labels on k3s", "dry run", "a secret of your own")]
REHEARSED = {"quick-start.md", "after-the-quick-start.md"}
RUN_ELSEWHERE = [
    ("install-outside-kubernetes.md", "dry run outside Kubernetes"),
    (INSTALL_AWS, "bring the tables back"),
]
"""Blocks that tests of their own run (integration/agent/test_outside_kubernetes.py, e2e/test_bring_tables_back.py)."""
AFTER = [
    *((API, name) for name in ("push a snapshot", "list domains", "get a domain", "get its history")),
    *((API, name) for name in ("get its latency", "get its burn rates", "list changes of status")),
    (API, "look a service key up"),
    *(
        (API, name)
        for name in (
            "clusters and token",
            "objectives",
            "objective changes",
            "exclusions",
            "the statement of a month",
            "list incidents",
            "channels",
            "rules",
            "mutes",
        )
    ),
    *((NOTIFICATIONS, f"{name} by the command") for name in ("channels", "incidents", "mutes", "rules")),
    *((IN_GIT, name) for name in ("objectives by the command", "objectives in files")),
    *((OPERATIONS, name) for name in ("clusters", "dead letters", "restore", "look at the agent")),
    *((INSTALL_AWS, name) for name in ("validate the template", "tables that stay")),
    (BUILD, "an image of your own"),
    *((INSTALL_KUBERNETES, name) for name in ("open traefiks api", "upgrade the agent", "remove the agent")),
]


@pytest.fixture(scope="module")
def shell(cloud: Cloud, deployment: Deployment, token_store: TokenStore) -> Iterator[Shell]:
    """A reader's terminal, in which the agent has been installed and has pushed twice, and rollup has run."""
    with Stage(demo()) as stage:
        environment = {
            **account(cloud.environment),
            "KUBECONFIG": str(stage.kubeconfig),
            "AGENT_TOKEN": make_token(token_store, "ingest", CLUSTER_ID),
            "IMAGE": "registry.example.com/ingress-slo-agent",
        }
        settings = {"AWS_DEFAULT_REGION": REGION, "CLUSTER_ID": CLUSTER_ID, "PROFILE": "local", "RELEASE": ""}
        settings |= {"TRAEFIK_NAMESPACE": "traefik"}
        values = {
            "INGRESS_SLO_URL": deployment.api_url,
            "PUSH_URL": deployment.push_url,
            "INGRESS_SLO_TOKEN": make_token(token_store, "manage"),
            "CLUSTER_ID": CLUSTER_ID,
            "AGENT_TOKEN": environment["AGENT_TOKEN"],
        }
        with Shell(environment) as shell:
            shell.run(block(DOCS / "quick-start.md", "settings").filled_in(settings))
            shell.run('export PATH="$PWD/.venv/bin:$PATH"')
            shell.run(block(DOCS / "quick-start.md", "outputs").filled_in(values))
            shell.run(block(DOCS / API, "api").filled_in(values))
            shell.run(block(DOCS / API, "push address").filled_in(values))
            shell.run(block(DOCS / API, "shorthand").text)
            for page, name in BEFORE:
                shell.run(block(DOCS / page, name).text)
            push = block(DOCS / "quick-start.md", "push once").text
            assert '"pushed"' in shell.run(push)
            pushed_at = time.time()
            shell.run(push.replace("push-now", "push-again"))
            rolled_up(cloud, deployment, CLUSTER_ID, pushed_at)
            yield shell
        (DOCS.parent / "snapshot.json").unlink()
        shutil.rmtree(DOCS.parent / "objectives", ignore_errors=True)


@pytest.mark.parametrize(("page", "name"), AFTER, ids=lambda part: str(part))
def test_a_command_of_the_documentation_does_what_the_page_says(page: str, name: str, shell: Shell) -> None:
    """Runs in the order of AFTER: later commands use what earlier ones set up."""
    shell.run(block(DOCS / page, name).text)


def test_every_command_that_can_run_is_run() -> None:
    found = {
        (page.name, each.name)
        for page in DOCS.rglob("*.md")
        for each in blocks(page)
        if each.purpose == "run" and page.name not in REHEARSED
    }
    assert found == {*BEFORE, *AFTER, *RUN_ELSEWHERE, (API, "shorthand")}
