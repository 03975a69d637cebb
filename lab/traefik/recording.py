"""Records a real Traefik as the agent's `--capture` does, together with the truth from its access log.

Each scrape happens in a short pause of the load, so that the access log contains exactly the requests that it saw. A
recording keeps only the lines that a replay reads, and those of the entry points.
"""

import gzip
import json
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingress_slo_agent.capture import capture
from ingress_slo_agent.collect import collect
from ingress_slo_agent.kubernetes_api import KubernetesApi
from ingress_slo_agent.protobuf import only
from ingress_slo_agent.settings import Settings, from_environment
from lab.cluster.objects import Object
from lab.traefik.process import TraefikPod
from lab.traefik.profiles import TraefikOptions
from lab.traefik.stage import Stage

_KEPT = re.compile(
    r"^(?:# \w+ )?(?:traefik_(?:router|service|entrypoint)_requests?_|traefik_open_connections"
    r"|process_(?:start_time|cpu_seconds)|go_memstats_mallocs)"
)
_SETTLE_SECONDS = 0.6
"""Time for open streams to end after the load pauses."""
PodProcess = tuple[str, int]
"""Pod and number of restarts."""
LogLine = dict[str, Any]


class Recorder:
    """Records a stage into a folder."""

    def __init__(self, stage: Stage, folder: Path, interval_seconds: float = 2.0) -> None:
        self.stage = stage
        self._folder = folder
        self._interval_seconds = interval_seconds
        self._settings: Settings = from_environment(
            {"CLUSTER_ID": "lab", "KUBECONFIG": str(stage.kubeconfig)}, needs_server=False
        )
        self._first_line: dict[PodProcess, int] = {}
        """Lines of the pod's access log before the first one that counts for the process."""
        self._last_line: dict[PodProcess, int] = {}
        """Lines of the pod's access log up to the process' last scrape."""
        self._is_watching = False

    def scrape(self, times: int = 1) -> None:
        """Run the load for an interval and scrape; repeat `times` times."""
        for _ in range(times):
            self.stage.traffic.resume()
            time.sleep(self._interval_seconds)
            self.stage.traffic.pause()
            time.sleep(_SETTLE_SECONDS)
            api = KubernetesApi(self._settings.kubernetes)
            capture(self._folder, collect(api, self._settings, time.time, keep_bodies=True))
            for pod in self.running():
                process = (pod.name, pod.restarts)
                self._first_line.setdefault(process, 0 if self._is_watching else len(_lines(pod)))
                self._last_line[process] = len(_lines(pod))
            self._is_watching = True
        self.stage.traffic.resume()

    def running(self) -> list[TraefikPod]:
        """The pods whose objects are in the API."""
        listed = self.stage.api.store.listed("v1", "pods")
        names = {pod["metadata"]["name"] for pod in listed}
        return [pod for pod in self.stage.pods if pod.name in names]

    def change(self, *objects: Object) -> None:
        """Apply objects under load, and give Traefik time to load them."""
        self.stage.api.apply(objects)
        time.sleep(1)

    def delete(self, *objects: Object) -> None:
        """Delete objects under load, and give Traefik time to notice."""
        self.stage.api.delete(objects)
        time.sleep(1)

    def restart(self, pod: TraefikPod) -> None:
        """Kill a pod's process under load and restart it. Its counts since the last scrape are lost."""
        pod.kill()
        self._first_line[pod.name, pod.restarts + 1] = len(_lines(pod))
        self.stage.restart_pod(pod)

    def replace(self, pod: TraefikPod, name: str, options: TraefikOptions | None = None) -> None:
        """Remove a pod under load and add another one."""
        added = self.stage.add_pod(name, options)
        pods = self.stage.traffic.pods
        pods[pods.index(pod.ports)] = added.ports
        self.stage.remove_pod(pod)

    def finish(self, scenario: str) -> None:
        """Write truth.json, and drop the lines that no replay reads."""
        path = self._folder / "meta.json"
        meta = {**json.loads(path.read_text()), "scenario": scenario, "interval_s": self._interval_seconds}
        path.write_text(json.dumps(meta))
        for file in self._folder.glob("scrapes/*/*.gz"):
            body = gzip.decompress(file.read_bytes())
            kept = only(body, _KEPT.match) if file.name.endswith(".pb.gz") else _only_lines(body)
            file.write_bytes(gzip.compress(kept, 9, mtime=0))
        (self._folder / "truth.json").write_text(json.dumps(self._truth(), indent=1, sort_keys=True) + "\n")

    def _truth(self) -> dict[str, dict[str, Any]]:
        """The requests that a scrape could have seen, by router, by service and by route."""
        seen: dict[str, dict[str, list[LogLine]]] = {key: defaultdict(list) for key in ("rules", "services", "routes")}
        for line in self._observed():
            seen["rules"][line["RouterName"]].append(line)
            seen["routes"][f"{line['RequestHost']} {line['RequestPath']}"].append(line)
            if "ServiceName" in line:
                seen["services"][line["ServiceName"]].append({**line, "DownstreamStatus": line["OriginStatus"]})
        bounds = self.stage.play.options.buckets_seconds
        return {
            kind: {name: _counts(lines, bounds) for name, lines in by_name.items()} for kind, by_name in seen.items()
        }

    def _observed(self) -> Iterator[LogLine]:
        for pod in self.stage.pods:
            lines = _lines(pod)
            for process in (process for process in self._last_line if process[0] == pod.name):
                part = lines[self._first_line.get(process, 0) : self._last_line[process]]
                yield from (line for line in part if "RouterName" in line)


def _only_lines(text: bytes) -> bytes:
    return "".join(filter(_KEPT.match, text.decode().splitlines(keepends=True))).encode()


def _counts(lines: list[LogLine], bounds: tuple[float, ...]) -> dict[str, Any]:
    codes = Counter(str(line["DownstreamStatus"]) for line in lines)
    methods = Counter(line["RequestMethod"] for line in lines)
    seconds = [line["Duration"] / 1e9 for line in lines]
    buckets = {f"{bound:g}": sum(1 for each in seconds if each <= bound) for bound in bounds}
    return {
        "requests": len(lines),
        "codes": dict(sorted(codes.items())),
        "methods": dict(sorted(methods.items())),
        "buckets_le": {**buckets, "+Inf": len(lines)},
        "duration_seconds_sum": round(sum(seconds), 6),
    }


def _lines(pod: TraefikPod) -> list[LogLine]:
    if not pod.access_log.exists():
        return []
    return [json.loads(line) for line in pod.access_log.read_text().splitlines()]
