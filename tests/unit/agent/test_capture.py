"""A run records what it saw, so that a bug report can be replayed."""

from pathlib import Path

import pytest

from ingress_slo_agent.capture import capture
from ingress_slo_agent.collect import Collected
from ingress_slo_agent.routes import Observed
from ingress_slo_agent.scrape import Scrape, ScrapeTarget
from slo.traefik.snapshots import IngressMetrics, Snapshot


def collected(*scrapes: Scrape) -> Collected:
    snapshot = Snapshot(
        cluster_id="a",
        snapshot_id="b",
        agent_version="1",
        taken_at=60.0,
        sent_at=60.0,
        scope="s",
        ingress_routes=(),
        ingress_metrics=IngressMetrics(processes=()),
    )
    return Collected(snapshot, (), Observed(), (), list(scrapes))


def test_a_run_that_kept_no_answers_is_no_recording(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="keep_bodies"):
        capture(tmp_path, collected(Scrape(ScrapeTarget("ns/pod", "http://127.0.0.1/metrics"), 60.0, 60.1)))
    assert not (tmp_path / "meta.json").exists()


def test_a_pod_that_did_not_answer_is_recorded_with_its_error(tmp_path: Path) -> None:
    target = ScrapeTarget("ns/pod", "http://127.0.0.1/metrics")
    capture(tmp_path, collected(Scrape(target, 60.0, 60.1, error="no connection")))
    assert '"error": "no connection"' in (tmp_path / "meta.json").read_text()
