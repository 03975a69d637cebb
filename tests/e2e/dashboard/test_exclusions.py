"""A time is excluded on the page: figures leave it out, charts hatch it with its reason, and it counts again."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from e2e.dashboard.conftest import SHOP, MakeVisit
from e2e.dashboard.test_for_everyone import check_with_axe
from e2e.dashboard.visit import Visit
from e2e.dashboard.words import Language
from e2e.recorded import DOMAIN, ReaderApi, truth
from playwright.sync_api import Locator, expect

DETAIL = f"#/clusters/{SHOP}/domains/{DOMAIN}"
REASON = "DDoS & co."


@pytest.fixture(autouse=True)
def everything_counts(api: ReaderApi) -> Iterator[None]:
    """Undo all exclusions after each test."""
    yield
    for each in api.get("/exclusions")["exclusions"]:
        assert api.call("DELETE", f"/exclusions/{each['exclusion_id']}").status_code == 204


@pytest.fixture
def here(visit: MakeVisit, language: Language, manager: str) -> Visit:
    """The detail page of a path, for a user who may exclude times."""
    opened = visit(language, bypass_csp=True, viewport={"width": 1280, "height": 1200})
    return opened.open(f"{DETAIL}?path=%2Fapi").sign_in(manager)


def dialog(here: Visit, button: str = "exclude") -> Locator:
    here.page.get_by_test_id(button).click()
    opened = here.page.get_by_test_id("exclusions-dialog")
    expect(opened.get_by_test_id("exclusion").or_(opened.get_by_test_id("exclusions-none")).first).to_be_visible()
    return opened


def minute(time: float) -> str:
    """A time as a field of the page has it."""
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%dT%H:%M}"


def expect_counted(here: Visit, *paths: str) -> None:
    """Expect exactly the requests of these paths of the domain."""
    expected = truth(*paths)
    expect(here.page.get_by_test_id("figure-requests")).to_contain_text(str(expected["requests"]))
    expect(here.page.get_by_test_id("figure-errors")).to_contain_text(str(expected["errors"]))


def test_a_time_is_excluded_hatched_and_counts_again(here: Visit, clusters: dict[str, float]) -> None:
    opened = dialog(here)
    opened.get_by_test_id("save").click()
    expect(opened.get_by_test_id("error-from")).to_be_visible()
    expect(opened.get_by_test_id("error-reason")).to_be_visible()
    check_with_axe(here)
    opened.locator("input[name=from]").fill(minute(clusters[SHOP] - 7_200))
    opened.locator("input[name=to]").fill(minute(clusters[SHOP] + 60))
    opened.locator("input[name=reason]").fill(REASON)
    opened.get_by_test_id("save").click()
    expect(opened).not_to_be_attached()
    expect(here.page.get_by_test_id("exclude")).to_be_focused()
    here.open(DETAIL)
    expect_counted(here, "/", "/slow")
    chart = here.page.get_by_test_id("chart-requests_per_sec")
    expect(chart.locator("canvas")).to_be_visible()
    expect(chart.get_by_role("img")).to_have_attribute("aria-label", re.compile(re.escape(REASON)))
    expect(here.page.get_by_test_id("excluded-legend")).to_be_visible()
    here.page.get_by_test_id("excluded").locator("summary").click()
    expect(here.page.get_by_test_id("excluded").get_by_role("listitem").first).to_contain_text(REASON)
    check_with_axe(here)
    here.shoot("excluded")
    opened = dialog(here)
    check_with_axe(here)
    here.shoot("exclusions")
    expect(opened.get_by_test_id("exclusion")).to_contain_text(f"{DOMAIN}/api")
    for _ in range(2):
        opened.get_by_test_id("exclusion").get_by_test_id("remove").click()
    expect(opened.get_by_test_id("exclusions-none")).to_be_visible()
    here.page.keyboard.press("Escape")
    expect_counted(here)
    expect(here.page.get_by_test_id("excluded")).to_have_count(0)


def test_a_zoomed_window_is_excluded_as_it_is(here: Visit, api: ReaderApi, clusters: dict[str, float]) -> None:
    start = int(clusters[SHOP]) // 300 * 300 - 3_600
    window = f"from={start}&to={start + 1_800}"
    expect(here.page.get_by_test_id("exclude")).to_be_visible()
    here.open(f"{DETAIL}?{window}")
    opened = dialog(here, "exclude-this")
    expect(opened.locator("input[name=from]")).to_have_value(minute(start))
    expect(opened.locator("input[name=to]")).to_have_value(minute(start + 1_800))
    opened.locator("select[name=recurs]").select_option("weekly")
    opened.locator("input[name=time_zone]").fill("Europe/Berlin")
    opened.locator("input[name=reason]").fill(REASON)
    opened.locator("input[name=level][value=cluster]").check()
    opened.get_by_test_id("save").click()
    expect(opened).not_to_be_attached()
    (made,) = api.get("/exclusions")["exclusions"]
    assert (made["domain"], made["rule"], made["time_zone"]) == (None, "FREQ=WEEKLY", "Europe/Berlin")
    assert datetime.fromisoformat(made["from"]).timestamp() == start


def test_who_may_only_read_sees_no_way_to_exclude(visit: MakeVisit, reader: str) -> None:
    here = visit().open(DETAIL).sign_in(reader)
    expect(here.page.get_by_test_id("objectives")).to_be_visible()
    expect(here.page.get_by_test_id("exclude")).to_have_count(0)


def test_a_changed_promise_is_marked_where_it_changed(here: Visit, api: ReaderApi) -> None:
    subject = {"domain": DOMAIN, "path_prefix": "/api"}
    made = api.call("PUT", "/objectives/monthly", params=subject, json={"availability": 0.999})
    assert made.ok, made.text
    try:
        here.page.get_by_test_id("objectives").click()
        changes = here.page.get_by_test_id("objective-changes")
        changes.locator("summary").click()
        expect(changes.get_by_role("listitem").first).to_contain_text("99.9%")
        expect(changes.get_by_role("listitem").first).to_contain_text("manage of the tests")
        check_with_axe(here)
    finally:
        gone = api.call("DELETE", "/objectives/monthly", params=subject, headers={"If-Match": "*"})
    assert gone.status_code == 204
