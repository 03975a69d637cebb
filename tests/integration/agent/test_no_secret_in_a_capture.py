"""A recording is made to be sent to somebody. No password of the cluster may be in it."""

import os
import subprocess
import sys
from pathlib import Path

from integration.agent.test_traefik_pods import FRESH, pod
from integration.metrics_server import RawServer, always, answer

from lab.cluster.api import StandInApi
from lab.cluster.builders import ingress, ingress_route, path, route
from lab.cluster.objects import Object
from lab.paths import ROOT

SECRET = "hunter2-hunter2"
SNIPPET = {"nginx.ingress.kubernetes.io/configuration-snippet": f'proxy_set_header Authorization "Basic {SECRET}";'}
LAST_APPLIED = {"kubectl.kubernetes.io/last-applied-configuration": f'{{"password": "{SECRET}"}}'}


def gateway_route() -> Object:
    header = {"set": [{"name": "Authorization", "value": f"Bearer {SECRET}"}]}
    filters = [{"type": "RequestHeaderModifier", "requestHeaderModifier": header}]
    rule = {"matches": [{"path": {"value": "/kept"}}], "filters": filters, "backendRefs": []}
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "api", "namespace": "shop", "annotations": LAST_APPLIED},
        "spec": {"parentRefs": [{"name": "gateway"}], "hostnames": ["api.example.com"], "rules": [rule]},
    }


def traefik(port: int) -> Object:
    """A pod whose arguments and environment hold passwords, as some do."""
    found = pod("traefik", "traefik-a", port)
    arguments = ["--providers.kubernetescrd", "--providers.kubernetesgateway", f"--providers.consul.token={SECRET}"]
    variables = [{"name": "CF_DNS_API_TOKEN", "value": SECRET}, {"name": "TRAEFIK_PILOT_TOKEN", "value": SECRET}]
    found["spec"] = {"containers": [{"name": "traefik", "args": arguments, "env": variables}]}
    found["metadata"]["annotations"] |= LAST_APPLIED
    return found


def test_no_password_of_the_cluster_or_of_the_agent_is_recorded(tmp_path: Path) -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "a", "namespace": "shop"},
        "data": {"p": SECRET},
    }
    annotated = ingress_route("shop", "web", route("Host(`shop.example.com`)", "web"), annotations=LAST_APPLIED)
    nginx = ingress("shop", "old", {"old.example.com": [path("/", "web")]}, annotations=SNIPPET)
    folder = tmp_path / "seen"
    with RawServer(always(answer(FRESH))) as server, StandInApi([]) as api:
        api.store.apply([secret, annotated, nginx, gateway_route(), traefik(server.port)])
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{ROOT / 'agent'}:{ROOT / 'layers/slo'}",
            "CLUSTER_ID": "lab",
            "KUBECONFIG": str(api.write_kubeconfig(tmp_path / "kubeconfig")),
            "TOKEN": f"islo_{SECRET}",
            "ENDPOINT": f"https://me:{SECRET}@slo.example.com",
            "TRAEFIK_API": f"http://me:{SECRET}@127.0.0.1:9",
        }
        for urls in ("", f"http://me:{SECRET}@127.0.0.1:{server.port}/metrics"):
            command = [sys.executable, "-m", "ingress_slo_agent", "--dry-run", "--capture", str(folder)]
            done = subprocess.run(
                command, env={**environment, "METRICS_URLS": urls}, capture_output=True, text=True, check=True
            )
            assert SECRET not in done.stdout + done.stderr
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert any("/kept" in file.read_text() for file in files if file.suffix == ".yaml"), "the rest is recorded"
    assert [file.name for file in files if SECRET.encode() in file.read_bytes() or SECRET in file.name] == []
