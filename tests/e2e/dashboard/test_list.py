"""The list of domains with their paths, compared with the API and the access log."""

import re
from typing import Any

import pytest
from e2e.dashboard import figures
from e2e.dashboard.conftest import BLOG, SHOP, SILENT, MakeVisit
from e2e.dashboard.visit import Visit, expect_status, figure
from e2e.dashboard.words import Language
from e2e.recorded import DOMAIN, PATHS, truth
from playwright.sync_api import Route, expect

OTHER = "blog.example.com"
LIST = f"#/clusters/{SHOP}"


@pytest.fixture
def here(visit: MakeVisit, language: Language, reader: str) -> Visit:
    """The list of the cluster `shop`, just opened."""
    opened = visit(language).open(LIST).sign_in(reader)
    expect(opened.row(DOMAIN)).to_be_visible()
    return opened


def test_each_domain_and_path_shows_the_figures_of_the_api(here: Visit) -> None:
    here.page.get_by_role("button", name=here.words["expand_all"]).click()
    answer = here.answer("/domains")
    for domain in answer["domains"]:
        row = here.row(domain["domain"])
        check(here, row, domain, domain["summary"])
        for route in domain["routes"]:
            check(here, here.row(domain["domain"], route["path_prefix"]), route, route["current"])
    expect(here.rows()).to_have_count(len(answer["domains"]) + answer["overview"]["total_routes"])
    here.shoot("list")


def check(here: Visit, row: Any, reported: dict[str, Any], metrics: dict[str, Any]) -> None:
    for name, text in figures.of(metrics).items():
        expect(figure(row, name)).to_have_text(text)
    target = reported["targets"]["1d"]
    expect(row.get_by_test_id("cell-availability")).to_contain_text(f"≥ {target['availability'] * 100:g}%")
    expect(row.get_by_test_id("cell-p95")).to_contain_text(f"≤ {target['p95_latency']:g}\u00a0ms")
    expect(row.get_by_test_id("cell-budget")).to_contain_text(figures.budget(reported["error_budget_remaining"]))
    expect_status(row, reported["status"], here.words[reported["status"]])


def test_the_domain_is_the_sum_of_its_paths_as_the_access_log_has_it(here: Visit) -> None:
    expected = truth()
    expect(here.row(DOMAIN).get_by_test_id("cell-rate").locator(".sub")).to_contain_text(str(expected["requests"]))
    expect(here.row(DOMAIN).get_by_test_id("cell-errors")).to_contain_text(str(expected["errors"]))
    here.page.get_by_role("button", name=here.words["expand_all"]).click()
    for path in PATHS:
        shown = here.row(DOMAIN, path).get_by_test_id("cell-rate").locator(".sub")
        expect(shown).to_contain_text(str(truth(path)["requests"]))


def test_a_domain_without_https_is_marked(here: Visit) -> None:
    scheme = here.row(DOMAIN).get_by_test_id("scheme")
    expect(scheme).to_have_attribute("aria-label", here.words["plain_http"])


def test_the_cards_say_how_the_cluster_is(here: Visit) -> None:
    overview = here.answer("/domains")["overview"]
    alerts = overview["critical"] + overview["warning"]
    cards = {
        "domains": str(overview["total_domains"]),
        "availability": figures.percent(overview["average_availability"]),
        "p95": figures.milliseconds(overview["p95_latency"]),
        "requests": figures.rate(overview["requests_per_sec"]),
        "alerts": str(alerts),
    }
    for name, text in cards.items():
        expect(here.page.get_by_test_id(f"card-{name}").locator(".card-value")).to_have_text(text)


def test_each_row_has_its_trend(here: Visit) -> None:
    expect(here.row(DOMAIN).locator(".cell-trend svg")).to_be_visible()
    assert any("time_range=1d" in query for query in here.asked(f"/domains/{DOMAIN}/history"))


def test_paths_are_shown_and_hidden_and_the_page_remembers(here: Visit) -> None:
    here.page.get_by_role("button", name=here.words["expand"].format(DOMAIN)).click()
    expect(here.row(DOMAIN)).to_have_attribute("aria-expanded", "true")
    expect(here.rows()).to_have_count(2 + len(PATHS))
    here.page.reload()
    expect(here.row(DOMAIN, "/slow")).to_be_visible()
    here.page.get_by_role("button", name=here.words["collapse"].format(DOMAIN)).click()
    expect(here.rows()).to_have_count(2)
    here.page.get_by_role("button", name=here.words["expand_all"]).click()
    expect(here.rows()).to_have_count(2 + len(PATHS) + 2)
    here.page.get_by_role("button", name=here.words["collapse_all"]).click()
    expect(here.rows()).to_have_count(2)


def test_the_worst_comes_first_until_another_order_is_chosen(here: Visit) -> None:
    here.page.get_by_role("button", name=here.words["expand_all"]).click()
    expect(here.row(OTHER, "/feed")).to_be_visible()
    assert here.names() == [OTHER, "/", "/feed", DOMAIN, "/api", "/slow", "/"]
    here.page.get_by_test_id("sort").select_option("requests")
    expect(here.rows().first).to_contain_text(DOMAIN)
    assert here.names()[1:4] == sorted(PATHS, key=lambda path: -truth(path)["requests"])
    here.page.get_by_test_id("sort").select_option(label=here.words["sort_name"])
    expect(here.rows().first).to_contain_text(OTHER)
    assert here.names() == [OTHER, "/", "/feed", DOMAIN, "/", "/api", "/slow"]
    here.page.reload()
    expect(here.page.get_by_test_id("sort")).to_have_value("name")


def test_the_list_is_searched_by_domain_path_and_service_key(here: Visit) -> None:
    field = here.page.get_by_role("textbox", name=here.words["search"])
    field.fill("BLOG")
    expect(here.row(DOMAIN)).to_have_count(0)
    expect(here.row(OTHER)).to_be_visible()
    field.fill("/slow")
    expect(here.row(DOMAIN, "/slow")).to_be_visible()
    expect(here.row(OTHER)).to_have_count(0)
    (domain,) = [each for each in here.answer("/domains")["domains"] if each["domain"] == DOMAIN]
    (key,) = [each["service_key"] for each in domain["routes"] if each["path_prefix"] == "/slow"]
    field.fill(key)
    expect(here.row(DOMAIN, "/slow")).to_be_visible()
    expect(here.row(OTHER)).to_have_count(0)
    field.fill("nowhere")
    expect(here.page.get_by_text(here.words["nothing"])).to_be_visible()
    here.page.get_by_role("button", name=here.words["show_all"]).click()
    expect(here.row(OTHER)).to_be_visible()


def test_the_list_is_filtered_by_status(here: Visit) -> None:
    here.page.get_by_test_id("filter-warning").click()
    expect(here.row(OTHER)).to_have_count(0)
    expect(here.row(DOMAIN)).to_be_visible()
    assert "status=warning" in here.page.url
    here.page.get_by_test_id("filter-warning").click()
    expect(here.row(OTHER)).to_be_visible()


def test_cards_filters_and_rows_count_the_same_domains(here: Visit) -> None:
    overview = here.answer("/domains")["overview"]
    chips = here.page.locator(".status-filter .chip")
    listed = here.page.get_by_test_id("row-domain")
    counted = {}
    for chip in chips.all():
        status = (chip.get_attribute("data-testid") or "").removeprefix("filter-")
        counted[status] = int(chip.locator(".chip-count").inner_text())
        chip.click()
        expect(listed).to_have_count(counted[status])
        chip.click()
    statuses = {name: count for name, count in counted.items() if name != "worse_paths"}
    assert statuses == {name: overview[name] for name in statuses}
    assert sum(statuses.values()) == overview["total_domains"]
    expect(here.page.get_by_test_id("card-domains")).to_contain_text(str(overview["healthy"]))


def test_headers_sort_and_agree_with_the_menu_and_the_address(here: Visit) -> None:
    menu = here.page.get_by_test_id("sort")
    column = here.page.get_by_test_id("column-rate")
    expect(here.page.get_by_test_id("column-status")).to_have_attribute("aria-sort", "descending")
    expect(column).to_have_attribute("aria-sort", "none")
    column.get_by_role("button").focus()
    for order, sort, first in (("descending", "requests", DOMAIN), ("ascending", "-requests", OTHER)):
        here.page.keyboard.press("Enter")
        expect(column).to_have_attribute("aria-sort", order)
        expect(here.page.get_by_test_id("column-status")).to_have_attribute("aria-sort", "none")
        expect(menu).to_have_value(sort)
        expect(here.rows().first).to_contain_text(first)
        assert f"sort={sort}" in here.page.url
        expect(column.get_by_role("button")).to_be_focused()
    menu.select_option("name")
    expect(here.page.get_by_test_id("column-name")).to_have_attribute("aria-sort", "ascending")


def test_day_week_and_month_are_in_the_address(here: Visit) -> None:
    for word, time_range in (("week", "7d"), ("month", "30d")):
        with here.page.expect_response(f"**/domains?*time_range={time_range}*"):
            here.choose(word)
        expect(here.page).to_have_url(re.compile(f"range={time_range}"))
        expect(here.row(DOMAIN)).to_contain_text(str(truth()["requests"]))
        assert here.answer("/domains")["time_range"] == time_range
    here.page.reload()
    expect(here.page.get_by_role("radio", name=here.words["month"], exact=True)).to_be_checked()


def test_another_cluster_is_chosen(here: Visit) -> None:
    here.page.get_by_test_id("cluster").select_option(BLOG)
    expect(here.row(OTHER)).to_have_count(0)
    assert f"clusters/{BLOG}" in here.page.url
    here.page.go_back()
    expect(here.row(OTHER)).to_be_visible()


def test_figures_are_read_again_by_hand_and_when_newer_ones_can_be_there(
    visit: MakeVisit, language: Language, reader: str
) -> None:
    here = visit(language)
    here.page.clock.install()
    here.open(LIST).sign_in(reader)
    expect(here.row(DOMAIN)).to_be_visible()
    here.page.clock.run_for(300_000)
    assert len(here.asked("/domains")) == 1, "the API says that the next snapshot comes in an hour"
    here = visit(language)
    here.page.clock.install()
    here.open(f"#/clusters/{SILENT}").sign_in(reader)
    expect(here.row(OTHER)).to_be_visible()
    assert (len(here.asked("/domains")), len(here.asked("/clusters"))) == (1, 1)
    with here.page.expect_response("**/api/v2/slo/domains?*"):
        here.page.get_by_role("button", name=here.words["refresh"]).click()
    with here.page.expect_response("**/api/v2/slo/domains?*"):
        here.page.clock.run_for(70_000)
    assert (len(here.asked("/domains")), len(here.asked("/clusters"))) == (3, 2)


def test_a_hidden_page_asks_for_nothing_until_it_is_seen_again(visit: MakeVisit, reader: str) -> None:
    here = visit()
    here.page.clock.install()
    with here.page.expect_response("**/api/v2/slo/incidents?*"):
        here.open(LIST).sign_in(reader)
    expect(here.row(DOMAIN).locator(".cell-trend svg")).to_be_visible()
    hide = "(isHidden) => { Object.defineProperty(document, 'hidden', { value: isHidden, configurable: true }) }"
    here.page.evaluate(hide, True)
    asked = len(here.requests)
    here.page.clock.run_for(3_600_000)
    assert len(here.requests) == asked
    here.page.evaluate(hide, False)
    with here.page.expect_response("**/api/v2/slo/domains?*"), here.page.expect_response("**/api/v2/slo/clusters"):
        here.page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")


def test_the_age_of_the_figures_is_shown_and_grows(visit: MakeVisit, language: Language, reader: str) -> None:
    here = visit(language)
    here.page.clock.install()
    here.open(LIST).sign_in(reader)
    age = here.page.get_by_test_id("freshness")
    expect(age).to_be_visible()
    here.keep_waiting()
    before = age.inner_text()
    here.page.clock.fast_forward(3_600_000)
    expect(age).not_to_have_text(before)
    expect(age).to_have_text(re.compile("hr|小时"))


def test_a_silent_cluster_is_said_to_be_old(visit: MakeVisit, language: Language, reader: str) -> None:
    here = visit(language).open(f"#/clusters/{SILENT}").sign_in(reader)
    expect(here.page.get_by_test_id("stale")).to_contain_text(here.words["old"])
    expect_status(here.row(OTHER), "stale", here.words["stale"])
    here.shoot("stale")


def test_paths_that_share_a_measure_name_each_other(here: Visit) -> None:
    here.page.get_by_role("button", name=here.words["expand_all"]).click()
    row = here.row(OTHER, "/feed")
    expect(row.get_by_test_id("shared")).to_be_visible()
    expect(row).to_contain_text(here.words["shared"])


def test_what_cannot_be_reached_is_said_and_what_was_read_stays(here: Visit) -> None:
    here.may_fail_to_load = True
    here.page.route("**/api/**", lambda route: route.abort())
    here.page.get_by_role("button", name=here.words["refresh"]).click()
    expect(here.page.get_by_test_id("refresh-failed")).to_contain_text(here.words["unreachable"])
    expect(here.row(DOMAIN)).to_be_visible()
    here.page.unroute("**/api/**")
    here.page.get_by_role("button", name=here.words["refresh"]).click()
    expect(here.page.get_by_test_id("refresh-failed")).to_have_count(0)
    here.context.set_offline(True)
    expect(here.page.get_by_test_id("offline")).to_contain_text(here.words["offline"])
    here.shoot("offline")
    here.context.set_offline(False)
    expect(here.page.get_by_test_id("offline")).to_have_count(0)


def test_a_list_that_fails_from_the_start_can_be_tried_again(visit: MakeVisit, language: Language, reader: str) -> None:
    here = visit(language)
    here.may_fail_to_load = True

    def fail(route: Route) -> None:
        problem = '{"title":"Internal Server Error","status":500,"detail":"It was logged.","request_id":"r-1"}'
        route.fulfill(status=500, content_type="application/problem+json", body=problem)

    here.page.route("**/api/v2/slo/domains?*", fail)
    here.open(LIST).sign_in(reader)
    failure = here.page.get_by_role("alert")
    expect(failure).to_contain_text("It was logged.")
    expect(failure).to_contain_text("r-1")
    here.shoot("error")
    here.page.unroute("**/api/v2/slo/domains?*")
    failure.get_by_role("button", name=here.words["try_again"]).click()
    expect(here.row(DOMAIN)).to_be_visible()
