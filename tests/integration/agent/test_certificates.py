"""A real Traefik names its certificates, the oldest version and the newest one, and goes on to name replaced ones."""

import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from ingress_slo_agent.answers import certificates
from ingress_slo_agent.certificates import FAMILY, expiring
from ingress_slo_agent.collect import collect
from ingress_slo_agent.settings import from_environment
from lab.cluster.api import StandInApi
from lab.traefik.process import TraefikPod
from lab.traefik.profiles import LAB, TraefikOptions
from lab.traefik.versions import BINARY, binary, versions
from lab.trial.certificates import Certificate, self_signed

DAY = 86_400


def made(folder: Path, name: str, days: int) -> Certificate:
    (folder / name).mkdir()
    served = ("shop.example.com", "www.shop.example.com")
    return self_signed(folder / name, common_name="shop.example.com", names=served, days=days)


def serve(file: Path, listed: Iterable[Certificate]) -> None:
    """Traefik reloads the file whenever it changes. It never sees a half-written one."""
    files = [{"certFile": str(each.certificate), "keyFile": str(each.key)} for each in listed]
    part = file.with_suffix(".part")
    part.write_text(json.dumps({"tls": {"certificates": files}}))
    part.rename(file)


def until(is_done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_done():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.parametrize("is_newest", [True, False], ids=["newest", "oldest"])
def test_a_renewed_certificate_is_told_of_until_it_is_renewed(tmp_path: Path, *, is_newest: bool) -> None:
    executable = BINARY if is_newest else binary(versions()[0])
    old, new = made(tmp_path, "old", 5), made(tmp_path, "new", 90)
    file = tmp_path / "routes.yaml"
    serve(file, [old])
    options = TraefikOptions(profile=LAB, binary=executable, extra=(f"--providers.file.filename={file}",))
    with StandInApi([]) as api:
        pod = TraefikPod("traefik-a", api.url, tmp_path, options)
        pod.start()
        url = f"http://127.0.0.1:{pod.metrics_port}/metrics"
        environ = {"CLUSTER_ID": "c1", "METRICS_URLS": url, "TRAEFIK_API": "off", "ENDPOINT": "https://x", "TOKEN": "t"}

        def series() -> int:
            return pod.scrape()[1].count(f"\n{FAMILY}{{")

        try:
            until(lambda: series() == 1)
            (found,) = collect(None, from_environment(environ), time.time).snapshot.certificates
            assert (found.common_name, found.alternative_names) == (
                "shop.example.com",
                ("shop.example.com", "www.shop.example.com"),
            )
            assert found.not_after == pytest.approx(time.time() + 5 * DAY, abs=60)
            plain = certificates(pod.scrape()[1].encode(), "text/plain", now=time.time())
            assert expiring([plain]) == (found,)
            serve(file, [new])
            until(lambda: series() == 2)
            assert collect(None, from_environment(environ), time.time).snapshot.certificates == ()
        finally:
            pod.kill()
