"""The demo: a real Traefik under traffic, the agent, and the deployed stack, in one terminal.

    python -m lab.demo [--once] [--lang en|zh|ja] [--notify URL]

Prints the dashboard's address, a token, and every domain as a tree of its paths. Refreshes the tree until Ctrl-C. One
path fails for half a minute now and then: an incident opens, and resolves soon after. With --notify each message about
it is posted to that address, as the webhook channels of `ingress-slo channels` do. It is never silent for long, and a
slow machine only makes it say so.
"""

import argparse
import base64
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Self

from botocore.exceptions import BotoCoreError
from requests import RequestException
from rich.console import Console, Group
from rich.live import Live

from ingress_slo.api import Api, ApiError
from ingress_slo.drawing import draw
from ingress_slo.telling import line
from ingress_slo.words import LANGUAGES, words_for
from lab.cloud.local import Cloud, CloudError, Deployment
from lab.teller import Teller
from lab.traefik.backends import Outages
from lab.traefik.stage import Stage, demo

CLUSTER_ID = "demo"
AGENT_SECONDS = 4.0
ROLLUP_SECONDS = 10.0
_PATIENCE_SECONDS = 240.0
_NOT_YET = "the machine is busy"
_CALM_SECONDS = 15
"""Instead of ten minutes, so that the end of an incident is seen, too."""
_OUTAGES = Outages(first_after_seconds=90, last_seconds=30, every_seconds=120)
_HAPPENED = 6
"""Lines about incidents."""
_WANTED_PATHS = 7
"""The number of routes in the demo. It prints the tree once each of them has figures."""


def create_token(cloud: Cloud, deployment: Deployment, scope: str, cluster_id: str = CLUSTER_ID) -> str:
    """Create a token for the cluster with `ingress-slo tokens create`; without a cluster, for all."""
    limit = ["--cluster", cluster_id] if cluster_id else []
    done = subprocess.run(
        [sys.executable, "-m", "ingress_slo", "tokens", "create", "--scope", scope, *limit],
        env={**os.environ, **cloud.environment, "TOKENS_TABLE": deployment.outputs["TokensTable"]},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


class Every:
    """Repeats `work` in a thread until the block ends. `error` is the error of the last run, or None."""

    def __init__(self, seconds: float, work: Callable[[], None]) -> None:
        self._seconds = seconds
        self._work = work
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.error: Exception | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopping.set()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._work()
                self.error = None
            except Exception as error:
                self.error = error
            self._stopping.wait(self._seconds)


class AgentError(Exception):
    """A run of the agent failed. The message is its own last sentence."""


class DemoError(Exception):
    """The demo cannot go on. The message says what to do."""


_EXPLAINED = (CloudError, DemoError, TimeoutError, BotoCoreError, RequestException, subprocess.CalledProcessError)
"""What a slow machine can cause. `_reason` has a sentence for each; anything else is a defect of the demo."""


class Agent:
    """Runs the CronJob's program."""

    def __init__(self, kubeconfig: Path, deployment: Deployment, token: str, cluster_id: str = CLUSTER_ID) -> None:
        self._environment = {
            **os.environ,
            "CLUSTER_ID": cluster_id,
            "ENDPOINT": deployment.push_url,
            "TOKEN": token,
            "KUBECONFIG": str(kubeconfig),
        }

    def run(self, *arguments: str) -> None:
        """Run it once. Raises AgentError if it fails."""
        command = [sys.executable, "-m", "ingress_slo_agent", *arguments]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise AgentError(f"the agent's last run failed: {_last_sentence(done.stderr)}")


def _last_sentence(log: str) -> str:
    """The message of the last line of a log of JSON lines."""
    try:
        line = json.loads(log.strip().splitlines()[-1])
        return ": ".join(str(line[name]) for name in ("message", "detail") if line.get(name))
    except (IndexError, ValueError, AttributeError):
        return "it wrote no log"


def roll_up(cloud: Cloud, deployment: Deployment) -> None:
    """Invoke dispatch now instead of waiting for its schedule."""
    cloud.client("lambda").invoke(FunctionName=deployment.outputs["DispatchFunction"], InvocationType="RequestResponse")


def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="make demo ARGS=...", description=__doc__)
    parser.add_argument("--once", action="store_true", help="print the tree once and exit")
    parser.add_argument("--lang", choices=LANGUAGES, help="language (default: from the environment)")
    parser.add_argument("--notify", metavar="URL", help="post messages about incidents to this address")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = Console(highlight=False, soft_wrap=True)
    with Teller() as teller:
        try:
            _run(options, console, teller)
        except KeyboardInterrupt:
            teller.end("stopped; nothing keeps running")
        except _EXPLAINED as error:
            teller.end(f"the demo failed: {_reason(error)}")
            return 1
        else:
            teller.end("done; nothing keeps running. Next: docs/quick-start.md, for your own domains")
    return 0


def _run(options: argparse.Namespace, console: Console, teller: Teller) -> None:
    """The demo, until its end or Ctrl-C. Raises the errors that `main` explains."""
    with ExitStack() as stack:
        cloud = stack.enter_context(Cloud(teller.say))
        try:
            deployment = cloud.deploy()
            api, pushing = _start(cloud, deployment, teller, stack, options.notify)
            answer = _first_answer(api, pushing, teller.say)
            if options.once:
                teller.pause()
                console.print(draw(answer, words_for(options.lang)))
            else:
                teller.pause()
                _watch(api, answer, _addresses(deployment, create_token(cloud, deployment, "manage")), options, console)
        finally:
            teller.say("stopping everything")


def _start(
    cloud: Cloud, deployment: Deployment, teller: Teller, stack: ExitStack, notify: str | None
) -> tuple[Api, Every]:
    """Start Traefik and its traffic, agent and rollup. Return a client of the API, and the agent's runs."""
    teller.say("starting Traefik as its Helm chart does, a small Kubernetes API, backends, and traffic")
    stage = stack.enter_context(Stage(demo(checkout_outages=_OUTAGES)))
    teller.say("creating tokens")
    _prepare_messages(Api(deployment.api_url, create_token(cloud, deployment, "manage", "")), notify)
    reader = create_token(cloud, deployment, "read")
    agent = Agent(stage.kubeconfig, deployment, create_token(cloud, deployment, "ingest"))
    pushing = stack.enter_context(Every(AGENT_SECONDS, agent.run))
    stack.enter_context(Every(ROLLUP_SECONDS, lambda: roll_up(cloud, deployment)))
    every = f"the agent pushes every {AGENT_SECONDS:.0f} s, rollup books every {ROLLUP_SECONDS:.0f} s"
    teller.say(f"waiting until each path has been measured: {every}")
    return Api(deployment.api_url, reader), pushing


def _watch(
    api: Api,
    answer: dict[str, Any],
    addresses: Iterator[tuple[str, str]],
    options: argparse.Namespace,
    console: Console,
) -> None:
    """Show the addresses, and the tree until Ctrl-C."""
    for name, value in addresses:
        console.print(f"[bold]{name:<10}[/bold]{value}")
    console.print("[dim]Ctrl-C stops everything[/dim]")
    words = words_for(options.lang)
    with Live(draw(answer, words), console=console, auto_refresh=False) as live:
        while True:
            time.sleep(2)
            with suppress(ApiError):
                tree = draw(api.domains(CLUSTER_ID, "1d"), words)
                live.update(Group(tree, *_happened(api)), refresh=True)


def _happened(api: Api) -> list[str]:
    """What happened last to incidents, a line each."""
    steps = [(step["at"], line(each, step)) for each in api.incidents(cluster_id=CLUSTER_ID) for step in each["steps"]]
    return [text for _, text in sorted(steps)[-_HAPPENED:]]


def _prepare_messages(api: Api, notify: str | None) -> None:
    """Resolve incidents soon, and have messages posted to an address. Raises DemoError."""
    try:
        rules = api.get("notifications")
        kept = {name: rules[name] for name in ("rules", "quiet_hours", "digest", "thresholds")}
        thresholds = {**kept["thresholds"], "calm_seconds": _CALM_SECONDS}
        api.send("PUT", "notifications", {**kept, "thresholds": thresholds}, if_match="*")
        if notify:
            secret = f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"
            settings = {"url": notify, "secrets": [secret]}
            api.send("PUT", "channels/demo", {"kind": "webhook", "settings": settings}, if_match="*")
    except ApiError as error:
        raise DemoError(f"the address for messages cannot be set: {error}") from error


def _reason(error: Exception) -> str:
    """One sentence for an error that ends the demo."""
    if isinstance(error, (TimeoutError, BotoCoreError, RequestException)):
        return "a part did not start in time. Close what keeps the machine busy, and run it again."
    if isinstance(error, subprocess.CalledProcessError):
        return str(error.stderr or error).strip()
    return str(error)


def _addresses(deployment: Deployment, token: str) -> Iterator[tuple[str, str]]:
    """What the user needs to open the dashboard and to call the API."""
    yield "dashboard", f"{deployment.browser_url}/"
    yield "token", f"{token}  [dim]scope manage: reads and sets objectives[/dim]"
    yield "API", f"{deployment.api_url}/api/v2/docs"


def _first_answer(api: Api, pushing: Every, say: Callable[[str], None]) -> dict[str, Any]:
    """Wait for the first answer with figures for every path, and report the progress. Raises DemoError."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    last_state = ""
    while time.monotonic() < deadline:
        answer, state = _poll(api)
        if pushing.error:
            state = f"{pushing.error if isinstance(pushing.error, AgentError) else _NOT_YET}; it tries again"
        elif answer:
            return answer
        if state != last_state:
            say(state)
            last_state = state
        time.sleep(1)
    raise DemoError(
        f"no figures after {_PATIENCE_SECONDS:.0f} s ({last_state}). Run it again when the machine is idle."
    )


def _poll(api: Api) -> tuple[dict[str, Any] | None, str]:
    """The answer, or None until every path has figures; and the progress."""
    try:
        answer = api.domains(CLUSTER_ID, "1d")
    except ApiError as error:
        return None, "nothing has been booked yet" if str(error).startswith("404") else _NOT_YET
    requests = [route["current"]["total_requests"] for domain in answer["domains"] for route in domain["routes"]]
    measured = sum(1 for count in requests if count)
    return (answer if measured >= _WANTED_PATHS else None), f"{measured} of {_WANTED_PATHS} paths have figures"


if __name__ == "__main__":
    sys.exit(main())
