"""The local cloud: ministack on 127.0.0.1, with the real template.yaml built and deployed by the SAM CLI.

ministack and the SAM CLI pin botocore differently, so each lives in an environment of its own beside this one's.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import boto3
import requests

from lab.bytecode import compile_layer
from lab.paths import ROOT
from lab.ports import free_port

REGION = "us-east-1"
STACK = "ingress-slo"
_READY_SECONDS = 120
_SAM = str(ROOT / ".venv-sam" / "bin" / "sam")
_EMULATOR = ROOT / "lab" / "cloud" / "emulator.py"
_BUILD = ROOT / ".aws-sam" / "lab"

Progress = Callable[[str], None]


class CloudError(Exception):
    """The local cloud could not be started, or the stack not be deployed; says where its log is."""


@dataclass(frozen=True)
class Deployment:
    """A deployed stack."""

    outputs: dict[str, str]
    endpoint_url: str

    @property
    def api_url(self) -> str:
        """Base URL of the API with its stage, as any client on this machine can use it."""
        stage = self.outputs["ApiUrl"].rstrip("/").rpartition("/")[2]
        return f"{self.endpoint_url}/restapis/{self.outputs['ApiId']}/{stage}/_user_request_"

    @property
    def push_url(self) -> str:
        """The address for agents."""
        return f"{self.endpoint_url}/_aws/execute-api/{self.outputs['PushApiId']}/$default"

    @property
    def browser_url(self) -> str:
        """The same for a browser, which resolves names under localhost."""
        port = self.endpoint_url.rpartition(":")[2]
        stage = self.outputs["ApiUrl"].rstrip("/").rpartition("/")[2]
        return f"http://{self.outputs['ApiId']}.execute-api.localhost:{port}/{stage}"


class Cloud:
    """ministack while it runs. Use as a context manager."""

    def __init__(self, progress: Progress = lambda _: None) -> None:
        self._progress = progress
        self._folder = Path(tempfile.mkdtemp(prefix="ingress-slo-cloud-"))
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.endpoint_url = f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What ministack and the functions printed."""
        return self._folder / "cloud.log"

    @property
    def environment(self) -> dict[str, str]:
        """What an AWS client needs to find this cloud."""
        return {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": self.endpoint_url,
        }

    def __enter__(self) -> Self:
        self._progress("starting the local cloud")
        environment = {
            **os.environ,
            **self.environment,
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            "IOT_MTLS_ENABLED": "0",
            "TMPDIR": str(self._folder),
            "S3_DATA_DIR": str(self._folder / "s3"),
            "PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a function starts in half the time with it
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [str(ROOT / ".venv-cloud" / "bin" / "python"), "-P", str(_EMULATOR)],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait_until_ready()
        return self

    def __exit__(self, *error: object) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=5)
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline:
            with suppress(requests.RequestException):
                if requests.get(f"{self.endpoint_url}/_ministack/health", timeout=2).ok:
                    return
            if self._process is None or self._process.poll() is not None:
                break
            time.sleep(0.1)
        raise CloudError(f"the local cloud did not start:\n{self.log.read_text(errors='replace')[-2000:]}")

    def client(self, service: str) -> Any:
        """A boto3 client of this cloud."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint_url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 the emulator takes any
        )

    def deploy(self, **parameters: str) -> Deployment:
        """Build and deploy template.yaml with the `local` profile of samconfig.toml; parameters go on top of it."""
        self.build(**parameters)
        return self.deploy_built(**parameters)

    def build(self, **parameters: str) -> None:
        """Build the functions and their layer; other clouds on this machine may deploy them, too."""
        self._progress("building the functions and their layer")
        self._sam("build", "--build-dir", str(_BUILD), *_overrides(parameters))
        compile_layer(_BUILD)

    def deploy_built(self, **parameters: str) -> Deployment:
        """Deploy what was built last."""
        self._progress("deploying the stack")
        self._sam("deploy", "--template-file", str(_BUILD / "template.yaml"), *_overrides(parameters))
        deployment = self.deployment()
        self.take_binary_bodies(deployment.outputs["ApiId"])
        self._link_to(deployment)
        return deployment

    def take_binary_bodies(self, api_id: str) -> None:
        """CloudFormation wants `application~1gzip`; ministack takes the escape for the media type itself."""
        patch = [{"op": "replace", "path": "/binaryMediaTypes", "value": ["application/gzip"]}]
        answer = requests.patch(f"{self.endpoint_url}/restapis/{api_id}", json={"patchOperations": patch}, timeout=60)
        answer.raise_for_status()

    def _link_to(self, deployment: Deployment) -> None:
        """Let messages link to the dashboard of this machine instead of AWS's address, which nobody here can open."""
        made = self.client("cloudformation").describe_stack_resource(
            StackName=STACK, LogicalResourceId="DeliverFunction"
        )
        functions, name = self.client("lambda"), made["StackResourceDetail"]["PhysicalResourceId"]
        variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        own = {**variables, "DASHBOARD_URL": f"{deployment.browser_url}/"}
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": own})

    def deployment(self) -> Deployment:
        """The stack as it is deployed now."""
        stack = self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        return Deployment(outputs, self.endpoint_url)

    def _sam(self, *arguments: str) -> None:
        environment = {
            **os.environ,
            **self.environment,
            "SAM_CLI_TELEMETRY": "0",
            "PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        }
        done = subprocess.run(
            [
                str(ROOT / ".venv-sam" / "bin" / "sam"),
                *arguments,
                "--config-file",
                str(ROOT / "samconfig.toml"),
                "--config-env",
                "local",
            ],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CloudError(f"sam {arguments[0]} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")


def _overrides(parameters: dict[str, str]) -> list[str]:
    return ["--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items())] if parameters else []
