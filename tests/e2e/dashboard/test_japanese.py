"""Japanese: each page and dialog speaks it, and axe finds nothing serious. The other tests try English and Chinese."""

import re

import pytest
from e2e.dashboard.conftest import SHOP, MakeVisit
from e2e.dashboard.test_for_everyone import check_with_axe
from e2e.dashboard.visit import Visit
from e2e.recorded import DOMAIN
from playwright.sync_api import expect

JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
LIST = f"#/clusters/{SHOP}"
DETAIL = f"{LIST}/domains/{DOMAIN}?path=%2Fapi"


@pytest.fixture
def here(visit: MakeVisit, manager: str) -> Visit:
    opened = visit("ja", bypass_csp=True, viewport={"width": 1280, "height": 1200}).open(LIST)
    opened.page.get_by_label("トークン", exact=True).fill(manager)
    opened.page.keyboard.press("Enter")
    expect(opened.row(DOMAIN)).to_be_visible()
    return opened


@pytest.mark.parametrize(
    ("place", "button"),
    [
        (LIST, None),
        (LIST, "proposals"),
        (DETAIL, None),
        (DETAIL, "objectives"),
        (DETAIL, "exclude"),
        (f"{LIST}/incidents", None),
        (f"{LIST}/notifications", None),
    ],
    ids=["list", "proposals", "detail", "objectives", "exclusions", "incidents", "notifications"],
)
def test_a_page_or_dialog_speaks_japanese(here: Visit, place: str, button: str | None) -> None:
    here.open(place)
    found = here.page.locator("main")
    if button:
        here.page.get_by_test_id(button).click()
        found = here.page.get_by_role("dialog")
    expect(found.get_by_role("heading").filter(has_text=JAPANESE).first).to_be_visible()
    expect(here.page.locator("html")).to_have_attribute("lang", re.compile("^ja"))
    expect(here.page.get_by_test_id("loading")).to_have_count(0)
    check_with_axe(here)
    here.shoot(f"ja-{button or place.rpartition('/')[2].partition('?')[0]}")
