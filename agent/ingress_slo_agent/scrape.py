"""Scrapes every running Traefik pod in parallel."""

import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from time import time
from typing import Any, NamedTuple

from ingress_slo_agent.answers import ACCEPT
from ingress_slo_agent.certificates import Certificates
from ingress_slo_agent.fetch import Answer, FetchError, Limits, NoConnectionError, TooLargeError, fetch, without_login
from ingress_slo_agent.reading import LARGER, Reading
from ingress_slo_agent.rows import ExpositionError
from ingress_slo_agent.settings import Traefik
from slo.traefik.snapshots import MAX_PROCESSES, IngressMetrics, ProcessMetrics, UnreachablePod

_ANNOTATION = "prometheus.io/"
_SCHEMES = ("http", "https")
_MAX_PORT = 65_535
_PATH = re.compile(r"[!-~]{0,1000}")
"""Any printable ASCII: whatever it is, it is asked of the pod itself."""
_MAX_SCRAPERS = MAX_PROCESSES
"""As many as a snapshot has: a pod that is silent takes all of its time, which the others need not wait for."""


class ScrapeTarget(NamedTuple):
    """One Traefik process to scrape."""

    pod: str
    """`namespace/name`, or the URL without its password if METRICS_URLS is set."""
    url: str
    mistake: str = ""
    """Why there is no URL to scrape; empty if there is one."""


class Scrape(NamedTuple):
    """The result of one scrape. Times are Unix seconds; `date` is the answer's Date header."""

    target: ScrapeTarget
    started_at: float
    ended_at: float
    body: bytes | None = None
    """Kept only for `--capture`: the answers of many large pods would not fit into memory."""
    content_type: str = ""
    date: float = 0.0
    metrics: ProcessMetrics | None = None
    certificates: Certificates = Certificates()
    error: str = ""
    """Why the scrape failed; empty if it succeeded."""


def targets_of(pods: Iterable[dict[str, Any]], settings: Traefik) -> list[ScrapeTarget]:
    """The scrape targets: METRICS_URLS, or each running pod without the annotation `prometheus.io/scrape: "false"`."""
    if settings.urls:
        return [ScrapeTarget(without_login(url), url) for url in settings.urls]
    running = [
        pod for pod in pods if (pod.get("status") or {}).get("phase") == "Running" and pod["status"].get("podIP")
    ]
    return [_target(pod, settings) for pod in running if _annotation(pod, "scrape") != "false"]


def _annotation(pod: dict[str, Any], name: str) -> str:
    return str((pod["metadata"].get("annotations") or {}).get(_ANNOTATION + name) or "")


def _target(pod: dict[str, Any], settings: Traefik) -> ScrapeTarget:
    """The pod's own address, whatever its annotations say: whoever writes them may not send the agent elsewhere."""
    name = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
    scheme = _annotation(pod, "scheme") or _SCHEMES[0]
    port = _annotation(pod, "port") or str(settings.metrics_port)
    path = _annotation(pod, "path") or settings.metrics_path
    if scheme not in _SCHEMES:
        return ScrapeTarget(name, "", f"its annotation {_ANNOTATION}scheme is neither http nor https: {scheme[:100]!r}")
    if not (port.isascii() and port.isdecimal() and 0 < int(port[:6]) <= _MAX_PORT):
        return ScrapeTarget(name, "", f"its annotation {_ANNOTATION}port is not the number of a port: {port[:100]!r}")
    if not _PATH.fullmatch(path):
        return ScrapeTarget(name, "", f"its annotation {_ANNOTATION}path is not a path of a URL: {path[:100]!r}")
    address = pod["status"]["podIP"]
    host = f"[{address}]" if ":" in address else address
    return ScrapeTarget(name, f"{scheme}://{host}:{port}/{path.lstrip('/')}")


def scrape_all(targets: list[ScrapeTarget], settings: Traefik, *, keep_bodies: bool = False) -> list[Scrape]:
    """Scrape each target once. The results have the order of the targets.

    All answers together take as much memory while they arrive as the largest takes when it is decompressed. Traefik
    compresses them to less than a tenth.
    """
    if not targets:
        return []
    largest = settings.max_exposition_bytes
    limits = Limits(settings.scrape_timeout_seconds, largest, received_bytes=largest // len(targets))
    reading = Reading(2 * settings.scrape_timeout_seconds, 2 * largest)
    with ThreadPoolExecutor(max_workers=min(_MAX_SCRAPERS, len(targets))) as pool:
        numbers = range(len(targets))
        scrapes = list(pool.map(lambda at: _scrape(at, targets[at], limits, reading, keep_bodies), numbers))
    return [_with_metrics(scrape, reading, number) for number, scrape in enumerate(scrapes)]


def _scrape(number: int, target: ScrapeTarget, limits: Limits, reading: Reading, keep_body: bool) -> Scrape:
    """The scrape without its metrics, which `reading` keeps."""
    started_at = time()
    if target.mistake:
        return Scrape(target, started_at, started_at, error=target.mistake)
    try:
        answer = fetch(target.url, ACCEPT, limits)
        ended_at = time()
        date, content_type = _date(answer), answer.headers.get("Content-Type", "")
        body = reading.read(number, answer, pod=target.pod, date=date)
        return Scrape(target, started_at, ended_at, body if keep_body else None, content_type, date)
    except NoConnectionError as error:
        return Scrape(target, started_at, time(), error=f"{error}: is it Traefik's metrics entry point?")
    except TooLargeError as error:
        return Scrape(target, started_at, time(), error=f"{error}. {LARGER}")
    except (FetchError, ExpositionError) as error:
        return Scrape(target, started_at, time(), error=str(error))


def _date(answer: Answer) -> float:
    try:
        return parsedate_to_datetime(answer.headers["Date"]).timestamp()
    except (TypeError, ValueError, OverflowError) as error:
        raise FetchError(f"the answer has no valid Date header: {answer.headers['Date']}") from error


def _with_metrics(scrape: Scrape, reading: Reading, number: int) -> Scrape:
    if scrape.error:
        return scrape
    return scrape._replace(
        metrics=reading.kept.get(number),
        certificates=reading.certificates.get(number, Certificates()),
        error=reading.left_out.get(number, ""),
    )


def metrics_of(scrapes: Iterable[Scrape]) -> IngressMetrics:
    """The snapshot's metrics: the processes that were scraped, and the pods that could not be."""
    done = list(scrapes)
    return IngressMetrics(
        processes=tuple(scrape.metrics for scrape in done if scrape.metrics is not None),
        unreachable=tuple(
            UnreachablePod(pod=scrape.target.pod, error=scrape.error[:1000]) for scrape in done if scrape.error
        ),
    )
