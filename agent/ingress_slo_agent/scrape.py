"""Scrapes every running Traefik pod in parallel."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from time import time
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests

from ingress_slo_agent.exposition import ExpositionError, parse
from ingress_slo_agent.settings import Traefik
from slo.traefik.snapshots import IngressMetrics, ProcessMetrics, UnreachablePod

_ANNOTATION = "prometheus.io/"
_MAX_SCRAPERS = 16
MAX_EXPOSITION_BYTES = 256 * 1024 * 1024


class ScrapeTarget(NamedTuple):
    """One Traefik process to scrape."""

    pod: str
    """`namespace/name`, or the URL if METRICS_URLS is set."""
    url: str


class Scrape(NamedTuple):
    """The result of one scrape. Times are Unix seconds; `date` is the answer's Date header."""

    target: ScrapeTarget
    started_at: float
    ended_at: float
    text: bytes | None = None
    """Kept only for `--capture`: the texts of many large pods would not fit into memory."""
    date: float = 0.0
    metrics: ProcessMetrics | None = None
    error: str = ""
    """Why the scrape failed; empty if it succeeded."""


def targets_of(pods: Iterable[dict[str, Any]], settings: Traefik) -> list[ScrapeTarget]:
    """The scrape targets: METRICS_URLS, or each running pod without the annotation `prometheus.io/scrape: "false"`."""
    if settings.urls:
        return [ScrapeTarget(url, url) for url in settings.urls]
    running = [
        pod for pod in pods if (pod.get("status") or {}).get("phase") == "Running" and pod["status"].get("podIP")
    ]
    return [_target(pod, settings) for pod in running if _annotation(pod, "scrape") != "false"]


def _annotation(pod: dict[str, Any], name: str) -> str:
    return str((pod["metadata"].get("annotations") or {}).get(_ANNOTATION + name) or "")


def _target(pod: dict[str, Any], settings: Traefik) -> ScrapeTarget:
    address = pod["status"]["podIP"]
    host = f"[{address}]" if ":" in address else address
    scheme = _annotation(pod, "scheme") or "http"
    port = _annotation(pod, "port") or settings.metrics_port
    path = _annotation(pod, "path") or settings.metrics_path
    name = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
    return ScrapeTarget(name, f"{scheme}://{host}:{port}/{path.lstrip('/')}")


def scrape_all(targets: list[ScrapeTarget], settings: Traefik, *, keep_texts: bool = False) -> list[Scrape]:
    """Scrape each target once. The results have the order of the targets."""
    if not targets:
        return []
    with ThreadPoolExecutor(max_workers=min(_MAX_SCRAPERS, len(targets))) as pool:
        return list(pool.map(lambda target: _scrape(target, settings.scrape_timeout_seconds, keep_texts), targets))


def _scrape(target: ScrapeTarget, timeout_seconds: float, keep_text: bool) -> Scrape:
    started_at = time()
    try:
        answer = requests.get(target.url, timeout=timeout_seconds, headers={"Accept": "text/plain; version=0.0.4"})
        answer.raise_for_status()
        text = answer.content
        date = parsedate_to_datetime(answer.headers["Date"]).timestamp()
        metrics = parse(text, pod=target.pod, date=date)
    except (requests.RequestException, ExpositionError) as error:
        return Scrape(target, started_at, time(), error=_reason(target, error))
    except (KeyError, ValueError) as error:
        return Scrape(target, started_at, time(), error=f"the answer has no valid Date header: {error}")
    return Scrape(target, started_at, time(), text if keep_text else None, date, metrics)


def _reason(target: ScrapeTarget, error: Exception) -> str:
    if isinstance(error, requests.ConnectionError):
        port = urlsplit(target.url).port
        return f"no connection to port {port}: is it Traefik's metrics entry point? ({type(error).__name__})"
    return f"{type(error).__name__}: {error}"


def metrics_of(scrapes: Iterable[Scrape]) -> IngressMetrics:
    """The snapshot's metrics: the processes that were scraped, and the pods that could not be."""
    done = list(scrapes)
    return IngressMetrics(
        processes=tuple(scrape.metrics for scrape in done if scrape.metrics is not None),
        unreachable=tuple(
            UnreachablePod(pod=scrape.target.pod, error=scrape.error[:1000]) for scrape in done if scrape.error
        ),
    )
