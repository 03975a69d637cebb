"""What was not seen: the times and the pods, the requests that were counted afterwards, and their points."""

import gzip
import re
import time
from typing import Any

import msgspec
import pytest
import requests
from e2e.dashboard import figures
from e2e.dashboard.conftest import MakeToken, MakeVisit
from e2e.dashboard.test_for_everyone import check_with_axe
from e2e.dashboard.visit import Visit
from e2e.dashboard.words import Language
from e2e.recorded import booked_by, rolled_up
from integration.use_cases import process, route, row, snapshot
from playwright.sync_api import expect

from lab.cloud.local import Cloud, Deployment
from slo.traefik import snapshots
from slo.traefik.snapshots import IngressMetrics, UnreachablePod

GAPS = "gaps"
ROUTE = route("shop.example.com")
DETAIL = f"#/clusters/{GAPS}/domains/shop.example.com"
STEP_SECONDS, STEPS = 120, 60
AWAY = range(16, 31)
"""The steps in which pod b is not seen, and comes back."""
LOST_FROM = 50
"""The step from which pod c does not answer."""


@pytest.fixture(scope="module", autouse=True)
def pushed(cloud: Cloud, deployment: Deployment, make_token: MakeToken) -> float:
    """Push two hours in which pod b is away for half an hour, and pod c does not answer in the end."""
    ends_at = booked_by(time.time()) - 1
    token, started = make_token("ingest", GAPS), ends_at - 2 * STEPS * STEP_SECONDS
    for step in range(STEPS + 1):
        at = ends_at - (STEPS - step) * STEP_SECONDS
        alive = ["a", *([] if step in AWAY else ["b"]), *([] if step >= LOST_FROM else ["c"])]
        rows = [row(ROUTE.router_keys[0], 100 * step, step)] if step else []
        processes = tuple(process(rows, at, started, pod=f"traefik/{pod}") for pod in alive)
        missing = tuple(UnreachablePod(pod="traefik/c", error="no route") for _ in range(step >= LOST_FROM))
        sent = msgspec.structs.replace(
            snapshot(at, [], (ROUTE,)),
            cluster_id=GAPS,
            sent_at=time.time(),
            ingress_metrics=IngressMetrics(processes=processes, unreachable=missing),
        )
        answer = requests.post(
            f"{deployment.api_url}/api/v2/clusters/{GAPS}/snapshots",
            data=gzip.compress(snapshots.encode(sent)),
            headers={"Authorization": f"Bearer {token}", "Content-Type": snapshots.CONTENT_TYPE},
            timeout=60,
        )
        assert answer.status_code == 202, answer.text
    return rolled_up(cloud, deployment, GAPS, ends_at)


@pytest.fixture
def gaps_reader(make_token: MakeToken) -> str:
    return make_token("read", GAPS)


@pytest.fixture
def here(visit: MakeVisit, language: Language, gaps_reader: str) -> Visit:
    """The detail page of the domain."""
    opened = visit(language, viewport={"width": 1280, "height": 1200}).open(DETAIL).sign_in(gaps_reader)
    expect(opened.page.get_by_test_id("chart-availability").locator("canvas")).to_be_visible()
    return opened


def late(here: Visit) -> dict[str, Any]:
    """The only point that holds requests of a gap."""
    points = here.answer("/domains/shop.example.com/history")["points"]
    (point,) = [point for point in points if point["requests_after_gap"]]
    assert (point["requests_after_gap"], point["errors_after_gap"]) == (1616, 16)
    found: dict[str, Any] = point
    return found


def test_the_detail_says_which_pods_were_not_seen_and_when(here: Visit) -> None:
    late(here)
    block = here.page.get_by_test_id("gaps")
    summary = block.locator("summary")
    expect(summary).to_contain_text(re.compile(here.words["gaps"].format(2)))
    expect(summary).to_contain_text(re.compile(r"1,616\D+16\b"))
    summary.focus()
    here.page.keyboard.press("Enter")
    lines = block.get_by_role("listitem")
    expect(lines).to_have_count(2)
    expect(lines.nth(0)).to_contain_text(re.compile(r"traefik/b .*\d\d:\d\d.*\d\d:\d\d.* \(32\s?\D"))
    expect(lines.nth(1)).to_contain_text(here.words["gap_since"])
    expect(lines.nth(1)).to_contain_text("traefik/c")
    expect(block).to_contain_text(here.words["nobody_knows"])
    coverage = here.answer("/domains/shop.example.com")["domain"]["summary"]["coverage"]
    expect(here.page.get_by_test_id("figure-budget")).to_contain_text(figures.percent(coverage))
    here.shoot("gaps")


def test_charts_mark_the_points_that_hold_requests_of_a_gap(here: Visit) -> None:
    point = late(here)
    chart = here.page.get_by_test_id("chart-requests_per_sec")
    expect(chart.get_by_role("img")).to_have_attribute("aria-label", re.compile(here.words["one_point"]))
    expect(here.page.get_by_test_id("after-gap-legend")).to_be_visible()
    points = here.answer("/domains/shop.example.com/history")["points"]
    chart.get_by_role("img").focus()
    for _ in range(len(points) - points.index(point)):
        here.page.keyboard.press("ArrowLeft")
    expect(chart.get_by_role("status")).to_contain_text(re.compile(r"1,616\D+16\b"))
    here.shoot("gaps-mark")
    here.page.keyboard.press("ArrowLeft")
    here.page.keyboard.press("ArrowLeft")
    here.page.keyboard.press("ArrowLeft")
    expect(chart.get_by_role("status")).not_to_contain_text("1,616")
    here.page.get_by_text(here.words["as_table"]).click()
    table = here.page.get_by_role("region", name=here.words["as_table"]).get_by_role("row")
    expect(table.filter(has_text=re.compile(r"1,616\D+16\b"))).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_mark_is_seen_in_light_and_dark_and_is_accessible(visit: MakeVisit, gaps_reader: str, scheme: str) -> None:
    here = visit(color_scheme=scheme, bypass_csp=True, viewport={"width": 1280, "height": 1200})
    here.open(DETAIL).sign_in(gaps_reader)
    marked = here.page.get_by_test_id("chart-requests_per_sec").locator("canvas")
    expect(marked).to_be_visible()
    here.page.get_by_test_id("gaps").locator("summary").click()
    check_with_axe(here)
    here.shoot(f"gaps-{scheme}")


def test_the_list_hints_that_not_all_was_observed(visit: MakeVisit, language: Language, gaps_reader: str) -> None:
    here = visit(language).open(f"#/clusters/{GAPS}").sign_in(gaps_reader)
    coverage = here.answer("/domains")["domains"][0]["summary"]["coverage"]
    assert coverage < 1
    expect(here.page.get_by_test_id("coverage-hint")).to_contain_text(figures.percent(coverage))
    here.shoot("gaps-list")
