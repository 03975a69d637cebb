"""The Kubernetes objects around a Traefik process, as its Helm chart makes them: Deployment, Service and Pods."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lab.cluster.objects import Object
from lab.traefik.profiles import METRICS, TraefikOptions
from lab.traefik.versions import version_of

_CHART_PORTS = {"metrics": 9100, "traefik": 8080, "web": 8000, "websecure": 8443}
_EXPOSED_PORTS = {"web": 80, "websecure": 443}


def workload(options: TraefikOptions) -> list[Object]:
    """The Deployment with the chart's ports, and the Service that publishes its entry points."""
    profile = options.profile
    metadata = {"name": "traefik", "namespace": profile.namespace, "labels": profile.labels}
    ports = {name: _CHART_PORTS[name] for name in profile.entry_points}
    template = {
        "metadata": {"labels": profile.labels, "annotations": _annotations(ports)},
        "spec": {"containers": [_container(options, ports, options.arguments(ports))]},
    }
    exposed = [
        {"name": name, "port": port, "targetPort": name, "protocol": "TCP"}
        for name, port in _EXPOSED_PORTS.items()
        if name in ports
    ]
    return [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": metadata,
            "spec": {"selector": {"matchLabels": profile.labels}, "template": template},
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata,
            "spec": {"type": "LoadBalancer", "selector": profile.labels, "ports": exposed},
            "status": {"loadBalancer": {"ingress": [{"ip": "127.0.0.1"}]}},
        },
    ]


def pod(name: str, options: TraefikOptions, ports: Mapping[str, int], started_at: float, restarts: int) -> Object:
    """The Pod of a running process, with its real arguments and ports. `started_at` is Unix time in seconds."""
    started = datetime.fromtimestamp(started_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    container = _container(options, ports, options.arguments(ports))
    state = {
        "name": container["name"],
        "image": container["image"],
        "imageID": "",
        "ready": True,
        "started": True,
        "restartCount": restarts,
        "state": {"running": {"startedAt": started}},
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": options.profile.namespace,
            "labels": options.profile.labels,
            "annotations": _annotations(ports),
            "creationTimestamp": started,
        },
        "spec": {"nodeName": "node-1", "containers": [container]},
        "status": {
            "phase": "Running",
            "podIP": "127.0.0.1",
            "podIPs": [{"ip": "127.0.0.1"}],
            "startTime": started,
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [state],
        },
    }


def _container(options: TraefikOptions, ports: Mapping[str, int], arguments: list[str]) -> dict[str, Any]:
    return {
        "name": "traefik",
        "image": f"docker.io/traefik:v{version_of(options.binary)}",
        "args": arguments,
        "ports": [{"name": name, "containerPort": port, "protocol": "TCP"} for name, port in ports.items()],
    }


def _annotations(ports: Mapping[str, int]) -> dict[str, str]:
    return {
        "prometheus.io/scrape": "true",
        "prometheus.io/path": "/metrics",
        "prometheus.io/port": str(ports[METRICS]),
    }
