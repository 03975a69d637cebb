"""`kubectl` for a machine without it: the few commands of the documentation, against the stand-in Kubernetes API.

    python -m lab.cluster.kubectl apply -f FILE
    python -m lab.cluster.kubectl create job NAME --from=cronjob/NAME --namespace NAMESPACE
    python -m lab.cluster.kubectl logs job/NAME --namespace NAMESPACE
    python -m lab.cluster.kubectl get KIND --namespace NAMESPACE

A Job is run at once and in the foreground: the agent as a process, with the environment that its container would get
from the ConfigMap and the Secret. What it printed is kept in an annotation, where `logs` finds it.
"""

import argparse
import base64
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests
import yaml

from lab.cluster.objects import CLUSTER_SCOPED, KINDS, Object, plural

_LOGS = "lab/logs"
_EXIT_CODE = "lab/exit-code"


class Cluster:
    """The Kubernetes API of a kubeconfig."""

    def __init__(self, kubeconfig: str) -> None:
        config = yaml.safe_load(Path(kubeconfig).read_text())
        self.kubeconfig = kubeconfig
        self._url = config["clusters"][0]["cluster"]["server"]

    def url(self, version: str, kind: str, namespace: str, name: str = "") -> str:
        """Address of a kind, or of one object."""
        root = f"{self._url}/api/{version}" if "/" not in version else f"{self._url}/apis/{version}"
        within = "" if kind in CLUSTER_SCOPED else f"/namespaces/{namespace}"
        return f"{root}{within}/{plural(kind)}" + (f"/{name}" if name else "")

    def get(self, version: str, kind: str, namespace: str, name: str) -> Object:
        """One object; ends the program where there is none."""
        answer = requests.get(self.url(version, kind, namespace, name), timeout=10)
        if not answer.ok:
            raise SystemExit(f"Error from server: {answer.json()['message']}")
        item: Object = answer.json()
        return item

    def apply(self, item: Object) -> None:
        """Create or patch one object."""
        metadata = item["metadata"]
        namespace = metadata.get("namespace", "default")
        answer = requests.post(self.url(item["apiVersion"], item["kind"], namespace), json=item, timeout=10)
        if answer.status_code == requests.codes.conflict:
            url = self.url(item["apiVersion"], item["kind"], namespace, metadata["name"])
            answer = requests.patch(url, json=item, timeout=10)
        answer.raise_for_status()
        _say(f"{item['kind'].lower()}/{metadata['name']} configured")


def run_job(cluster: Cluster, name: str, cron_job: str, namespace: str) -> None:
    """Make a Job of a CronJob and run it."""
    template = cluster.get("batch/v1", "CronJob", namespace, cron_job)["spec"]["jobTemplate"]["spec"]
    container = template["template"]["spec"]["containers"][0]
    environment = {**os.environ, **environment_of(cluster, container, namespace), "KUBECONFIG": cluster.kubeconfig}
    done = subprocess.run(
        [sys.executable, "-m", "ingress_slo_agent"], env=environment, capture_output=True, text=True, check=False
    )
    annotations = {_LOGS: done.stdout + done.stderr, _EXIT_CODE: str(done.returncode)}
    metadata = {"name": name, "namespace": namespace, "annotations": annotations}
    cluster.apply({"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": template})


def environment_of(cluster: Cluster, container: dict[str, Any], namespace: str) -> dict[str, str]:
    """What the container finds in its environment."""
    environment: dict[str, str] = {}
    for source in container.get("envFrom", ()):
        if reference := source.get("configMapRef"):
            environment |= cluster.get("v1", "ConfigMap", namespace, reference["name"]).get("data", {})
        if reference := source.get("secretRef"):
            data = cluster.get("v1", "Secret", namespace, reference["name"]).get("data", {})
            environment |= {key: base64.b64decode(value).decode() for key, value in data.items()}
    return environment | {item["name"]: item["value"] for item in container.get("env", ())}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="kubectl")
    commands = parser.add_subparsers(dest="command", required=True)
    applying = commands.add_parser("apply")
    applying.add_argument("-f", "--filename", type=Path, required=True)
    creating = commands.add_parser("create")
    creating.add_argument("kind", choices=["job"])
    creating.add_argument("name")
    creating.add_argument("--from", dest="source", required=True)
    logs = commands.add_parser("logs")
    logs.add_argument("job")
    getting = commands.add_parser("get")
    getting.add_argument("kind")
    for command in (applying, creating, logs, getting):
        command.add_argument("--namespace", "-n", default="default")
    given = parser.parse_args()
    cluster = Cluster(os.environ["KUBECONFIG"])
    match given.command:
        case "apply":
            for item in yaml.safe_load_all(given.filename.read_text()):
                cluster.apply(item)
        case "create":
            run_job(cluster, given.name, given.source.removeprefix("cronjob/"), given.namespace)
        case "logs":
            job = cluster.get("batch/v1", "Job", given.namespace, given.job.removeprefix("job/"))
            _say(job["metadata"]["annotations"][_LOGS].rstrip("\n"))
        case "get":
            _list(cluster, given.kind, given.namespace)


def _list(cluster: Cluster, resource: str, namespace: str) -> None:
    kinds = ((version, kind) for version, served in KINDS.items() for kind in served)
    version, kind = next((pair for pair in kinds if resource in (plural(pair[1]), pair[1].lower())), ("", ""))
    if not kind:
        raise SystemExit(f'error: the server doesn\'t have a resource type "{resource}"')
    for item in requests.get(cluster.url(version, kind, namespace), timeout=10).json()["items"]:
        _say(item["metadata"]["name"])


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main()
