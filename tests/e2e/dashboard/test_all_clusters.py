"""What is set for all clusters on the page, and what the page says where origins disagree."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from e2e.dashboard.conftest import BLOG, SHOP, MakeToken, MakeVisit
from e2e.dashboard.test_for_everyone import PHONE, check_width, check_with_axe
from e2e.dashboard.visit import Visit
from e2e.dashboard.words import Language
from e2e.recorded import DOMAIN, ReaderApi
from playwright.sync_api import Locator, expect

from lab.cloud.local import Deployment

DETAIL = f"#/clusters/{SHOP}/domains/{DOMAIN}?path=%2Fslow"
TALL = {"bypass_csp": True, "viewport": {"width": 1280, "height": 1200}}
"""Axe is injected into the page, which its Content-Security-Policy would refuse."""


@pytest.fixture(scope="module")
def director(make_token: MakeToken) -> str:
    """A token that may set what is for all clusters."""
    return make_token("manage")


@pytest.fixture(scope="module")
def everywhere(deployment: Deployment, director: str) -> ReaderApi:
    """The API as the director sees what is for all clusters."""
    return ReaderApi(deployment, director, "*")


@pytest.fixture(autouse=True)
def nothing_is_set(api: ReaderApi, everywhere: ReaderApi) -> Iterator[None]:
    """Delete all objectives and exclusions after each test."""
    yield
    for each in everywhere.get("/exclusions")["exclusions"]:
        assert everywhere.call("DELETE", f"/exclusions/{each['exclusion_id']}").status_code == 204
    for each in api.get("/objectives")["objectives"]:
        names = ("cluster_id", "domain", "path_prefix")
        of = {name: each[name] for name in names if each[name] is not None}
        gone = everywhere.call("DELETE", f"/objectives/{each['name']}", params=of, headers={"If-Match": "*"})
        assert gone.status_code == 204, gone.text


def dialog(here: Visit, button: str = "objectives", level: str = "all") -> Locator:
    """Open a dialog at a level."""
    here.page.get_by_test_id(button).click()
    opened = here.page.get_by_role("dialog")
    opened.locator(f"input[name=level][value={level}]").check()
    return opened


def put(api: ReaderApi, name: str, **body: Any) -> None:
    made = api.call("PUT", f"/objectives/{name}", params=body.pop("params", {}), json={"availability": 0.95, **body})
    assert made.ok, made.text


def sources(everywhere: ReaderApi, cluster_id: str) -> set[str]:
    """The levels that the domains of a cluster are judged at."""
    domains = everywhere.get("/domains", cluster_id=cluster_id)["domains"]
    return {each["targets"]["1d"]["source"] for each in domains}


def test_an_objective_for_all_clusters_judges_the_domains_of_each(
    visit: MakeVisit, language: Language, director: str, everywhere: ReaderApi
) -> None:
    here = visit(language, **TALL).open(DETAIL).sign_in(director)
    opened = dialog(here)
    expect(opened.locator(".dialog-subject")).to_have_text(here.words["all_clusters"])
    expect(opened.get_by_test_id("objective-none")).to_contain_text(here.words["not_set"])
    expect(opened.get_by_test_id("read-only")).to_have_count(0)
    check_with_axe(here)
    here.shoot("all-clusters")
    opened.get_by_test_id("add-objective").click()
    opened.locator("input[name=availability]").fill("99.9")
    expect(opened.get_by_test_id("preview")).to_contain_text(here.words["this_cluster_only"])
    expect(opened.get_by_test_id("effect").filter(has_text=f"{DOMAIN}/slow")).to_be_visible()
    check_with_axe(here)
    opened.get_by_test_id("save-objective").click()
    expect(opened).not_to_be_visible()
    held = here.page.get_by_test_id("held")
    expect(held).to_contain_text("99.9%")
    expect(held).to_contain_text(here.words["all_clusters"])
    (kept,) = everywhere.get("/objectives")["objectives"]
    assert (kept["cluster_id"], kept["domain"], kept["availability"]) == ("*", None, 0.999)
    assert [sources(everywhere, each) for each in (SHOP, BLOG)] == [{"all"}, {"all"}]
    opened = dialog(here, level="domain")
    expect(opened.get_by_test_id("objective-none")).to_contain_text(here.words["of_all_clusters"])
    opened.locator("input[name=level][value=all]").check()
    expect(opened.get_by_test_id("objective")).to_have_count(1)
    opened.get_by_test_id("objective-changes").locator("summary").click()
    expect(opened.get_by_test_id("objective-changes").get_by_role("listitem").first).to_contain_text("99.9%")
    opened.locator("input[name=level][value=cluster]").check()
    expect(opened.get_by_test_id("objective")).to_have_count(0)
    here.page.keyboard.press("Escape")
    here.page.get_by_test_id("toasts").get_by_role("button", name=here.words["undo"], exact=True).last.click()
    expect(here.page.get_by_test_id("toasts")).to_contain_text(here.words["undone"])
    assert everywhere.get("/objectives")["objectives"] == []


def test_a_token_for_some_clusters_reads_what_is_for_all_and_the_page_says_why(
    visit: MakeVisit, language: Language, manager: str, everywhere: ReaderApi
) -> None:
    put(everywhere, "usual", availability=0.98)
    reason = {"from": "2026-11-01T00:00:00Z", "to": "2026-11-01T01:00:00Z", "reason": "the provider was down"}
    assert everywhere.call("POST", "/exclusions", json=reason).status_code == 201
    here = visit(language, **TALL).open(DETAIL).sign_in(manager)
    opened = dialog(here)
    expect(opened.get_by_test_id("objective")).to_contain_text("98%")
    expect(opened.get_by_test_id("read-only")).to_contain_text(here.words["some_clusters_only"])
    for button in ("add-objective", "edit-objective", "follow-objective"):
        expect(opened.get_by_test_id(button)).to_have_count(0)
    check_with_axe(here)
    here.shoot("all-clusters-read-only")
    opened.locator("input[name=level][value=cluster]").check()
    expect(opened.get_by_test_id("read-only")).to_have_count(0)
    expect(opened.get_by_test_id("add-objective")).to_be_visible()
    here.page.keyboard.press("Escape")
    opened = dialog(here, "exclude")
    expect(opened.get_by_test_id("exclusion")).to_contain_text("the provider was down")
    expect(opened.get_by_test_id("read-only")).to_contain_text(here.words["some_clusters_only"])
    for part in ("remove", "save"):
        expect(opened.get_by_test_id(part)).to_have_count(0)
    check_with_axe(here)


def test_a_time_is_excluded_in_all_clusters_and_counts_again(
    visit: MakeVisit, language: Language, director: str, everywhere: ReaderApi, clusters: dict[str, float]
) -> None:
    here = visit(language, **TALL).open(DETAIL).sign_in(director)
    opened = dialog(here, "exclude")
    for name, at in (("from", clusters[SHOP] - 7_200), ("to", clusters[SHOP] + 60)):
        opened.locator(f"input[name={name}]").fill(f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M}")
    opened.locator("input[name=reason]").fill("the provider was down")
    opened.get_by_test_id("save").click()
    expect(opened).not_to_be_attached()
    (made,) = everywhere.get("/exclusions")["exclusions"]
    assert (made["cluster_id"], made["domain"]) == ("*", None)
    assert everywhere.get("/exclusions", cluster_id=BLOG)["exclusions"] == [made]
    opened = dialog(here, "exclude", "route")
    expect(opened.get_by_test_id("exclusion")).to_contain_text(here.words["all_clusters"])
    for _ in range(2):
        opened.get_by_test_id("exclusion").get_by_test_id("remove").click()
    expect(opened.get_by_test_id("exclusions-none")).to_be_visible()
    assert everywhere.get("/exclusions")["exclusions"] == []


def test_the_page_says_which_origin_holds_where_they_disagree(
    visit: MakeVisit, language: Language, manager: str, api: ReaderApi
) -> None:
    of = {"domain": DOMAIN, "path_prefix": "/slow"}
    put(api, "agreed", params=of, availability=0.995, period="month", origin="file")
    put(api, "wished", params=of, availability=0.9)
    here = visit(language, **TALL).open(DETAIL).sign_in(manager)
    wanted = re.compile(f"{here.words['file_holds']}.*99.5%.*{here.words['page_promises']}.*90%")
    told = here.page.get_by_test_id("held").get_by_test_id("disagreement")
    expect(told).to_contain_text("90%")
    expect(told).to_have_attribute("title", wanted)
    opened = dialog(here, level="route")
    expect(opened.get_by_test_id("disagreement")).to_have_text(wanted)
    check_with_axe(here)
    here.shoot("origins-disagree")
    opened.locator("[data-name=wished]").get_by_test_id("edit-objective").click()
    opened.locator("input[name=availability]").fill("99.5")
    opened.locator("select[name=period]").select_option("month")
    opened.locator("input[name=time_zone]").fill("UTC")
    opened.get_by_test_id("save-objective").click()
    expect(opened).not_to_be_visible()
    expect(told).to_have_count(0)


@pytest.mark.parametrize("spoken", ["en", "zh", "ja"])
def test_the_levels_fit_a_phone(visit: MakeVisit, director: str, spoken: str) -> None:
    here = visit(spoken, **PHONE).open(DETAIL)
    here.page.locator("input[type=password]").fill(director)
    here.page.keyboard.press("Enter")
    opened = dialog(here)
    expect(opened.get_by_test_id("objective-none")).to_be_visible()
    check_width(here)
    assert opened.evaluate("(element) => element.scrollWidth <= element.clientWidth"), "a level is cut off"
    here.shoot("phone-all-clusters")
