"""Injects faults between a client and DynamoDB: throttling, errors, lost connections and late answers.

The proxy `microburst` returns AWS's own wire errors. A fault hits a write before the engine sees it, or after: then the
write took effect and the client does not know.
"""

import json
import subprocess
import sysconfig
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any, Self
from urllib.error import URLError
from urllib.request import urlopen

from lab.ports import free_port

_MICROBURST = Path(sysconfig.get_path("scripts")) / "microburst"
_READY_SECONDS = 120
CLIENT_PATIENCE_SECONDS = 0.25
"""Read timeout for clients. A request that is held longer takes effect after the client has given up."""
_HELD_MS = 500

_FAULTS: dict[str, dict[str, Any]] = {
    "throttled": {"error": {"code": "ProvisionedThroughputExceededException"}},
    "failed": {"error": {"code": "InternalServerError", "status": 500}},
    "dropped before": {"reset": True},
    "dropped after": {"response": {"abort_bytes": 1}},
    "timed out before": {"timeout_ms": _HELD_MS},
    "timed out, done later": {"latency": _HELD_MS},
}


class Storm:
    """The running proxy in front of the endpoint `upstream`. Use as a context manager.

    Each kind of fault hits `share` of the requests that no other kind hit.
    """

    def __init__(self, upstream: str, share: float) -> None:
        self._upstream = upstream
        self._rules = [{"service": "dynamodb", "probability": share, **fault} for fault in _FAULTS.values()]
        self._port = free_port()
        self.endpoint_url = f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="ingress-slo-storm-")
        config = Path(self._folder.name) / "rules.json"
        config.write_text(json.dumps({"rules": self._rules}))  # JSON is YAML
        command = [str(_MICROBURST), "--upstream", self._upstream, "--port", str(self._port), "--config", str(config)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline:
            with suppress(URLError, ConnectionError):
                if self._get("health"):
                    return self
            time.sleep(0.1)
        self.__exit__()
        raise TimeoutError("microburst does not answer")

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._folder.cleanup()

    def fired(self) -> Counter[str]:
        """How often each kind of fault hit a request."""
        return Counter(dict(zip(_FAULTS, (rule["fired_count"] for rule in self._get("rules")), strict=True)))

    def _get(self, path: str) -> Any:
        with urlopen(f"{self.endpoint_url}/_microburst/{path}", timeout=5) as answer:  # noqa: S310 our own process
            return json.load(answer)
