"""Reads the Kubernetes API: only lists, page by page, as plain dicts."""

import json
from collections.abc import Iterable, Iterator, Set
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import quote

import urllib3
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException

from ingress_slo_agent.ingress_routes import Existing
from ingress_slo_agent.objects import ObjectKey, key
from ingress_slo_agent.serving import Selected
from ingress_slo_agent.settings import Kubernetes, Traefik
from ingress_slo_agent.traefik_options import CRD, GATEWAY, INGRESS, KNATIVE, NGINX

Object = dict[str, Any]


class Resource(NamedTuple):
    """A kind of object in one API group. Its kind and version are added to each listed object: lists omit them."""

    group: str
    version: str
    plural: str
    kind: str
    providers: tuple[str, ...]
    """The providers of Traefik that read it. Without one of them it is not needed."""

    def __str__(self) -> str:
        return f"{self.plural}.{self.group}/{self.version}"


_INGRESS_CLASSES = Resource("networking.k8s.io", "v1", "ingressclasses", "IngressClass", (INGRESS, NGINX))
ROUTE_RESOURCES = (
    Resource("traefik.io", "v1alpha1", "ingressroutes", "IngressRoute", (CRD,)),
    Resource("traefik.io", "v1alpha1", "traefikservices", "TraefikService", (CRD,)),
    Resource("traefik.io", "v1", "ingressroutes", "IngressRoute", (CRD,)),
    Resource("traefik.io", "v1", "traefikservices", "TraefikService", (CRD,)),
    Resource("traefik.containo.us", "v1alpha1", "ingressroutes", "IngressRoute", (CRD,)),
    Resource("traefik.containo.us", "v1alpha1", "traefikservices", "TraefikService", (CRD,)),
    Resource("networking.k8s.io", "v1", "ingresses", "Ingress", (INGRESS, NGINX)),
    _INGRESS_CLASSES,
    Resource("gateway.networking.k8s.io", "v1", "gatewayclasses", "GatewayClass", (GATEWAY,)),
    Resource("gateway.networking.k8s.io", "v1", "gateways", "Gateway", (GATEWAY,)),
    Resource("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute", (GATEWAY,)),
    Resource("gateway.networking.k8s.io", "v1", "grpcroutes", "GRPCRoute", (GATEWAY,)),
    Resource("networking.internal.knative.dev", "v1alpha1", "ingresses", "KnativeIngress", (KNATIVE,)),
)
"""Every resource that declares routes. The ClusterRole grants `list` on these, on EXISTING_RESOURCES and on pods."""

EXISTING_RESOURCES = (
    Resource("", "v1", "services", "Service", (CRD,)),
    Resource("traefik.io", "v1alpha1", "middlewares", "Middleware", (CRD,)),
)
"""Resources of which only the names are listed: Traefik refuses a rule that names one that does not exist."""

_NAMES_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
"""https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches"""


_SELECTED_KINDS = frozenset({"IngressRoute", "Ingress", "HTTPRoute", "GRPCRoute", "KnativeIngress"})
_LISTS_AT_ONCE = 16


class KubernetesError(Exception):
    """Raised when the Kubernetes API cannot be reached or refuses a request. The message says what to fix."""


class RouteObjects(NamedTuple):
    """The objects that declare routes, and what else the Kubernetes API tells about them."""

    objects: tuple[Object, ...] = ()
    failures: tuple[tuple[Resource, str], ...] = ()
    """The resources that could not be listed, each with a warning."""
    selected: tuple[Selected, ...] = ()
    existing: Existing = Existing()

    def warnings(self, providers: Set[str]) -> tuple[str, ...]:
        """The warnings about resources that these providers read."""
        return tuple(warning for resource, warning in self.failures if not providers.isdisjoint(resource.providers))


class KubernetesApi:
    """One connection to a cluster. Raises KubernetesError if there is no kubeconfig and no service account."""

    def __init__(self, settings: Kubernetes) -> None:
        configuration = client.Configuration()
        try:
            if settings.kubeconfig:
                config.load_kube_config(  # type: ignore[no-untyped-call]
                    settings.kubeconfig, client_configuration=configuration
                )
            else:
                config.load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
        except config.ConfigException as error:
            raise KubernetesError(
                f"No access to the Kubernetes API: {error}. Run in a pod with a service account, or set KUBECONFIG. "
                "For a Traefik outside Kubernetes, set METRICS_URLS and TRAEFIK_API to its URLs."
            ) from error
        configuration.retries = urllib3.Retry(total=1, backoff_factor=0.5, respect_retry_after_header=False)
        self._client = client.ApiClient(configuration)
        self._timeout_seconds = settings.kubernetes_timeout_seconds
        self._page_size = settings.page_size

    def pods(self, traefik: Traefik) -> list[Object]:
        """List the pods with Traefik's labels in any phase. Raises KubernetesError."""
        return [pod for namespace in traefik.pod_namespaces or ("",) for pod in self._pods(namespace, traefik)]

    def _pods(self, namespace: str, traefik: Traefik) -> list[Object]:
        try:
            answer = self._get(
                f"/api/v1/namespaces/{quote(namespace, safe='')}/pods" if namespace else "/api/v1/pods",
                labelSelector=traefik.traefik_selector,
            )
        except (ApiException, urllib3.exceptions.HTTPError) as error:
            raise KubernetesError(f"Traefik's pods cannot be listed: {_reason(error)}.") from error
        if answer.status != HTTPStatus.OK:
            raise KubernetesError(f"Traefik's pods cannot be listed: {_answered(answer.status, answer.reason)}.")
        pods: list[Object] = json.loads(answer.read())["items"]
        return pods

    def ingress_classes(self) -> list[Object]:
        """List the IngressClasses; none if that is not possible."""
        return self._try_list(_INGRESS_CLASSES)[0]

    def _get(self, path: str, *, accept: str = "application/json", **query: str) -> Any:
        """GET a path and return the answer with any status. CoreV1Api does the same, but takes 100 MB to load."""
        request = self._client.param_serialize(
            "GET",
            path,
            query_params=list(query.items()),
            header_params={"Accept": accept},
            auth_settings=["BearerToken"],
        )
        return self._client.call_api(*request, _request_timeout=self._timeout_seconds)

    def route_objects(self, selectors: Iterable[str] = ()) -> RouteObjects:
        """List all ROUTE_RESOURCES in parallel. A missing API group is fine; any other error is a failure.

        `selectors` are the label selectors of Traefik's providers; the API says which objects they choose.
        """
        with ThreadPoolExecutor(max_workers=_LISTS_AT_ONCE) as pool:
            existing = [pool.submit(self._names, resource) for resource in EXISTING_RESOURCES]
            chosen = [(selector, pool.submit(self._chosen, selector)) for selector in selectors]
            answers = list(pool.map(self._try_list, ROUTE_RESOURCES))
        failures = zip(ROUTE_RESOURCES, (warning for _, warning in answers), strict=True)
        return RouteObjects(
            tuple(item for items, _ in answers for item in items),
            tuple((resource, warning) for resource, warning in failures if warning),
            tuple(Selected(selector, keys.result()) for selector, keys in chosen),
            Existing(*(names.result() for names in existing)),
        )

    def _chosen(self, selector: str) -> frozenset[ObjectKey]:
        """The routes that a label selector chooses."""
        listed = (
            self._try_list(resource, selector) for resource in ROUTE_RESOURCES if resource.kind in _SELECTED_KINDS
        )
        return frozenset(key(item) for items, _ in listed for item in items)

    def _names(self, resource: Resource) -> frozenset[tuple[str, str]] | None:
        """(namespace, name) of every object of a resource; None if it cannot be listed."""
        found: set[tuple[str, str]] = set()
        path = f"/apis/{resource.group}/{resource.version}" if resource.group else f"/api/{resource.version}"
        following = ""
        while True:
            query = {"limit": str(self._page_size)} | ({"continue": following} if following else {})
            try:
                answer = self._get(f"{path}/{resource.plural}", accept=_NAMES_ONLY, **query)
                page = json.loads(answer.read()) if answer.status == HTTPStatus.OK else {}
            except (ApiException, urllib3.exceptions.HTTPError, ValueError):
                page = {}
            if "items" not in page:
                return None
            found |= {(item["metadata"]["namespace"], item["metadata"]["name"]) for item in page["items"] or ()}
            following = (page.get("metadata") or {}).get("continue") or ""
            if not following:
                return frozenset(found)

    def _try_list(self, resource: Resource, selector: str = "") -> tuple[list[Object], str]:
        try:
            return list(self._list(resource, selector)), ""
        except ApiException as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return [], ""
            return [], f"{resource} cannot be listed: {_reason(error)}. Its routes are kept as they were."
        except urllib3.exceptions.HTTPError as error:
            return [], f"{resource} cannot be listed: {_reason(error)}. Its routes are kept as they were."

    def _list(self, resource: Resource, selector: str = "") -> Iterator[Object]:
        """List as custom objects: that works for every kind and returns plain dicts."""
        following = None
        while True:
            answer: Any = client.CustomObjectsApi(self._client).list_cluster_custom_object(
                resource.group,
                resource.version,
                resource.plural,
                limit=self._page_size,
                _continue=following,
                label_selector=selector or None,
                _request_timeout=self._timeout_seconds,
            )
            version = f"{resource.group}/{resource.version}"
            yield from ({**item, "apiVersion": version, "kind": resource.kind} for item in answer.get("items") or ())
            following = (answer.get("metadata") or {}).get("continue")
            if not following:
                return


def _reason(error: Exception) -> str:
    return _answered(error.status, error.reason) if isinstance(error, ApiException) else str(error)


def _answered(status: int, reason: str) -> str:
    hint = " (see the agent's ClusterRole)" if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN) else ""
    return f"{status} {reason}{hint}"
