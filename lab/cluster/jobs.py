"""What the controllers of a cluster do with a Job: they make a Pod of it, and the Pod runs the agent.

The agent is a process of this machine. It gets the environment that its container would get, and a kubeconfig in the
place of a service account.
"""

import asyncio
import base64
import sys
from collections.abc import Callable
from typing import Any

from lab.cluster.objects import Object

JOB_NAME = "batch.kubernetes.io/job-name"

type Read = Callable[[str, str, str], Object]
"""An object of the Job's namespace by its apiVersion, plural and name; raises KeyError where there is none."""


def made_of(job: Object, read: Read) -> Object:
    """The Job with the `spec` that the CronJob which owns it says."""
    [owner] = job["metadata"]["ownerReferences"]
    spec = read("batch/v1", "cronjobs", owner["name"])["spec"]["jobTemplate"]["spec"]
    return {**job, "spec": spec | {"selector": {"matchLabels": {JOB_NAME: job["metadata"]["name"]}}}}


async def run(job: Object, read: Read, kubeconfig: str) -> tuple[Object, bytes]:
    """Run a Job to its end. The Pod that ran it, and what that printed."""
    name = job["metadata"]["name"]
    spec = job["spec"]["template"]["spec"]
    [container] = spec["containers"]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "ingress_slo_agent"),
        env=environment_of(container, read) | {"KUBECONFIG": kubeconfig},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    status = {"phase": "Failed" if process.returncode else "Succeeded"}
    metadata = {"name": f"{name}-x7k2p", "namespace": job["metadata"]["namespace"], "labels": {JOB_NAME: name}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status}, printed


def environment_of(container: dict[str, Any], read: Read) -> dict[str, str]:
    """What the container finds in its environment."""
    environment: dict[str, str] = {}
    for source in container.get("envFrom", ()):
        if reference := source.get("configMapRef"):
            environment |= read("v1", "configmaps", reference["name"]).get("data", {})
        if reference := source.get("secretRef"):
            data = read("v1", "secrets", reference["name"]).get("data", {})
            environment |= {key: base64.b64decode(value).decode() for key, value in data.items()}
    return environment | {item["name"]: item["value"] for item in container.get("env", ())}
