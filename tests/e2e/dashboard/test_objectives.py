"""The dialog that sets targets: the values it opens with, its preview of a change, and what it saves."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from e2e.dashboard.conftest import SHOP, MakeVisit
from e2e.dashboard.visit import Visit
from e2e.dashboard.words import Language
from e2e.recorded import DOMAIN, ReaderApi
from playwright.sync_api import Locator, expect

DETAIL = f"#/clusters/{SHOP}/domains/{DOMAIN}?path=%2Fslow"
SUBJECT = {"domain": DOMAIN, "path_prefix": "/slow", "time_range": "1d"}
SAVED: dict[str, Any] = {"availability": 0.995, "p95_latency": 1500, "minimum_requests": 25}


@pytest.fixture(autouse=True)
def no_targets(api: ReaderApi) -> Iterator[None]:
    """Delete all targets after each test."""
    yield
    for target in api.get("/targets")["targets"]:
        named = {name: target[name] for name in SUBJECT}
        assert api.call("DELETE", "/targets", params=named, headers={"If-Match": "*"}).status_code == 204


@pytest.fixture
def here(visit: MakeVisit, language: Language, manager: str) -> Visit:
    """The detail page of a path, for a user who may set targets."""
    return visit(language).open(DETAIL).sign_in(manager)


def dialog(here: Visit) -> Locator:
    """Open the dialog."""
    here.page.get_by_test_id("targets").click()
    opened = here.page.get_by_test_id("targets-dialog")
    expect(field(opened, "availability")).to_be_visible()
    return opened


def field(within: Locator, name: str) -> Locator:
    return within.locator(f"input[name='{name}']")


def save_it(api: ReaderApi, **changes: Any) -> Any:
    """Save a target through the API, as another user would."""
    seen = {"If-Match": "*"} if saved(api) else {}
    made = api.call("PUT", "/targets", params=SUBJECT, json={**SAVED, **changes}, headers=seen)
    assert made.ok, made.text
    return made.json()


def saved(api: ReaderApi) -> dict[str, Any] | None:
    found: list[dict[str, Any]] = api.get("/targets")["targets"]
    return found[0] if found else None


def test_it_opens_at_what_is_saved(here: Visit, api: ReaderApi) -> None:
    save_it(api, latency_objective={"share": 0.99, "threshold": 300})
    opened = dialog(here)
    values = {
        "availability": "99.5",
        "p95_latency": "1500",
        "latency_objective.share": "99",
        "latency_objective.threshold": "300",
        "minimum_requests": "25",
    }
    for name, value in values.items():
        expect(field(opened, name)).to_have_value(value)
    expect(opened.get_by_test_id("target-source")).to_contain_text("manage of the tests")
    opened.get_by_role("radio", name=here.words["month"], exact=True).check()
    expect(opened.get_by_test_id("target-source")).to_contain_text(here.words["not_set"])
    expect(field(opened, "availability")).to_have_value("95")


def test_a_change_is_previewed_saved_and_undone(here: Visit, api: ReaderApi) -> None:
    opened = dialog(here)
    expect(opened.get_by_test_id("target-source")).to_contain_text(here.words["not_set"])
    field(opened, "availability").fill("99.9")
    effect = opened.get_by_test_id("effect")
    expect(effect).to_contain_text(f"{DOMAIN}/slow")
    expect(effect.locator("[data-status=critical]")).to_be_visible()
    assert saved(api) is None, "a preview saves nothing"
    here.shoot("targets")
    opened.get_by_test_id("save-target").click()
    expect(opened).not_to_be_visible()
    expect(here.page.get_by_role("heading", level=1).locator("xpath=..").get_by_test_id("status")).to_have_attribute(
        "data-status", "critical"
    )
    kept = saved(api)
    assert kept
    assert {name: kept[name] for name in (*SUBJECT, "availability")} == {**SUBJECT, "availability": 0.999}
    here.page.get_by_test_id("toasts").get_by_role("button", name=here.words["undo"], exact=True).click()
    expect(here.page.get_by_test_id("toasts")).to_contain_text(here.words["undone"])
    assert saved(api) is None


def test_a_target_of_the_cluster_shows_every_domain_that_it_would_change(here: Visit, api: ReaderApi) -> None:
    opened = dialog(here)
    opened.locator("input[name=level][value=cluster]").check()
    field(opened, "p95_latency").fill("5000")
    expect(opened.get_by_test_id("effect").filter(has_text=f"{DOMAIN}/slow")).to_be_visible()
    opened.get_by_test_id("save-target").click()
    expect(opened).not_to_be_visible()
    kept = saved(api)
    assert kept
    assert (kept["domain"], kept["path_prefix"], kept["p95_latency"]) == (None, None, 5000)


def test_what_is_wrong_is_said_next_to_its_field_and_not_saved(here: Visit, api: ReaderApi) -> None:
    opened = dialog(here)
    field(opened, "availability").fill("120")
    field(opened, "minimum_requests").fill("many")
    expect(opened.get_by_test_id("error-availability")).to_have_text(here.words["between"])
    expect(opened.get_by_test_id("error-minimum_requests")).to_be_visible()
    expect(field(opened, "availability")).to_have_attribute("aria-invalid", "true")
    opened.get_by_test_id("save-target").click()
    expect(field(opened, "availability")).to_be_focused()
    here.shoot("targets-invalid")
    assert saved(api) is None


def test_what_the_api_refuses_is_said_next_to_its_field(here: Visit) -> None:
    here.may_fail_to_load = True
    opened = dialog(here)
    field(opened, "p95_latency").fill("1e-320")
    opened.get_by_test_id("save-target").click()
    expect(opened.get_by_test_id("error-p95_latency")).to_be_visible()


@pytest.mark.parametrize("choice", ["keep_yours", "take_theirs"])
def test_a_conflict_is_shown_and_nothing_is_lost(here: Visit, api: ReaderApi, choice: str) -> None:
    save_it(api)
    here.may_fail_to_load = True
    opened = dialog(here)
    expect(field(opened, "availability")).to_have_value("99.5")
    save_it(api, availability=0.98)
    field(opened, "availability").fill("99")
    opened.get_by_test_id("save-target").click()
    conflict = opened.get_by_test_id("conflict")
    expect(conflict).to_contain_text("98%")
    expect(conflict).to_contain_text("99%")
    here.shoot("targets-conflict")
    conflict.get_by_role("button", name=here.words[choice]).click()
    if choice == "take_theirs":
        expect(field(opened, "availability")).to_have_value("98")
        opened.get_by_test_id("save-target").click()
    expect(opened).not_to_be_visible()
    kept = saved(api)
    assert kept
    assert kept["availability"] == (0.99 if choice == "keep_yours" else 0.98)


def test_a_target_is_deleted_and_brought_back(here: Visit, api: ReaderApi) -> None:
    save_it(api)
    opened = dialog(here)
    opened.get_by_test_id("delete-target").click()
    expect(opened).not_to_be_visible()
    assert saved(api) is None
    here.page.get_by_test_id("toasts").get_by_role("button", name=here.words["undo"], exact=True).click()
    expect(here.page.get_by_test_id("toasts")).to_contain_text(here.words["undone"])
    kept = saved(api)
    assert kept
    assert {name: kept[name] for name in SAVED} == SAVED


def test_a_reader_sees_targets_and_may_not_set_them(
    visit: MakeVisit, language: Language, reader: str, api: ReaderApi
) -> None:
    save_it(api)
    here = visit(language).open(DETAIL).sign_in(reader)
    opened = dialog(here)
    expect(opened.get_by_test_id("read-only")).to_contain_text(re.compile(here.words["read_only"]))
    expect(field(opened, "availability")).to_have_value("99.5")
    expect(field(opened, "availability")).to_be_disabled()
    expect(opened.get_by_test_id("save-target")).to_have_count(0)
