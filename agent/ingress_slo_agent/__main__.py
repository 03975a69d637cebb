"""One run: collects a snapshot, pushes it and logs the outcome. With `--every`, runs again and again.

Exit codes: 0 pushed; 2 a setting is missing or malformed; 3 the Kubernetes API cannot be used; 4 pushed, but no
Traefik process could be scraped; 5 the server refused the snapshot; 6 the server could not be reached.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import msgspec
import requests

from ingress_slo_agent.capture import capture
from ingress_slo_agent.collect import collect
from ingress_slo_agent.kubernetes_api import KubernetesApi, KubernetesError
from ingress_slo_agent.logs import log
from ingress_slo_agent.push import Push, RefusedError, UnreachableError
from ingress_slo_agent.settings import Settings, from_environment, wait_seconds
from slo.runtime.settings import SettingsError
from slo.traefik import snapshots

OK, BAD_SETTINGS, NO_KUBERNETES, NO_TRAEFIK, REFUSED, UNREACHABLE = 0, 2, 3, 4, 5, 6


def main(arguments: list[str] | None = None) -> int:
    """Run the agent with these command-line arguments. Returns the exit code."""
    options = _options().parse_args(arguments)
    try:
        settings = from_environment(os.environ, needs_server=not options.dry_run)
    except SettingsError as error:
        log("error", "settings are missing or malformed", detail=str(error))
        return BAD_SETTINGS
    while True:
        outcome = _once(settings, options)
        if not options.every:
            return outcome
        time.sleep(options.every - time.time() % options.every)


def _once(settings: Settings, options: argparse.Namespace) -> int:
    if not options.dry_run:
        time.sleep(wait_seconds(settings.server.cluster_id, settings.run.spread_seconds, time.time()))
    try:
        return _run(settings, options)
    except KubernetesError as error:
        log("error", "the Kubernetes API cannot be used", detail=str(error))
        return NO_KUBERNETES


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ingress-slo-agent", description="Pushes one snapshot of this cluster.")
    parser.add_argument("--dry-run", action="store_true", help="print the snapshot instead of pushing it")
    parser.add_argument("--capture", type=Path, metavar="DIR", help="also write what was seen, for `make replay`")
    parser.add_argument(
        "--every", type=_seconds, default=0, metavar="SECONDS", help="run again at each multiple of this time"
    )
    return parser


def _seconds(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"expected a positive number of seconds, not {text!r}")
    return int(text)


def _run(settings: Settings, options: argparse.Namespace) -> int:
    api = KubernetesApi(settings.kubernetes) if settings.needs_kubernetes else None
    collected = collect(api, settings, time.time, keep_bodies=options.capture is not None)
    snapshot = collected.snapshot
    for warning in snapshot.warnings:
        log("error" if warning in collected.left_out else "warning", warning, cluster_id=snapshot.cluster_id)
    if options.capture:
        capture(options.capture, collected)
    if options.dry_run:
        sys.stdout.buffer.write(msgspec.json.format(snapshots.encode(snapshot)) + b"\n")
        return OK
    return _push(settings, snapshot)


def _push(settings: Settings, snapshot: snapshots.Snapshot) -> int:
    where = {"cluster_id": snapshot.cluster_id, "snapshot_id": snapshot.snapshot_id}
    try:
        with requests.Session() as session:
            attempts = Push(settings.server, clock=time.time, sleep=time.sleep, session=session).send(snapshot)
    except RefusedError as error:
        log("error", "the server refused the snapshot", detail=str(error), todo=error.todo, **where)
        return REFUSED
    except UnreachableError as error:
        log("error", "the server could not be reached", detail=str(error), **where)
        return UNREACHABLE
    metrics = snapshot.ingress_metrics
    counts = {"routes": len(snapshot.ingress_routes), "processes": len(metrics.processes), "attempts": attempts}
    log("info", "pushed", **counts, **where)
    return OK if metrics.processes else NO_TRAEFIK


if __name__ == "__main__":
    sys.exit(main())
