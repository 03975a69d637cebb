"""Builds the Kubernetes objects of a scenario: a Service with its endpoints, routes, classes."""

from typing import Any

from lab.cluster.objects import Object


def service(namespace: str, name: str, target_port: int | None) -> list[Object]:
    """A Service with its EndpointSlice and Endpoints at 127.0.0.1; `target_port` None means no endpoints."""
    metadata = {"name": name, "namespace": namespace}
    port_spec: dict[str, Any] = {"name": "", "port": 80, "targetPort": target_port or 80, "protocol": "TCP"}
    spec = {"type": "ClusterIP", "clusterIP": "10.43.0.10", "selector": {"app": name}, "ports": [port_spec]}
    ports = [{"name": "", "port": target_port or 80, "protocol": "TCP"}]
    ready = [{"addresses": ["127.0.0.1"], "conditions": {"ready": True, "serving": True, "terminating": False}}]
    subsets = [{"addresses": [{"ip": "127.0.0.1"}], "ports": ports}] if target_port else []
    slice_metadata = {"name": f"{name}-x1z9k", "namespace": namespace, "labels": {"kubernetes.io/service-name": name}}
    return [
        {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec},
        {"apiVersion": "v1", "kind": "Endpoints", "metadata": dict(metadata), "subsets": subsets},
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": slice_metadata,
            "addressType": "IPv4",
            "ports": ports,
            "endpoints": ready if target_port else [],
        },
    ]


def route(match: str, *services: str | dict[str, Any], middlewares: tuple[str, ...] = ()) -> dict[str, Any]:
    """One `routes[]` entry. A service given as a name has port 80."""
    named = [{"name": each, "port": 80} if isinstance(each, str) else each for each in services]
    entry: dict[str, Any] = {"kind": "Rule", "match": match, "services": named}
    return entry | ({"middlewares": [{"name": each} for each in middlewares]} if middlewares else {})


def ingress_route(namespace: str, name: str, *routes: dict[str, Any], **metadata: Any) -> Object:
    """An IngressRoute on the entry points `web` and `websecure`."""
    spec = {"entryPoints": ["web", "websecure"], "routes": list(routes)}
    return traefik_object("IngressRoute", namespace, name, spec, **metadata)


def traefik_object(kind: str, namespace: str, name: str, spec: dict[str, Any], **metadata: Any) -> Object:
    """Any object of traefik.io/v1alpha1."""
    meta = {"name": name, "namespace": namespace} | metadata
    return {"apiVersion": "traefik.io/v1alpha1", "kind": kind, "metadata": meta, "spec": spec}


def path(prefix: str, service_name: str, port: int | str = 80) -> dict[str, Any]:
    """One path of an Ingress. `port` is a number or a port's name."""
    number_or_name = {"number": port} if isinstance(port, int) else {"name": port}
    return {
        "path": prefix,
        "pathType": "Prefix",
        "backend": {"service": {"name": service_name, "port": number_or_name}},
    }


def ingress(
    namespace: str,
    name: str,
    rules: dict[str, list[dict[str, Any]]],
    *,
    class_name: str | None = "traefik",
    **extra: Any,
) -> Object:
    """An Ingress from paths by host (empty for no host). `extra` may hold annotations and defaultBackend."""
    spec: dict[str, Any] = {}
    if class_name:
        spec["ingressClassName"] = class_name
    if rules:
        spec["rules"] = [({"host": host} if host else {}) | {"http": {"paths": paths}} for host, paths in rules.items()]
    if "defaultBackend" in extra:
        spec["defaultBackend"] = extra["defaultBackend"]
    metadata = {"name": name, "namespace": namespace, "annotations": extra.get("annotations", {})}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": spec}


def ingress_class(name: str, controller: str = "traefik.io/ingress-controller", **annotations: str) -> Object:
    """An IngressClass, by default Traefik's."""
    metadata = {"name": name, "annotations": annotations}
    spec = {"controller": controller}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": metadata, "spec": spec}


def namespace(name: str) -> Object:
    """A Namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
