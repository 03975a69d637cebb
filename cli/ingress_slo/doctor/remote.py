"""Checks that need only the API and a token."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from ingress_slo.api import Api, ApiError
from ingress_slo.doctor.findings import Finding, failed, ok, warning
from ingress_slo.times import duration_text, utc_text
from slo import __version__
from slo.objectives.status import STALE_SECONDS

MAX_SKEW_SECONDS = 30
_REFUSED_SKEW_SECONDS = 600
_LONG_LAG_SECONDS = 1_200
EXPIRES_SOON_SECONDS = 14 * 86_400
_LABELS = "Set --metrics.prometheus.addRoutersLabels=true and restart Traefik; docs/install-kubernetes.md shows where."


def check_api(api: Api, cluster_id: str, now: float) -> Iterator[Finding]:
    """Check the address, this machine's clock, the token and the cluster. `now` is Unix time in seconds."""
    try:
        server_time = api.time()
    except ApiError as error:
        yield failed("API", str(error), _todo_without_an_answer(str(error)))
        return
    yield ok("API", f"{api.url} answers")
    yield from _second_stage(api)
    yield skew("clock of this machine", now - server_time)
    try:
        token = api.token()
    except ApiError as error:
        yield failed("token", str(error), "Create one that may read: `ingress-slo tokens create --scope read`.")
        return
    yield _token(token, cluster_id, now)
    try:
        found = {cluster["cluster_id"]: cluster for cluster in api.clusters()["clusters"]}
    except ApiError as error:
        yield failed("cluster", str(error), "Check the logs of the function `query`.")
        return
    if cluster_id not in found:
        known = ", ".join(sorted(found)) or "none"
        yield failed(
            "cluster",
            f"{cluster_id!r} has pushed no snapshot, or the token is not for it (known: {known})",
            "Check CLUSTER_ID and the log of the agent's last job: kubectl logs -n ingress-slo job/...",
        )
        return
    yield from check_cluster(found[cluster_id], now)


def _todo_without_an_answer(says: str) -> str:
    if says.startswith("5"):
        return (
            "Read the logs of the function `query`. `Runtime.ImportModuleError` means that the layer was built for "
            "another processor: docs/troubleshooting.md#the-deployment."
        )
    return "Check INGRESS_SLO_URL (the stack's output ApiUrl, with its stage) and your proxy."


def _second_stage(api: Api) -> Iterator[Finding]:
    """Versions before the first release deployed a second stage `Stage`, which has no throttle, firewall or alarm."""
    parts = urlsplit(api.url)
    if ".execute-api." not in parts.netloc or parts.path == "/Stage":
        return
    try:
        api.at(f"{parts.scheme}://{parts.netloc}/Stage").time()
    except ApiError:
        return
    api_id, _, region = parts.netloc.split(".")[:3]
    todo = f"Delete it: aws apigateway delete-stage --rest-api-id {api_id} --stage-name Stage --region {region}"
    yield warning("second stage", "the API also answers at /Stage, without throttle, firewall and alarms", todo)


def _version(agent: str) -> Finding | None:
    """Compare the agent's version with this command's, which is deployed with the API."""
    try:
        theirs, ours = (tuple(int(part) for part in text.split(".")) for text in (agent, __version__))
    except ValueError:
        return None
    says = f"the agent is {agent}, this command is {__version__}"
    if theirs < ours:
        return warning(
            "versions", says, "Upgrade the agent: helm upgrade ingress-slo-agent (docs/install-kubernetes.md)."
        )
    if theirs > ours:
        return warning("versions", says, "Deploy the newer release's stack, and use its command.")
    return None


def skew(check: str, seconds: float) -> Finding:
    """Compare a clock with the server's. `seconds` is how far it is ahead."""
    says = f"{abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} the server"
    if abs(seconds) <= MAX_SKEW_SECONDS:
        return ok(check, says)
    todo = f"Synchronise it (NTP). Snapshots are rejected at more than {_REFUSED_SKEW_SECONDS} s."
    return failed(check, says, todo) if abs(seconds) > _REFUSED_SKEW_SECONDS else warning(check, says, todo)


def _token(token: dict[str, Any], cluster_id: str, now: float) -> Finding:
    clusters = token["clusters"]
    says = f"{token['label']}: scope {token['scope']}, {', '.join(clusters) or 'all clusters'}"
    if clusters and cluster_id not in clusters:
        return failed("token", says, f"It is not for {cluster_id!r}: create one with `ingress-slo tokens create`.")
    if token["expires_at"] is None:
        return ok("token", f"{says}, does not expire")
    expires_at = datetime.fromisoformat(token["expires_at"]).timestamp()
    says = f"{says}, expires {utc_text(expires_at)}"
    if expires_at - now < EXPIRES_SOON_SECONDS:
        return warning("token", says, "Rotate it before then: `ingress-slo tokens rotate`.")
    return ok("token", says)


def check_cluster(cluster: dict[str, Any], now: float) -> Iterator[Finding]:
    """Check one cluster of the answer of `GET /api/v2/slo/clusters`."""
    age = now - datetime.fromisoformat(cluster["last_snapshot_at"]).timestamp()
    says = f"{duration_text(max(0, age))} ago, by agent {cluster['agent_version'] or '(unknown)'}"
    if age > STALE_SECONDS:
        yield failed(
            "last snapshot", says, "Check that the CronJob runs, and its log: kubectl get jobs -n ingress-slo."
        )
    else:
        yield ok("last snapshot", says)
    if differs := _version(cluster["agent_version"]):
        yield differs
    yield _rollup(cluster)
    if cluster["router_labels"] is False:
        yield failed("router labels", "Traefik counts only by service", _LABELS)
    elif cluster["processes"] == 0:
        yield failed(
            "Traefik", "the agent reached no pod", "Check TRAEFIK_SELECTOR, the metrics port and NetworkPolicies."
        )
    else:
        yield ok("router labels", "Traefik counts by router")
    if cluster["unreachable"]:
        yield warning(
            "Traefik",
            f"{cluster['unreachable']} pods did not answer the agent",
            "Their requests are not counted: check the metrics port and NetworkPolicies.",
        )
    if not cluster["routes_complete"]:
        yield warning("routes", "the agent could not list all of them", "Check the agent's ClusterRole.")
    for text in cluster["warnings"]:
        yield warning("agent", text, "Follow the agent's advice.")


def _rollup(cluster: dict[str, Any]) -> Finding:
    lag = cluster["lag_seconds"]
    if lag is None and cluster["booked_until"]:
        return ok("rollup", "all is booked that the cluster sent")
    if lag is None:
        return warning("rollup", "nothing has been booked yet", "Wait for the first rollup, within five minutes.")
    if lag > _LONG_LAG_SECONDS:
        todo = "See `ingress-slo dead-letters list` and rollup's logs."
        return failed("rollup", f"{duration_text(lag)} behind", todo)
    return ok("rollup", f"{duration_text(lag)} behind")
