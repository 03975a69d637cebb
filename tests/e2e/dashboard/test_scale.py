"""A cluster of a thousand domains and five thousand paths. The page draws and requests only what is in view."""

import copy
import json
from typing import Any

import pytest
from e2e.dashboard.conftest import SHOP, MakeVisit
from e2e.dashboard.visit import Visit
from e2e.recorded import DOMAIN, ReaderApi
from playwright.sync_api import expect

DOMAINS, ROUTES = 1_000, 5
_MOST_ROWS = 60
_MOST_NODES = 6_000
_MOST_TRENDS = 120


def large(answer: dict[str, Any]) -> dict[str, Any]:
    """A small cluster's answer, with its domain repeated under other names."""
    (template,) = (domain for domain in answer["domains"] if domain["domain"] == DOMAIN)
    domains = []
    for number in range(DOMAINS):
        domain = copy.deepcopy(template)
        domain["domain"] = f"d{number:04}.example.com"
        route = domain["routes"][0]
        domain["routes"] = [{**copy.deepcopy(route), "path_prefix": f"/p{each}"} for each in range(ROUTES)]
        domains.append(domain)
    overview = {**answer["overview"], "total_domains": DOMAINS, "total_routes": DOMAINS * ROUTES}
    return {**answer, "overview": overview, "total": DOMAINS, "domains": domains, "unattributed": []}


@pytest.fixture
def here(visit: MakeVisit, reader: str, api: ReaderApi) -> Visit:
    """The list of the large cluster."""
    domains = json.dumps(large(api.get("/domains")))
    history = json.dumps(api.get(f"/domains/{DOMAIN}/history"))

    def answer(body: str) -> Any:
        return lambda route: route.fulfill(status=200, content_type="application/json", body=body)

    opened = visit()
    opened.page.route("**/api/v2/slo/domains?*", answer(domains))
    opened.page.route("**/api/v2/slo/domains/*/history?*", answer(history))
    opened.open(f"#/clusters/{SHOP}?sort=name").sign_in(reader)
    expect(opened.row("d0000.example.com")).to_be_visible()
    return opened


def check_bounds(here: Visit) -> None:
    assert here.rows().count() <= _MOST_ROWS
    assert here.page.evaluate("() => document.getElementsByTagName('*').length") <= _MOST_NODES
    assert len([request for request in here.requests if "/history?" in request.url]) <= _MOST_TRENDS


def test_only_what_is_in_sight_is_drawn_and_asked_for(here: Visit) -> None:
    check_bounds(here)
    here.page.get_by_role("button", name=here.words["expand_all"]).click()
    expect(here.row("d0000.example.com", "/p4")).to_be_visible()
    expect(here.page.get_by_role("treegrid")).to_have_attribute("aria-rowcount", str(DOMAINS * (1 + ROUTES) + 1))
    check_bounds(here)
    here.shoot("large")
    here.page.mouse.wheel(0, 10_000_000)
    expect(here.row("d0999.example.com", "/p4")).to_be_visible()
    check_bounds(here)


def test_one_of_a_thousand_is_found_by_name_and_by_keyboard(here: Visit) -> None:
    field = here.page.get_by_role("textbox", name=here.words["search"])
    field.fill("d0777")
    expect(here.rows()).to_have_count(1)
    expect(here.row("d0777.example.com")).to_be_visible()
    field.fill("")
    expect(here.row("d0000.example.com")).to_be_visible()
    here.rows().first.focus()
    here.page.keyboard.press("End")
    expect(here.row("d0999.example.com")).to_be_focused()
    check_bounds(here)


def test_a_large_list_that_comes_again_keeps_its_place(here: Visit) -> None:
    here.page.get_by_role("button", name=here.words["expand_all"]).click()
    here.page.mouse.wheel(0, 100_000)
    expect(here.row("d0001.example.com")).to_have_count(0)
    names = here.names()
    with here.page.expect_response("**/api/v2/slo/domains?*"):
        here.page.get_by_role("button", name=here.words["refresh"]).click()
    expect(here.page.get_by_test_id("freshness")).to_have_attribute("data-loading", "false")
    assert here.names() == names
    check_bounds(here)
