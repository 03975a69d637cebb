"""Which pods are Traefik's. A label is no proof: whoever may create a pod anywhere in the cluster can set it.

With TRAEFIK_NAMESPACE only the pods of those namespaces are listed. Without it, pods of several namespaces may match.
Then an IngressClass tells which namespaces Traefik was installed into: it belongs to the cluster, so no tenant can
create one, and Helm notes the release's namespace in it. Traefik's chart and k3s have one.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ingress_slo_agent.kubernetes_api import KubernetesApi, Object
from ingress_slo_agent.settings import Traefik
from slo.traefik.snapshots import MAX_PROCESSES

_CONTROLLER = "traefik.io/ingress-controller"
_RELEASE_NAMESPACE = "meta.helm.sh/release-namespace"


class TraefikPods(NamedTuple):
    """The pods to scrape, and what an operator should know of the others."""

    pods: tuple[Object, ...] = ()
    warnings: tuple[str, ...] = ()


def traefik_pods(api: KubernetesApi, settings: Traefik) -> TraefikPods:
    """Traefik's pods in any phase. Raises KubernetesError if they cannot be listed."""
    pods = api.pods(settings)
    found = frozenset(map(_namespace, pods))
    if len(found) < 2 or settings.pod_namespaces:
        return _at_most(TraefikPods(tuple(pods)))
    return _at_most(told_apart(pods, release_namespaces(api.ingress_classes())))


def told_apart(pods: Iterable[Object], installed: frozenset[str]) -> TraefikPods:
    """The pods of the namespaces that Traefik was installed into; all pods if no namespace is known to be one."""
    pods = tuple(pods)
    found = frozenset(map(_namespace, pods))
    trusted = found & installed
    everywhere = ",".join(sorted(found))
    if not trusted:
        warning = (
            f"Pods of several namespaces have Traefik's labels: {everywhere}. All of them are scraped, and whoever may "
            f"create pods there can invent figures. Set TRAEFIK_NAMESPACE to those of your Traefik, such as "
            f"{everywhere}."
        )
        return TraefikPods(pods, (warning,))
    if trusted == found:
        return TraefikPods(pods)
    others = sorted(f"{_namespace(pod)}/{pod['metadata']['name']}" for pod in pods if _namespace(pod) not in trusted)
    warning = (
        f"Pods with Traefik's labels are left out: {', '.join(others[:5])}{', ...' if len(others) > 5 else ''}. Helm "
        f"installed Traefik into {','.join(sorted(trusted))}. If they are Traefik's as well, set "
        f"TRAEFIK_NAMESPACE={everywhere}."
    )
    return TraefikPods(tuple(pod for pod in pods if _namespace(pod) in trusted), (warning,))


def release_namespaces(ingress_classes: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The namespaces of the Helm releases that brought an IngressClass for Traefik."""
    found = (
        str((each["metadata"].get("annotations") or {}).get(_RELEASE_NAMESPACE) or "")
        for each in ingress_classes
        if (each.get("spec") or {}).get("controller") == _CONTROLLER
    )
    return frozenset(name for name in found if name)


def _namespace(pod: Object) -> str:
    return str(pod["metadata"]["namespace"])


def _at_most(found: TraefikPods) -> TraefikPods:
    """As many pods as a snapshot holds."""
    if len(found.pods) <= MAX_PROCESSES:
        return found
    warning = (
        f"{len(found.pods)} pods have Traefik's labels; only the first {MAX_PROCESSES} are scraped. Set "
        "TRAEFIK_NAMESPACE and TRAEFIK_SELECTOR so that only Traefik's match, or use one agent for each Traefik."
    )
    return TraefikPods(found.pods[:MAX_PROCESSES], (*found.warnings, warning))
