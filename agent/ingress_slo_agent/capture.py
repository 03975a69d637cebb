"""Records what a run saw, so that a bug report can be replayed.

A recording holds DIR/meta.json, DIR/manifests/epoch-NN/{*.yaml,observed.json} and DIR/scrapes/POD/TIME.gz. Each run
adds to it. It contains only the objects that declare routes, and how Traefik is started: no Secrets and no Pods. Of the
objects it leaves out what may hold a password and decides no route: other annotations, and headers that filters set.
"""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import msgspec
import yaml

from ingress_slo_agent.answers import is_protobuf
from ingress_slo_agent.collect import Collected
from ingress_slo_agent.scrape import Scrape

OBSERVED = "observed.json"
"""What the agent knew besides the objects (`ingress_slo_agent.routes.Observed`)."""
_INTERVAL_SECONDS = 60
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_KEPT_METADATA = ("name", "namespace", "annotations")
_NGINX = "nginx.ingress.kubernetes.io/"
_KEPT_ANNOTATIONS = (
    "kubernetes.io/ingress.class",
    "ingressclass.kubernetes.io/",
    "networking.knative.dev/ingress.class",
    "traefik.ingress.kubernetes.io/",
    "meta.helm.sh/release-namespace",
    *(f"{_NGINX}{name}" for name in ("canary", "from-to-www-redirect", "rewrite-target", "server-alias")),
    *(f"{_NGINX}{name}" for name in ("ssl-passthrough", "use-regex")),
)
"""What decides routes, by the beginning of its name. A `configuration-snippet` may set a password."""
_HEADERS = ("requestHeaderModifier", "responseHeaderModifier", "appendHeaders")


def capture(folder: Path, collected: Collected) -> None:
    """Add one run to the recording in this folder. Raises ValueError if the run did not keep its answers."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "meta.json"
    taken_at = collected.snapshot.taken_at
    meta: dict[str, Any] = json.loads(path.read_text()) if path.exists() else _new(taken_at)
    _write_epoch(folder, meta, collected)
    meta["index"] += [_write_scrape(folder, taken_at, scrape) for scrape in collected.scrapes]
    meta["scrapes"] = len({entry["sched"] for entry in meta["index"]})
    path.write_text(json.dumps(meta, indent=1))


def _new(taken_at: float) -> dict[str, Any]:
    return {"scenario": "capture", "interval_s": _INTERVAL_SECONDS, "t0": taken_at, "epochs": [], "index": []}


def _write_epoch(folder: Path, meta: dict[str, Any], collected: Collected) -> None:
    """Write the manifests to a new folder if they differ from the last ones."""
    objects = [_bare(item) for item in collected.objects]
    text = yaml.safe_dump_all(sorted(objects, key=json.dumps), sort_keys=False)
    observed = msgspec.json.format(msgspec.json.encode(collected.observed, order="deterministic"), indent=1).decode()
    files = {"objects.yaml": text, OBSERVED: observed}
    epochs = meta["epochs"]
    if epochs and all((folder / epochs[-1]["folder"] / file).read_text() == files[file] for file in files):
        return
    name = f"manifests/epoch-{len(epochs):02d}"
    (folder / name).mkdir(parents=True)
    for file, content in files.items():
        (folder / name / file).write_text(content)
    epochs.append({"epoch": len(epochs), "time": collected.snapshot.taken_at, "folder": name})


def _bare(item: dict[str, Any]) -> dict[str, Any]:
    metadata = {key: value for key, value in item["metadata"].items() if key in _KEPT_METADATA}
    annotations = metadata.get("annotations") or {}
    metadata["annotations"] = {key: value for key, value in annotations.items() if key.startswith(_KEPT_ANNOTATIONS)}
    version = {"apiVersion": item["apiVersion"]} if "apiVersion" in item else {}
    spec = _without_headers(item.get("spec") or {})
    return {**version, "kind": item["kind"], "metadata": metadata, "spec": spec}


def _without_headers(value: Any) -> Any:
    """The value without the headers that the Gateway API and Knative set, such as `Authorization`."""
    if isinstance(value, dict):
        return {key: {} if key in _HEADERS else _without_headers(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_without_headers(each) for each in value]
    return value


def _write_scrape(folder: Path, taken_at: float, scrape: Scrape) -> dict[str, Any]:
    entry = {
        "pod": scrape.target.pod,
        "sched": taken_at,
        "t_start": scrape.started_at,
        "t_end": scrape.ended_at,
        "ok": not scrape.error,
    }
    if scrape.error:
        return {**entry, "error": scrape.error}
    if scrape.body is None:
        raise ValueError("The run did not keep the answers that a recording is made of: collect with keep_bodies=True.")
    suffix = "pb" if is_protobuf(scrape.content_type) else "prom"
    file = Path("scrapes") / _UNSAFE.sub("_", scrape.target.pod) / f"{scrape.started_at:.3f}.{suffix}.gz"
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_bytes(gzip.compress(scrape.body, mtime=0))
    return {**entry, "file": str(file), "content_type": scrape.content_type, "date": scrape.date}
