"""The dialogs that set objectives: what they open with, their preview of a change, what they save and propose."""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from e2e.dashboard.conftest import SHOP, MakeToken, MakeVisit
from e2e.dashboard.visit import Visit
from e2e.dashboard.words import Language
from e2e.recorded import DOMAIN, ReaderApi
from playwright.sync_api import Locator, expect

from lab.cloud.local import Deployment

LIST = f"#/clusters/{SHOP}"
DETAIL = f"{LIST}/domains/{DOMAIN}?path=%2Fslow"
SUBJECT = {"domain": DOMAIN, "path_prefix": "/slow"}
SAVED: dict[str, Any] = {"availability": 0.995, "p95_latency": 1500, "minimum_requests": 25, "owner": "payments"}
LADDER = ("0.9", "0.95", "0.98", "0.99", "0.995", "0.998", "0.999", "0.9995", "0.9999", "0.99999")


@pytest.fixture(autouse=True)
def no_objectives(api: ReaderApi) -> Iterator[None]:
    """Delete all objectives after each test."""
    yield
    for objective in saved(api):
        of = {name: objective[name] for name in SUBJECT if objective[name] is not None}
        gone = api.call("DELETE", f"/objectives/{objective['name']}", params=of, headers={"If-Match": "*"})
        assert gone.status_code == 204


@pytest.fixture
def here(visit: MakeVisit, language: Language, manager: str) -> Visit:
    """The detail page of a path, for a user who may set objectives."""
    return visit(language).open(DETAIL).sign_in(manager)


def dialog(here: Visit) -> Locator:
    """Open the dialog."""
    here.page.get_by_test_id("objectives").click()
    opened = here.page.get_by_test_id("objectives-dialog")
    expect(opened.get_by_test_id("objective").or_(opened.get_by_test_id("objective-none")).first).to_be_visible()
    return opened


def adding(here: Visit) -> Locator:
    """Open the form of a new objective."""
    opened = dialog(here)
    opened.get_by_test_id("add-objective").click()
    return opened


def editing(here: Visit, name: str = "monthly") -> Locator:
    """Open the form of an objective."""
    opened = dialog(here)
    of(opened, name).get_by_test_id("edit-objective").click()
    return opened


def of(within: Locator, name: str) -> Locator:
    return within.locator(f"[data-testid=objective][data-name='{name}']")


def field(within: Locator, name: str) -> Locator:
    return within.locator(f"input[name='{name}']")


def save_it(api: ReaderApi, name: str = "monthly", **changes: Any) -> Any:
    """Save an objective through the API, as another user would."""
    seen = {"If-Match": "*"} if any(each["name"] == name for each in saved(api)) else {}
    made = api.call("PUT", f"/objectives/{name}", params=SUBJECT, json={**SAVED, **changes}, headers=seen)
    assert made.ok, made.text
    return made.json()


def saved(api: ReaderApi) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/objectives")["objectives"]
    return found


def only(api: ReaderApi) -> dict[str, Any]:
    (found,) = saved(api)
    return found


def undo(here: Visit) -> None:
    here.page.get_by_test_id("toasts").get_by_role("button", name=here.words["undo"], exact=True).last.click()
    expect(here.page.get_by_test_id("toasts")).to_contain_text(here.words["undone"])


def test_it_opens_at_what_is_saved(here: Visit, api: ReaderApi) -> None:
    zone = {"period": "month", "time_zone": "Europe/Berlin"}
    save_it(api, latency_objective={"share": 0.99, "threshold": 300}, **zone)
    opened = dialog(here)
    expect(of(opened, "monthly")).to_contain_text("99.5%")
    expect(of(opened, "monthly")).to_contain_text("Europe/Berlin")
    expect(of(opened, "monthly").get_by_test_id("followed")).to_be_visible()
    expect(opened.get_by_test_id("objective-source")).to_contain_text("manage of the tests")
    expect(opened.get_by_test_id("objective-source")).to_contain_text("payments")
    of(opened, "monthly").get_by_test_id("edit-objective").click()
    values = {
        "availability": "99.5",
        "p95_latency": "1500",
        "latency_objective.share": "99",
        "latency_objective.threshold": "300",
        "minimum_requests": "25",
        "owner": "payments",
        "time_zone": "Europe/Berlin",
    }
    for name, value in values.items():
        expect(field(opened, name)).to_have_value(value)
    expect(opened.locator("select[name=period]")).to_have_value("month")
    opened.get_by_test_id("back-to-objectives").click()
    opened.get_by_role("radio", name=here.words["this_domain"], exact=True).check()
    expect(opened.get_by_test_id("objective-none")).to_contain_text(here.words["not_set"])
    expect(opened.get_by_test_id("preset")).to_be_visible()


def test_a_change_is_previewed_saved_and_undone(here: Visit, api: ReaderApi) -> None:
    expect(here.page.get_by_test_id("held").get_by_test_id("preset")).to_be_visible()
    opened = adding(here)
    expect(field(opened, "availability")).to_have_value("95")
    expect(field(opened, "name")).to_have_value("monthly")
    field(opened, "availability").fill("99.9")
    field(opened, "owner").fill("payments")
    effect = opened.get_by_test_id("effect")
    expect(effect).to_contain_text(f"{DOMAIN}/slow")
    expect(effect.locator("[data-status=critical]")).to_be_visible()
    assert saved(api) == [], "a preview saves nothing"
    here.shoot("objectives")
    opened.get_by_test_id("save-objective").click()
    expect(opened).not_to_be_visible()
    expect(here.page.get_by_role("heading", level=1).locator("xpath=..").get_by_test_id("status")).to_have_attribute(
        "data-status", "critical"
    )
    held = here.page.get_by_test_id("held")
    for text in ("monthly", "99.9%", "payments"):
        expect(held).to_contain_text(text)
    expect(here.page.get_by_test_id("burn-objective")).to_contain_text("monthly")
    expect(held.get_by_test_id("preset")).to_have_count(0)
    kept = only(api)
    wanted = {**SUBJECT, "name": "monthly", "period": "30d", "availability": 0.999, "owner": "payments"}
    assert {name: kept[name] for name in wanted} == wanted
    undo(here)
    assert saved(api) == []


def test_of_several_one_is_followed_and_the_page_marks_which(here: Visit, api: ReaderApi) -> None:
    save_it(api)
    opened = adding(here)
    field(opened, "availability").fill("90")
    opened.locator("select[name=period]").select_option("quarter")
    expect(field(opened, "name")).to_have_value("quarterly")
    field(opened, "time_zone").fill("Mars/Olympus")
    expect(opened.get_by_test_id("error-time_zone")).to_be_visible()
    field(opened, "time_zone").fill("Asia/Tokyo")
    expect(opened.get_by_test_id("preview")).to_contain_text(here.words["not_followed"])
    opened.get_by_test_id("save-objective").click()
    expect(opened).not_to_be_visible()
    followed = {each["name"]: each["is_followed"] for each in saved(api)}
    assert followed == {"monthly": True, "quarterly": False}, "without its mark, the longer period does not take over"
    opened = dialog(here)
    expect(of(opened, "quarterly").get_by_test_id("followed")).to_have_count(0)
    of(opened, "quarterly").get_by_test_id("follow-objective").click()
    expect(opened).not_to_be_visible()
    expect(here.page.get_by_test_id("held")).to_contain_text("quarterly")
    assert {each["name"]: each["is_followed"] for each in saved(api)} == {"monthly": False, "quarterly": True}
    undo(here)
    assert {each["name"]: each["is_followed"] for each in saved(api)} == {"monthly": True, "quarterly": False}


def test_an_objective_of_the_cluster_shows_every_domain_that_it_would_change(here: Visit, api: ReaderApi) -> None:
    opened = dialog(here)
    opened.locator("input[name=level][value=cluster]").check()
    opened.get_by_test_id("add-objective").click()
    field(opened, "p95_latency").fill("5000")
    expect(opened.get_by_test_id("effect").filter(has_text=f"{DOMAIN}/slow")).to_be_visible()
    opened.get_by_test_id("save-objective").click()
    expect(opened).not_to_be_visible()
    kept = only(api)
    assert (kept["domain"], kept["path_prefix"], kept["p95_latency"]) == (None, None, 5000)


def test_one_kept_in_a_file_says_that_the_file_overwrites_it(here: Visit, api: ReaderApi) -> None:
    save_it(api, origin="file")
    opened = dialog(here)
    expect(of(opened, "monthly")).to_contain_text(here.words["from_file"])
    of(opened, "monthly").get_by_test_id("edit-objective").click()
    field(opened, "p95_latency").fill("")
    opened.get_by_test_id("save-objective").click()
    expect(opened).not_to_be_visible()
    kept = only(api)
    assert (kept["origin"], kept["p95_latency"]) == ("file", None)


def test_what_is_wrong_is_said_next_to_its_field_and_not_saved(here: Visit, api: ReaderApi) -> None:
    opened = adding(here)
    field(opened, "availability").fill("120")
    field(opened, "minimum_requests").fill("many")
    field(opened, "name").fill("Each month!")
    expect(opened.get_by_test_id("error-availability")).to_have_text(here.words["between"])
    expect(opened.get_by_test_id("error-minimum_requests")).to_be_visible()
    expect(opened.get_by_test_id("error-name")).to_be_visible()
    expect(field(opened, "availability")).to_have_attribute("aria-invalid", "true")
    opened.get_by_test_id("save-objective").click()
    expect(field(opened, "availability")).to_be_focused()
    here.shoot("objectives-invalid")
    assert saved(api) == []


def test_what_the_api_refuses_is_said_next_to_its_field(here: Visit) -> None:
    here.may_fail_to_load = True
    opened = adding(here)
    field(opened, "p95_latency").fill("1e-320")
    opened.get_by_test_id("save-objective").click()
    expect(opened.get_by_test_id("error-p95_latency")).to_be_visible()


def test_a_channel_is_chosen_for_its_incidents(
    here: Visit, api: ReaderApi, deployment: Deployment, make_token: MakeToken
) -> None:
    everywhere = ReaderApi(deployment, make_token("manage"), SHOP)
    made = everywhere.call("PUT", "/channels/on-call", json={"kind": "eventbridge", "settings": {"bus": "default"}})
    assert made.ok, made.text
    save_it(api)
    opened = editing(here)
    opened.locator("select[name=channel]").select_option("on-call")
    opened.get_by_test_id("save-objective").click()
    expect(opened).to_be_hidden()
    assert (only(api)["channel"], only(api)["owner"]) == ("on-call", "payments")
    assert everywhere.call("DELETE", "/channels/on-call").status_code == 204
    opened = dialog(here)
    expect(opened.get_by_test_id("objective-source")).to_contain_text("on-call")
    opened.get_by_test_id("objective-changes").locator("summary").click()
    expect(opened.get_by_test_id("objective-changes")).to_contain_text("on-call")
    of(opened, "monthly").get_by_test_id("edit-objective").click()
    chosen = opened.locator("select[name=channel]")
    expect(chosen).to_have_value("on-call")
    expect(chosen.locator("option[value=on-call]")).to_have_js_property("disabled", True)
    here.shoot("objectives-channel")
    chosen.select_option("")
    opened.get_by_test_id("save-objective").click()
    expect(opened).to_be_hidden()
    assert only(api)["channel"] == ""


@pytest.mark.parametrize("choice", ["keep_yours", "take_theirs"])
def test_a_conflict_is_shown_and_nothing_is_lost(here: Visit, api: ReaderApi, choice: str) -> None:
    save_it(api)
    here.may_fail_to_load = True
    opened = editing(here)
    expect(field(opened, "availability")).to_have_value("99.5")
    save_it(api, availability=0.98)
    field(opened, "availability").fill("99")
    opened.get_by_test_id("save-objective").click()
    conflict = opened.get_by_test_id("conflict")
    expect(conflict).to_contain_text("98%")
    expect(conflict).to_contain_text("99%")
    here.shoot("objectives-conflict")
    conflict.get_by_role("button", name=here.words[choice]).click()
    if choice == "take_theirs":
        expect(field(opened, "availability")).to_have_value("98")
        opened.get_by_test_id("save-objective").click()
    expect(opened).not_to_be_visible()
    assert only(api)["availability"] == (0.99 if choice == "keep_yours" else 0.98)


def test_an_objective_is_deleted_and_brought_back(here: Visit, api: ReaderApi) -> None:
    save_it(api)
    opened = editing(here)
    opened.get_by_test_id("delete-objective").click()
    expect(opened).not_to_be_visible()
    assert saved(api) == []
    undo(here)
    kept = only(api)
    assert {name: kept[name] for name in SAVED} == SAVED


def test_a_reader_sees_objectives_and_may_not_set_them(
    visit: MakeVisit, language: Language, reader: str, api: ReaderApi
) -> None:
    save_it(api)
    here = visit(language).open(DETAIL).sign_in(reader)
    opened = dialog(here)
    expect(opened.get_by_test_id("read-only")).to_contain_text(re.compile(here.words["read_only"]))
    expect(of(opened, "monthly")).to_contain_text("99.5%")
    for button in ("add-objective", "edit-objective", "follow-objective", "use-proposal"):
        expect(opened.get_by_test_id(button)).to_have_count(0)


def test_what_the_last_month_kept_is_proposed_and_set_for_all_domains(
    visit: MakeVisit, language: Language, manager: str, api: ReaderApi
) -> None:
    domains = api.get("/domains", time_range="30d")["domains"]
    wanted = {each["domain"]: proposed(each["summary"]) for each in domains}
    able = {domain: availability for domain, availability in wanted.items() if availability}
    assert able, "the recording has enough requests"
    here = visit(language).open(LIST).sign_in(manager)
    expect(here.page.get_by_test_id("preset-hint")).to_contain_text(str(len(domains)))
    expect(here.row(DOMAIN).get_by_test_id("preset").first).to_be_visible()
    here.page.get_by_test_id("proposals").click()
    opened = here.page.get_by_test_id("proposals-dialog")
    expect(opened.get_by_test_id("proposal-row")).to_have_count(len(able))
    here.shoot("proposals")
    opened.get_by_test_id("set-all-proposals").click()
    expect(opened.get_by_test_id("proposals-status")).to_contain_text(str(len(able)))
    expect(opened.get_by_test_id("set-all-proposals")).to_have_count(0)
    kept = {each["domain"]: (each["availability"], each["name"], each["period"]) for each in saved(api)}
    assert kept == {domain: (availability, "monthly", "30d") for domain, availability in able.items()}
    here.page.keyboard.press("Escape")
    expect(here.row(DOMAIN).get_by_test_id("preset")).to_have_count(0)


def proposed(summary: dict[str, Any]) -> float | None:
    """The tightest step that one more error would have kept."""
    requests, errors = summary["total_requests"], summary["total_errors"]
    kept = [step for step in LADDER if requests and (errors + 1) <= requests * (1 - Fraction(step))]
    return float(kept[-1]) if kept else None


def test_a_proposal_is_where_a_new_objective_begins(here: Visit, api: ReaderApi) -> None:
    opened = dialog(here)
    opened.get_by_role("radio", name=here.words["this_domain"], exact=True).check()
    (domain,) = [each for each in api.get("/domains", time_range="30d")["domains"] if each["domain"] == DOMAIN]
    availability = proposed(domain["summary"])
    assert availability
    expect(opened.get_by_test_id("proposal")).to_contain_text(f"{availability * 100:g}%")
    opened.get_by_test_id("use-proposal").click()
    expect(field(opened, "availability")).to_have_value(f"{availability * 100:g}")
    opened.get_by_test_id("save-objective").click()
    expect(opened).not_to_be_visible()
    kept = only(api)
    assert (kept["domain"], kept["path_prefix"], kept["availability"]) == (DOMAIN, None, availability)
