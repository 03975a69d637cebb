"""Which tokens open the page, and what the page says about the others."""

import pytest
from e2e.dashboard.conftest import NEW, SHOP, MakeToken, MakeVisit
from e2e.dashboard.visit import TOKEN, Visit
from e2e.dashboard.words import Language
from playwright.sync_api import Route, expect


@pytest.mark.parametrize("scope", ["read", "manage"])
def test_a_token_opens_the_page_which_says_what_it_may_do(
    visit: MakeVisit, language: Language, scope: str, reader: str, manager: str
) -> None:
    here = visit(language).open()
    expect(here.page.get_by_label(here.words["token"], exact=True)).to_be_focused()
    here.shoot("sign-in")
    here.sign_in(reader if scope == "read" else manager)
    expect(here.page.get_by_test_id("scope")).to_have_attribute("data-scope", scope)
    here.page.get_by_test_id("account").click()
    expect(here.page.get_by_text(f"{scope} of the tests")).to_be_visible()


def test_the_token_is_kept_for_the_session_only_until_its_owner_signs_out(
    visit: MakeVisit, language: Language, reader: str
) -> None:
    here = visit(language).open().sign_in(reader)
    expect(here.page.get_by_test_id("card-domains")).to_be_visible()
    assert reader in here.page.evaluate("() => Object.values(sessionStorage)")
    here.page.reload()
    expect(here.page.get_by_test_id("card-domains")).to_be_visible()
    here.page.get_by_test_id("account").click()
    here.page.get_by_test_id("sign-out").click()
    expect(here.page.get_by_text(here.words["signed_out"])).to_be_visible()
    assert not TOKEN.search(here.page.evaluate("() => JSON.stringify(sessionStorage)"))
    here.page.reload()
    expect(here.page.get_by_label(here.words["token"], exact=True)).to_be_visible()


@pytest.fixture
def typed(make_token: MakeToken) -> dict[str, str]:
    """What a user may type, by the kind of mistake."""
    return {
        "missing": "",
        "foreign": "ghp_0123456789abcdefghijklmnopqrstuvwxyz",
        "unknown": "islo_" + "x" * 43,
        "expired": make_token("read", SHOP, expires_in=-1),
        "ingest": make_token("ingest", SHOP),
    }


@pytest.mark.parametrize("kind", ["missing", "foreign", "unknown", "expired", "ingest"])
def test_a_token_that_does_not_open_the_page_is_explained(
    visit: MakeVisit, language: Language, kind: str, typed: dict[str, str]
) -> None:
    here = visit(language).open()
    here.may_fail_to_load = True
    here.sign_in(typed[kind])
    says = here.words["rejected" if kind in ("unknown", "expired") else kind]
    expect(here.page.get_by_role("alert")).to_contain_text(says)
    field = here.page.get_by_label(here.words["token"], exact=True)
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    here.shoot(f"sign-in-{kind}")


def test_a_token_that_expires_while_the_page_is_open_ends_the_session(
    visit: MakeVisit, language: Language, reader: str, make_token: MakeToken
) -> None:
    here = visit(language).open().sign_in(reader)
    expect(here.page.get_by_test_id("card-domains")).to_be_visible()
    here.may_fail_to_load = True
    expired = make_token("read", SHOP, expires_in=-1)

    def as_it_is_later(route: Route) -> None:
        route.continue_(headers={**route.request.headers, "authorization": f"Bearer {expired}"})

    here.page.route("**/api/v2/slo/**", as_it_is_later)
    here.page.get_by_role("button", name=here.words["refresh"]).click()
    expect(here.page.get_by_text(here.words["ended"])).to_be_visible()
    assert not TOKEN.search(here.page.evaluate("() => JSON.stringify(sessionStorage)"))


@pytest.mark.parametrize("width", [360, 1280])
def test_every_command_to_copy_can_be_read_whole(visit: MakeVisit, make_token: MakeToken, width: int) -> None:
    here = visit(viewport={"width": width, "height": 800}).open("#/install")
    expect(here.page.locator(".copy-block")).to_have_count(1)
    check_whole(here)
    here.sign_in(make_token("manage", NEW))
    expect(here.page.locator(".copy-block")).to_have_count(6)
    check_whole(here)
    lines = here.page.locator(".copy-block").nth(3).inner_text().replace("\nCopy", "").split("\n")
    assert [line.split()[0] for line in lines[:3]] == ["kubectl", "helm", "--set"]
    here.shoot(f"install-{width}")


def check_whole(here: Visit) -> None:
    """Check that no command runs out of its block or under a button, and that nothing scrolls sideways."""
    hidden = here.page.evaluate(
        """() => [...document.querySelectorAll('.copy-block pre, html')].filter(
             (block) => block.scrollWidth > block.clientWidth).map((block) => block.textContent.slice(0, 80))"""
    )
    assert hidden == []


def test_the_first_run_says_how_to_install_the_agent(
    visit: MakeVisit, language: Language, make_token: MakeToken
) -> None:
    here = visit(language).open().sign_in(make_token("manage", NEW))
    page = here.page.get_by_test_id("install")
    expect(page.get_by_role("heading", name=here.words["install"])).to_be_visible()
    expect(page.get_by_role("textbox")).to_have_value(NEW)
    said = page.inner_text()
    assert "addRoutersLabels" in said
    assert f"--scope ingest --cluster {NEW}" in said
    assert "helm upgrade --install" in said
    push_url = here.answer("/clusters")["push_url"]
    assert push_url
    assert f"--set endpoint={push_url}" in said
    here.shoot("first-run")
