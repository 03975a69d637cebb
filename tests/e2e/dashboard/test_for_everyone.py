"""Languages, appearance, keyboard, screen readers and phones."""

import re
from typing import Any

import pytest
from e2e.dashboard.conftest import SHOP, MakeVisit
from e2e.dashboard.visit import Visit
from e2e.dashboard.words import Language
from e2e.recorded import DOMAIN
from playwright.sync_api import expect

from lab.paths import ROOT

LIST, DETAIL = f"#/clusters/{SHOP}", f"#/clusters/{SHOP}/domains/{DOMAIN}?path=%2Fapi"
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
BY_BROWSER = {"en": "Sign in", "zh": "登录", "ja": "サインイン"}


@pytest.mark.parametrize("browser_language", BY_BROWSER)
def test_the_page_speaks_the_browsers_language(visit: MakeVisit, browser_language: str) -> None:
    here = visit(browser_language).open()
    expect(here.page.locator("html")).to_have_attribute("lang", re.compile(f"^{browser_language}"))
    expect(
        here.page.get_by_role("button", name={"en": "Sign in", "zh": "登录", "ja": "サインイン"}[browser_language])
    ).to_be_visible()


def test_another_language_is_chosen_and_remembered(visit: MakeVisit, reader: str) -> None:
    here = visit().open(LIST).sign_in(reader)
    expect(here.row(DOMAIN)).to_be_visible()
    here.page.get_by_test_id("settings").click()
    here.page.get_by_test_id("language").select_option("zh")
    expect(here.page.get_by_role("columnheader", name="可用性")).to_be_visible()
    here.page.reload()
    expect(here.page.get_by_role("columnheader", name="可用性")).to_be_visible()
    here.page.get_by_test_id("settings").click()
    here.page.get_by_test_id("language").select_option("ja")
    expect(here.page.locator("html")).to_have_attribute("lang", re.compile("^ja"))
    here.language = "ja"
    here.shoot("list")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_follow_the_system_until_one_is_chosen(
    visit: MakeVisit, language: Language, scheme: str
) -> None:
    here = visit(language, color_scheme=scheme).open()
    assert is_dark(here) is (scheme == "dark")
    here.page.get_by_test_id("settings").click()
    here.choose("light" if scheme == "dark" else "dark")
    assert is_dark(here) is (scheme != "dark")
    here.page.reload()
    expect(here.page.get_by_test_id("settings")).to_be_visible()
    assert is_dark(here) is (scheme != "dark")


def is_dark(here: Visit) -> bool:
    background = here.page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    return sum(int(part) for part in re.findall(r"\d+", background)[:3]) < 3 * 128


def test_everything_is_done_by_keyboard_and_the_focus_is_seen(
    visit: MakeVisit, language: Language, manager: str
) -> None:
    here = visit(language).open(LIST)
    keyboard, focused = here.page.keyboard, here.page.locator(":focus")
    expect(here.page.get_by_label(here.words["token"], exact=True)).to_be_focused()
    keyboard.type(manager)
    keyboard.press("Enter")
    expect(here.row(DOMAIN)).to_be_visible()
    keyboard.press("/")
    expect(here.page.get_by_role("textbox", name=here.words["search"])).to_be_focused()
    keyboard.type("shop")
    expect(here.rows()).to_have_count(1)
    tab_to(here, here.row(DOMAIN))
    keyboard.press("ArrowRight")
    expect(here.row(DOMAIN)).to_have_attribute("aria-expanded", "true")
    keyboard.press("ArrowDown")
    expect(here.row(DOMAIN, "/api")).to_be_focused()
    assert "none" not in focused.evaluate("(element) => getComputedStyle(element).outlineStyle")
    keyboard.press("Enter")
    expect(here.page.get_by_role("heading", level=1)).to_contain_text(f"{DOMAIN}/api")
    tab_to(here, here.page.get_by_test_id("objectives"))
    keyboard.press("Enter")
    dialog = here.page.get_by_test_id("objectives-dialog")
    tab_to(here, dialog.get_by_test_id("add-objective"))
    keyboard.press("Enter")
    expect(dialog.locator("input[name=availability]")).to_be_focused()
    keyboard.press("Control+A")
    keyboard.type("99.9")
    expect(dialog.get_by_test_id("effect").first).to_be_visible()
    keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(here.page.get_by_test_id("objectives")).to_be_focused()


def tab_to(here: Visit, wanted: Any) -> None:
    """Press Tab until an element has the focus."""
    expect(wanted).to_be_visible()
    for _ in range(60):
        here.page.keyboard.press("Tab")
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError("the keyboard does not get there")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit: MakeVisit, language: Language, scheme: str, manager: str) -> None:
    """The Content-Security-Policy is off in this test only, because axe is injected into the page."""
    here = visit(language, color_scheme=scheme, bypass_csp=True).open(LIST)
    expect(here.page.get_by_label(here.words["token"], exact=True)).to_be_visible()
    check_with_axe(here)
    here.sign_in(manager)
    here.page.get_by_role("button", name=here.words["expand_all"]).click()
    expect(here.row(DOMAIN, "/slow").locator(".cell-trend svg")).to_be_visible()
    check_with_axe(here)
    here.page.get_by_test_id("settings").click()
    check_with_axe(here)
    here.open(DETAIL)
    expect(here.page.get_by_test_id("status-history").get_by_role("listitem").first).to_be_attached()
    check_with_axe(here)
    here.shoot(f"detail-{scheme}")
    here.page.get_by_test_id("objectives").click()
    expect(here.page.get_by_test_id("proposal")).to_be_visible()
    check_with_axe(here)
    here.page.get_by_test_id("add-objective").click()
    here.page.locator("input[name=availability]").fill("120")
    expect(here.page.get_by_test_id("error-availability")).to_be_visible()
    check_with_axe(here)
    here.page.keyboard.press("Escape")
    here.open(LIST)
    here.page.get_by_test_id("proposals").click()
    expect(here.page.get_by_test_id("proposal-row").first).to_be_visible()
    check_with_axe(here)
    here.page.keyboard.press("Escape")
    here.open("#/install")
    expect(here.page.get_by_test_id("install")).to_be_visible()
    check_with_axe(here)


def check_with_axe(here: Visit) -> None:
    here.page.evaluate(AXE.read_text(encoding="utf-8"))
    found = here.page.evaluate("() => axe.run()")["violations"]
    assert [
        (violation["id"], [node["html"] for node in violation["nodes"]])
        for violation in found
        if violation["impact"] in ("serious", "critical")
    ] == []


def test_nothing_is_cut_off_on_a_phone(visit: MakeVisit, language: Language, manager: str) -> None:
    here = visit(language, **PHONE).open(LIST)
    expect(here.page.get_by_label(here.words["token"], exact=True)).to_be_visible()
    check_width(here)
    here.sign_in(manager)
    here.page.get_by_role("button", name=here.words["expand_all"]).click()
    expect(here.row("blog.example.com", "/feed")).to_be_visible()
    check_width(here)
    here.shoot("phone-list")
    here.open(DETAIL)
    expect(here.page.get_by_test_id("chart-availability").locator("canvas")).to_be_visible()
    expect(here.page.get_by_test_id("histogram").get_by_role("listitem").first).to_be_visible()
    check_width(here)
    here.shoot("phone-detail")
    here.page.get_by_test_id("objectives").click()
    here.page.get_by_test_id("add-objective").click()
    expect(here.page.locator("input[name=availability]")).to_be_visible()
    check_width(here)
    here.shoot("phone-objectives")
    here.page.keyboard.press("Escape")
    here.open("#/install")
    expect(here.page.get_by_test_id("install")).to_be_visible()
    check_width(here)
    here.shoot("phone-install")


def check_width(here: Visit) -> None:
    """Check that the page does not scroll sideways."""
    widest, screen = here.page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    assert widest <= screen == PHONE["viewport"]["width"]  # type: ignore[index]
