"""Reads the Kubernetes API: only lists, page by page, as plain dicts."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import quote

import urllib3
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException

from ingress_slo_agent.settings import Kubernetes, Traefik

Object = dict[str, Any]


class Resource(NamedTuple):
    """A kind of object in one API group. `kind` is added to each listed object, because lists omit it."""

    group: str
    version: str
    plural: str
    kind: str

    def __str__(self) -> str:
        return f"{self.plural}.{self.group}/{self.version}"


ROUTE_RESOURCES = (
    Resource("traefik.io", "v1alpha1", "ingressroutes", "IngressRoute"),
    Resource("traefik.io", "v1alpha1", "traefikservices", "TraefikService"),
    Resource("traefik.io", "v1", "ingressroutes", "IngressRoute"),
    Resource("traefik.io", "v1", "traefikservices", "TraefikService"),
    Resource("traefik.containo.us", "v1alpha1", "ingressroutes", "IngressRoute"),
    Resource("traefik.containo.us", "v1alpha1", "traefikservices", "TraefikService"),
    Resource("networking.k8s.io", "v1", "ingresses", "Ingress"),
    Resource("networking.k8s.io", "v1", "ingressclasses", "IngressClass"),
)
"""Every resource that declares routes. The ClusterRole grants `list` on exactly these, and on pods."""


class KubernetesError(Exception):
    """Raised when the Kubernetes API cannot be reached or refuses a request. The message says what to fix."""


class RouteObjects(NamedTuple):
    """The objects that declare routes, whether all could be listed, and a warning for each resource that could not."""

    objects: list[Object]
    is_complete: bool
    warnings: tuple[str, ...]


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
                f"No access to the Kubernetes API: {error}. Run in a pod with a service account, or set KUBECONFIG."
            ) from error
        configuration.retries = urllib3.Retry(total=1, backoff_factor=0.5, respect_retry_after_header=False)
        self._client = client.ApiClient(configuration)
        self._timeout_seconds = settings.kubernetes_timeout_seconds
        self._page_size = settings.page_size

    def pods(self, traefik: Traefik) -> list[Object]:
        """List Traefik's pods in any phase. Raises KubernetesError."""
        namespace = traefik.traefik_namespace
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

    def _get(self, path: str, **query: str) -> Any:
        """GET a path and return the answer with any status. CoreV1Api does the same, but takes 100 MB to load."""
        request = self._client.param_serialize(
            "GET", path, query_params=list(query.items()), auth_settings=["BearerToken"]
        )
        return self._client.call_api(*request, _request_timeout=self._timeout_seconds)

    def route_objects(self) -> RouteObjects:
        """List all ROUTE_RESOURCES in parallel. A missing API group is fine; any other error makes it incomplete."""
        with ThreadPoolExecutor(max_workers=len(ROUTE_RESOURCES)) as pool:
            answers = list(pool.map(self._try_list, ROUTE_RESOURCES))
        objects = [item for items, _ in answers for item in items]
        warnings = tuple(warning for _, warning in answers if warning)
        return RouteObjects(_last_listed(objects), not warnings, warnings)

    def _try_list(self, resource: Resource) -> tuple[list[Object], str]:
        try:
            return list(self._list(resource)), ""
        except ApiException as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return [], ""
            return [], f"{resource} cannot be listed: {_reason(error)}. Its routes are kept as they were."
        except urllib3.exceptions.HTTPError as error:
            return [], f"{resource} cannot be listed: {_reason(error)}. Its routes are kept as they were."

    def _list(self, resource: Resource) -> Iterator[Object]:
        """List as custom objects: that works for every kind and returns plain dicts."""
        following = None
        while True:
            answer: Any = client.CustomObjectsApi(self._client).list_cluster_custom_object(
                resource.group,
                resource.version,
                resource.plural,
                limit=self._page_size,
                _continue=following,
                _request_timeout=self._timeout_seconds,
            )
            yield from ({**item, "kind": resource.kind} for item in answer.get("items") or ())
            following = (answer.get("metadata") or {}).get("continue")
            if not following:
                return


def _last_listed(objects: list[Object]) -> list[Object]:
    """Each object once: several API versions may serve the same object, and the last one listed wins."""
    return list(
        {(item["kind"], item["metadata"].get("namespace"), item["metadata"]["name"]): item for item in objects}.values()
    )


def _reason(error: Exception) -> str:
    return _answered(error.status, error.reason) if isinstance(error, ApiException) else str(error)


def _answered(status: int, reason: str) -> str:
    hint = " (see the agent's ClusterRole)" if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN) else ""
    return f"{status} {reason}{hint}"
