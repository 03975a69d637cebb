"""Runs a Job as the controllers of a cluster do: the Job gets a Pod, and the Pod runs the agent.

The agent is a process on this machine. It gets the environment of its container, and a kubeconfig instead of a service
account.
"""

import asyncio
import base64
import sys
from collections.abc import Callable
from typing import Any

from lab.cluster.objects import Object

JOB_NAME = "batch.kubernetes.io/job-name"

type Read = Callable[[str, str, str], Object]
"""Returns an object of the Job's namespace by apiVersion, plural and name. Raises KeyError if there is none."""


def made_of(job: Object, read: Read) -> Object:
    """The Job with the `spec` of the CronJob that owns it."""
    [owner] = job["metadata"]["ownerReferences"]
    spec = read("batch/v1", "cronjobs", owner["name"])["spec"]["jobTemplate"]["spec"]
    return {**job, "spec": spec | {"selector": {"matchLabels": {JOB_NAME: job["metadata"]["name"]}}}}


async def run(job: Object, read: Read, kubeconfig: str) -> tuple[Object, bytes]:
    """Run a Job to its end. Returns its Pod and the Pod's output."""
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
    """The environment variables of the container."""
    environment: dict[str, str] = {}
    for source in container.get("envFrom", ()):
        if reference := source.get("configMapRef"):
            environment |= read("v1", "configmaps", reference["name"]).get("data", {})
        if reference := source.get("secretRef"):
            data = read("v1", "secrets", reference["name"]).get("data", {})
            environment |= {key: base64.b64decode(value).decode() for key, value in data.items()}
    return environment | {item["name"]: item["value"] for item in container.get("env", ())}
