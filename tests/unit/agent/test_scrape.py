"""Which processes are scraped: the running pods, each at its own address, whatever its annotations say."""

from typing import Any

import pytest

from ingress_slo_agent.scrape import ScrapeTarget, scrape_all, targets_of
from ingress_slo_agent.settings import Traefik

SETTINGS = Traefik()


def pod(address: str = "10.42.0.7", phase: str = "Running", **annotations: str) -> dict[str, Any]:
    named = {f"prometheus.io/{name}": value for name, value in annotations.items()}
    metadata = {"namespace": "traefik", "name": "traefik-a", "annotations": named}
    return {"metadata": metadata, "status": {"phase": phase, "podIP": address}}


def url(**annotations: str) -> str:
    (target,) = targets_of([pod(**annotations)], SETTINGS)
    return target.url


def test_a_pod_is_scraped_where_its_annotations_say() -> None:
    assert url() == "http://10.42.0.7:9100/metrics"
    assert url(port="8082", path="/m?a=b", scheme="https") == "https://10.42.0.7:8082/m?a=b"
    assert url(address="fd00::7") == "http://[fd00::7]:9100/metrics"


def test_a_pod_that_does_not_run_or_does_not_want_it_is_not_scraped() -> None:
    assert targets_of([pod(phase="Pending"), pod(address=""), pod(scrape="false")], SETTINGS) == []


@pytest.mark.parametrize(
    ("annotations", "reason"),
    [
        ({"port": "9100@169.254.169.254:80"}, "prometheus.io/port"),
        ({"port": "9100/x"}, "prometheus.io/port"),
        ({"port": "0"}, "prometheus.io/port"),
        ({"port": "65536"}, "prometheus.io/port"),
        ({"port": "9" * 5000}, "prometheus.io/port"),
        ({"port": "²"}, "prometheus.io/port"),
        ({"scheme": "https://169.254.169.254/?"}, "prometheus.io/scheme"),
        ({"scheme": "file"}, "prometheus.io/scheme"),
        ({"path": "/metrics\r\nHost: 169.254.169.254"}, "prometheus.io/path"),
        ({"path": "/metrics HTTP/1.1"}, "prometheus.io/path"),
        ({"path": "/m\u00e9trics"}, "prometheus.io/path"),
        ({"path": "/\x00"}, "prometheus.io/path"),
        ({"path": "/" + "p" * 2_000}, "prometheus.io/path"),
    ],
)
def test_an_annotation_names_no_other_host(annotations: dict[str, str], reason: str) -> None:
    (scrape,) = scrape_all(targets_of([pod(**annotations)], SETTINGS), SETTINGS)
    assert scrape.metrics is None
    assert f"its annotation {reason} is" in scrape.error


def test_a_path_never_changes_the_host() -> None:
    for path in ("@169.254.169.254/", "//169.254.169.254/", "http://169.254.169.254/", "\\169.254.169.254"):
        assert url(path=path).startswith("http://10.42.0.7:9100/")


def test_fixed_urls_are_scraped_instead_and_named_without_their_password() -> None:
    settings = Traefik(metrics_urls="http://a.example.com/metrics, https://me:secret@b.example.com:8443/metrics?x=@")
    assert targets_of([pod()], settings) == [
        ScrapeTarget("http://a.example.com/metrics", "http://a.example.com/metrics"),
        ScrapeTarget("https://b.example.com:8443/metrics?x=@", "https://me:secret@b.example.com:8443/metrics?x=@"),
    ]
