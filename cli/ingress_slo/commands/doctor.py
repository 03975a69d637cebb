"""`ingress-slo doctor`."""

import os
import time
from collections.abc import Iterator
from typing import Annotated

import typer

from ingress_slo import options
from ingress_slo.api import Api, ApiError
from ingress_slo.doctor.account import check_account
from ingress_slo.doctor.cluster import check_kubernetes
from ingress_slo.doctor.findings import Finding, warning
from ingress_slo.doctor.remote import check_api
from ingress_slo.failures import FAILED, OperatorError
from ingress_slo.output import console, note, show_json
from ingress_slo.stack import Stack
from slo.runtime.settings import SettingsError

_COLOURS = {"ok": "green", "warning": "yellow", "failed": "bold red"}


def doctor(
    cluster: options.Cluster,
    url: options.Url = "",
    token: options.ApiToken = "",
    kubeconfig: Annotated[
        str, typer.Option(envvar="KUBECONFIG", help="Also check Traefik and the routes in the cluster.")
    ] = "",
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Check the API, clocks, tokens, the last snapshot, alarms and limits in AWS, and (with a kubeconfig) Traefik.

    The agent's settings (TRAEFIK_NAMESPACE, TRAEFIK_SELECTOR, METRICS_PORT, ...) also apply here.
    """
    api, now = options.api(url, token, stack, region), time.time()
    found = [*check_api(api, cluster, now), *_account(api, cluster, now, stack, region)]
    if kubeconfig:
        try:
            environ = {**os.environ, "KUBECONFIG": kubeconfig}
            found += check_kubernetes(environ, cluster, _processes(api, cluster), now)
        except SettingsError as error:
            raise OperatorError(f"A setting of the agent is malformed: {error}") from error
    else:
        note("Traefik itself is not checked: that needs a kubeconfig (--kubeconfig or KUBECONFIG).")
    if as_json:
        show_json([finding.document() for finding in found])
    else:
        for finding in found:
            _show(finding)
    if any(finding.state == "failed" for finding in found):
        raise typer.Exit(FAILED)


def _account(api: Api, cluster: str, now: float, stack: str, region: str) -> Iterator[Finding]:
    try:
        known = Stack.of(stack, region)
    except OperatorError as error:
        yield warning("AWS", str(error), "Without AWS neither the agent's token nor alarms and limits are checked.")
        return
    yield from check_account(known, api.url, cluster, now)


def _processes(api: Api, cluster_id: str) -> int:
    """The number of Traefik processes in the last snapshot; 0 if unknown."""
    try:
        clusters = api.clusters()["clusters"]
    except ApiError:
        return 0
    return next((int(cluster["processes"]) for cluster in clusters if cluster["cluster_id"] == cluster_id), 0)


def _show(finding: Finding) -> None:
    console().print(f"{finding.state:<8}", style=_COLOURS[finding.state], end="")
    console().print(f" {finding.check}: {finding.says}", markup=False)
    if finding.todo:
        console().print(f"         {finding.todo}", style="dim", markup=False)
