"""The detail page of a domain and of a path, compared with the API and the access log."""

import re

import pytest
from e2e.dashboard import figures
from e2e.dashboard.conftest import SHOP, MakeVisit
from e2e.dashboard.visit import Visit
from e2e.dashboard.words import Language
from e2e.recorded import DOMAIN, PATHS, histogram_quantile, truth
from playwright.sync_api import expect

DETAIL = f"#/clusters/{SHOP}/domains/{DOMAIN}"
CHARTS = ("availability", "p95_latency", "error_rate", "requests_per_sec")


@pytest.fixture
def here(visit: MakeVisit, language: Language, reader: str) -> Visit:
    """The detail page of the domain, opened by its address, in another time zone than UTC."""
    opened = visit(language, timezone_id="Asia/Tokyo").open(DETAIL).sign_in(reader)
    expect(opened.page.get_by_test_id("chart-availability")).to_be_visible()
    # Charts are drawn anew once the page knows what was promised when.
    opened.page.wait_for_load_state("networkidle")
    return opened


def go_to(here: Visit, path: str) -> None:
    """Choose a path of the domain."""
    here.page.get_by_test_id("path").filter(has=here.page.get_by_text(path, exact=True)).click()
    expect(here.page.get_by_role("heading", level=1)).to_contain_text(f"{DOMAIN}{path}")


def value(here: Visit, name: str) -> str:
    return here.page.get_by_test_id(f"figure-{name}").locator(".card-value").inner_text()


def test_a_row_of_the_list_leads_to_its_detail_and_back(visit: MakeVisit, language: Language, reader: str) -> None:
    here = visit(language).open(f"#/clusters/{SHOP}").sign_in(reader)
    here.row(DOMAIN).get_by_role("link", name=DOMAIN).click()
    expect(here.page.get_by_role("heading", level=1)).to_contain_text(DOMAIN)
    assert here.page.url.endswith(DETAIL)
    here.page.go_back()
    expect(here.row(DOMAIN)).to_be_visible()


def test_the_figures_are_those_of_the_api(here: Visit) -> None:
    domain = here.answer(f"/domains/{DOMAIN}")["domain"]
    for name, text in figures.of(domain["summary"]).items():
        expect(here.page.get_by_test_id(f"figure-{ {'rate': 'requests'}.get(name, name) }")).to_contain_text(text)
    assert figures.budget(domain["error_budget_remaining"]) in value(here, "budget")
    expect(here.page.get_by_test_id("figure-requests")).to_contain_text(str(truth()["requests"]))
    expect(here.page.get_by_test_id("figure-errors")).to_contain_text(str(truth()["errors"]))
    here.shoot("detail")


def test_each_path_has_a_detail_of_its_own_with_its_own_address(here: Visit) -> None:
    for path in PATHS:
        go_to(here, path)
        expect(here.page.get_by_test_id("figure-requests")).to_contain_text(str(truth(path)["requests"]))
    assert "path=%2Fslow" in here.page.url
    here.page.reload()
    expect(here.page.get_by_role("heading", level=1)).to_contain_text(f"{DOMAIN}/slow")
    routes = here.answer(f"/domains/{DOMAIN}")["domain"]["routes"]
    (rule,) = next(route["rules"] for route in routes if route["path_prefix"] == "/slow")
    expect(here.page.get_by_text(rule)).to_be_visible()


def test_four_trends_are_drawn_with_their_gaps_and_said_in_words(here: Visit) -> None:
    for name in CHARTS:
        chart = here.page.get_by_test_id(f"chart-{name}")
        expect(chart.locator("canvas")).to_be_visible()
        assert re.search(r"\d", chart.get_by_role("img").get_attribute("aria-label") or "")
    here.page.get_by_text(here.words["as_table"]).click()
    points = here.answer(f"/domains/{DOMAIN}/history")["points"]
    table = here.page.get_by_role("region", name=here.words["as_table"]).get_by_role("row")
    expect(table).to_have_count(len(points) + 1)
    last = next(index for index, point in enumerate(reversed(points)) if point["total_requests"])
    shown = table.nth(last + 1).get_by_role("cell").all_inner_texts()
    point = points[len(points) - 1 - last]
    assert shown[0] == figures.percent(point["availability"])
    assert shown[2] == figures.milliseconds(point["p95_latency"])
    assert shown[5] == str(point["total_requests"])
    assert "—" in table.last.inner_text(), "a gap is a gap"


def test_a_chart_tells_what_is_under_the_pointer(here: Visit) -> None:
    box = here.page.get_by_test_id("chart-availability").locator(".u-over").bounding_box()
    assert box
    here.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(here.page.get_by_text(here.words["no_data"]).first).to_be_visible()


def test_a_chart_that_is_drawn_again_says_what_the_keys_point_at(here: Visit) -> None:
    chart = here.page.get_by_test_id("chart-requests_per_sec")
    chart.get_by_role("img").focus()
    for _ in range(3):
        here.page.keyboard.press("ArrowLeft")
    expect(chart.get_by_role("status")).to_be_visible()
    said = chart.get_by_role("status").text_content() or ""
    drawn = chart.locator("canvas").element_handle()
    here.page.emulate_media(color_scheme="dark")
    here.page.wait_for_function("(canvas) => !canvas.isConnected", arg=drawn)
    expect(chart.get_by_role("status")).to_have_text(said)
    here.page.keyboard.press("ArrowRight")
    expect(chart.get_by_role("status")).not_to_have_text(said)


def test_a_drag_over_a_chart_zooms_in_and_the_window_has_an_address(here: Visit) -> None:
    box = here.page.get_by_test_id("chart-requests_per_sec").locator(".u-over").bounding_box()
    assert box
    here.page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 40)
    here.page.mouse.down()
    here.page.mouse.move(box["x"] + box["width"] * 0.95, box["y"] + 40)
    here.page.mouse.move(box["x"] + box["width"] - 1, box["y"] + 40)
    with here.page.expect_response(re.compile(r"/history\?.*from=")):
        here.page.mouse.up()
    expect(here.page).to_have_url(re.compile(r"from=\d+&to=\d+"))
    expect(here.page.get_by_test_id("zoomed")).to_be_visible()
    expect(here.page.get_by_test_id("figure-requests")).to_contain_text(str(truth()["requests"]))
    here.shoot("detail-zoomed")
    here.page.get_by_test_id("zoom-out").click()
    expect(here.page).not_to_have_url(re.compile("from="))


def test_times_are_local_until_utc_is_chosen(here: Visit) -> None:
    strip = here.page.get_by_test_id("status-history").locator(".strip-ends")
    expect(strip).to_contain_text(re.compile(r"\d\d:\d\d"))
    local = strip.inner_text()
    here.choose("utc")
    expect(strip).not_to_have_text(local)
    here.page.reload()
    expect(here.page.get_by_role("radio", name=here.words["utc"], exact=True)).to_be_checked()


def test_the_error_budget_is_said_in_requests_and_when_it_runs_out(here: Visit) -> None:
    budget = here.answer(f"/domains/{DOMAIN}/budget")["error_budget"]
    panel = here.page.get_by_test_id("burn-down")
    expect(panel.get_by_test_id("budget-requests")).to_contain_text(str(abs(budget["remaining_requests"])))
    expect(panel).to_contain_text(str(budget["allowed_errors"]))
    expect(panel.locator("canvas")).to_be_visible()
    go_to(here, "/api")
    expect(panel.get_by_test_id("budget-requests")).to_contain_text(re.compile(here.words["allowance"]))
    expect(panel.get_by_test_id("budget-future").get_by_role("listitem")).to_have_count(2)
    expect(panel.locator("[data-outcome=exhausted]").first).to_be_visible()


def test_latencies_codes_and_methods_are_those_of_the_access_log(here: Visit) -> None:
    expected = truth()
    histogram = here.page.get_by_test_id("histogram")
    for q in (0.5, 0.95, 0.99):
        expect(histogram).to_contain_text(figures.milliseconds(histogram_quantile(q, expected["buckets_le"])))
    expect(histogram).to_contain_text(str(expected["requests"]))
    cumulative = [expected["buckets_le"][bound] for bound in sorted(expected["buckets_le"], key=float)]
    most = max(after - before for before, after in zip([0, *cumulative], cumulative, strict=False))
    expect(histogram.get_by_role("listitem").filter(has_text=re.compile(rf"\b{most}\b"))).to_have_count(1)
    for panel, counted in (("codes", expected["codes"]), ("methods", expected["methods"])):
        for name, count in counted.items():
            bar = here.page.get_by_test_id(panel).get_by_role("listitem").filter(has_text=re.compile(f"^{name}"))
            expect(bar).to_contain_text(f"{count} (")


def test_burn_rates_say_whom_they_would_wake(here: Visit) -> None:
    rates = here.answer(f"/domains/{DOMAIN}/burn-rates")["burn_rates"]
    panel = here.page.get_by_test_id("burn-rates")
    expect(panel.get_by_test_id("burn-state")).to_have_attribute("data-state", rates["state"])
    expect(panel.locator("tbody tr")).to_have_count(len(rates["alerts"]))
    for alert, row in zip(rates["alerts"], panel.locator("tbody tr").all(), strict=True):
        expect(row).to_have_attribute("data-state", alert["state"])
        expect(row).to_contain_text(f"{alert['factor']:g}×")


def test_the_status_history_is_a_strip_and_a_list(here: Visit) -> None:
    panel = here.page.get_by_test_id("status-history")
    expect(panel.get_by_role("list").first.get_by_role("listitem").first).to_be_attached()
    changes = [each for each in here.answer("/status-history")["changes"] if each["path_prefix"] is None]
    if changes:
        expect(panel.locator(".changes li")).to_have_count(min(8, len(changes)))
    else:
        expect(panel).to_contain_text(here.words["no_change"])


def test_it_is_compared_with_the_period_before(here: Visit, clusters: dict[str, float]) -> None:
    expect(here.page.get_by_test_id("figure-availability")).to_contain_text(here.words["no_before"])
    end = int(clusters[SHOP])
    with here.page.expect_response(f"**/domains/{DOMAIN}?*from=*") as response:
        here.open(f"{DETAIL}?from={end - 60}&to={end}")
    domain = response.value.json()["domain"]
    assert domain["previous"]["total_requests"], "the window before is of the recording, too"
    change = domain["change"]["requests_per_sec"]
    sign = "+" if change > 0 else "−"
    expect(here.page.get_by_test_id("figure-requests")).to_contain_text(f"{sign}{figures.rate(abs(change))}")
    assert domain["change"]["availability"] is not None
    expect(here.page.get_by_test_id("figure-availability")).not_to_contain_text(here.words["no_before"])


def test_a_path_that_shares_its_measure_says_how_to_split_it(visit: MakeVisit, language: Language, reader: str) -> None:
    here = visit(language).open(f"#/clusters/{SHOP}/domains/blog.example.com?path=%2Ffeed").sign_in(reader)
    notice = here.page.get_by_test_id("shared-notice")
    expect(notice).to_contain_text("addRoutersLabels")
    expect(notice).to_contain_text(here.words["shared"])
    here.shoot("shared")


def test_a_domain_that_is_not_there_is_said_to_be_unknown(visit: MakeVisit, language: Language, reader: str) -> None:
    here = visit(language)
    here.may_fail_to_load = True
    here.open(f"#/clusters/{SHOP}/domains/nowhere.example.com").sign_in(reader)
    expect(here.page.get_by_role("alert")).to_contain_text(here.words["unknown_domain"])
