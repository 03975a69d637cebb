"""What burns now is marked, whatever the status of the window says, and the figures are live."""

import gzip
import re
import time
from collections.abc import Callable

import msgspec
import pytest
import requests
from e2e.dashboard.conftest import MakeToken, MakeVisit
from e2e.dashboard.test_for_everyone import PHONE, check_width, check_with_axe
from e2e.dashboard.visit import Visit, expect_status
from e2e.dashboard.words import Language
from e2e.recorded import SLOT_SECONDS, rolled_up
from integration.use_cases import process, route, row, snapshot
from playwright.sync_api import Locator, expect

from lab.cloud.local import Cloud, Deployment
from slo.traefik import snapshots

BURNING = "burning"
SHOP, WIKI, CALM = "shop.example.com", "wiki.example.com", "calm.example.com"
ROUTES = (route(SHOP), route(WIKI), route(WIKI, "/api"), route(CALM))
STEP_SECONDS, STEPS = 120, 60
FAILS_FROM = 25
"""The step from which nine of ten requests of SHOP and of WIKI's `/api` fail."""
LIST = f"#/clusters/{BURNING}"
_LOOKS = 5


def served(step: int, number: int) -> tuple[int, int]:
    """The counts of a route so far: OK, failed. SHOP had much traffic before it began to fail, and little since."""
    since = max(0, step - FAILS_FROM)
    return [
        (100_000 * min(step, FAILS_FROM) + 10 * since, 90 * since),
        (100_000 * step, 0),
        (100_000 * min(step, FAILS_FROM) + 10 * since, 90 * since),
        (100 * step, 0),
    ][number]


@pytest.fixture(scope="module", autouse=True)
def pushed(cloud: Cloud, deployment: Deployment, make_token: MakeToken) -> float:
    """Push two hours that end now, and return their end. All but the last snapshot is rolled up."""
    ends_at, token = time.time(), make_token("ingest", BURNING)
    for step in range(STEPS):
        push(deployment, token, step, ends_at)
    rolled_up(cloud, deployment, BURNING, ends_at - STEP_SECONDS - SLOT_SECONDS)
    push(deployment, token, STEPS, ends_at)
    return ends_at


def push(deployment: Deployment, token: str, step: int, ends_at: float, at: float | None = None) -> None:
    at = at or ends_at - (STEPS - step) * STEP_SECONDS
    rows = [row(each.router_keys[0], *served(step, number)) for number, each in enumerate(ROUTES)]
    seen = [process(rows if step else [], at, ends_at - 2 * STEPS * STEP_SECONDS)]
    sent = snapshot(at, seen, ROUTES, cluster_id=BURNING)
    sent = msgspec.structs.replace(sent, sent_at=time.time())
    answer = requests.post(
        f"{deployment.api_url}/api/v2/clusters/{BURNING}/snapshots",
        data=gzip.compress(snapshots.encode(sent)),
        headers={"Authorization": f"Bearer {token}", "Content-Type": snapshots.CONTENT_TYPE},
        timeout=60,
    )
    assert answer.status_code == 202, answer.text


@pytest.fixture
def burning_reader(make_token: MakeToken) -> str:
    return make_token("read", BURNING)


@pytest.fixture
def push_again(deployment: Deployment, make_token: MakeToken, pushed: float) -> Callable[[], None]:
    """Pushes what the last snapshot said once more, as of now."""
    token = make_token("ingest", BURNING)
    return lambda: push(deployment, token, STEPS, pushed, at=time.time())


def test_figures_are_live_and_their_age_grows(
    visit: MakeVisit, language: Language, burning_reader: str, push_again: Callable[[], None]
) -> None:
    here = visit(language)
    here.page.clock.install()
    here.open(LIST).sign_in(burning_reader)
    expect(here.row(SHOP)).to_be_visible()
    see_provisional(here, push_again)
    # An answer tells the page the server's clock, by which its figures would be as young as they are.
    here.keep_waiting()
    age = here.page.get_by_test_id("freshness")
    expect(age).to_have_attribute("data-live", "true")
    live = re.compile(here.words["live"].format(r".*\d.*"))
    expect(age).to_have_text(live)
    expect(age.locator("time")).to_have_attribute("title", re.compile(here.words["provisional"]))
    before = age.inner_text()
    here.page.clock.run_for(10_000)
    expect(age).not_to_have_text(before)
    assert not age.evaluate("(shown) => shown.closest('[role=status], [role=alert], [aria-live]')"), "it would be told"
    here.page.clock.run_for(150_000)
    expect(age).to_have_attribute("data-live", "false")
    expect(age).not_to_have_text(live)


def see_provisional(here: Visit, push_again: Callable[[], None]) -> None:
    """Show a snapshot that is not booked. The schedule of the deployment books every minute, so it may take two."""
    for _ in range(_LOOKS):
        push_again()
        with here.page.expect_response("**/api/v2/slo/domains?*") as heard:
            here.page.get_by_role("button", name=here.words["refresh"]).click()
        answer = heard.value.json()
        if answer["booked_until"] < answer["as_of"]:
            return
    raise AssertionError("each snapshot is booked before the page sees it")


def expect_burning(place: Locator, severity: str | None, here: Visit) -> None:
    """Expect the mark in words, and its severity in words for screen readers, or no mark."""
    mark = place.get_by_test_id("burning")
    if severity is None:
        expect(mark).to_have_count(0)
        return
    expect(mark).to_have_attribute("data-severity", severity)
    expect(mark.locator("svg")).to_be_visible()
    expect(mark.locator("[aria-hidden=true]").filter(has_text=here.words["burning"])).to_be_visible()
    expect(mark.locator(".visually-hidden")).to_have_text(here.words[severity])


def test_what_burns_is_marked_where_the_status_is_healthy(
    visit: MakeVisit, language: Language, burning_reader: str
) -> None:
    here = visit(language).open(LIST).sign_in(burning_reader)
    expect_status(here.row(SHOP), "healthy", here.words["healthy"])
    expect_burning(here.row(SHOP), "page", here)
    expect_burning(here.row(WIKI), None, here)
    expect(here.row(WIKI)).to_contain_text(here.words["one_path_burns"])
    expect_burning(here.row(CALM), None, here)
    expect(here.page.get_by_test_id("card-burning")).to_have_text(here.words["two_burn"])
    here.page.get_by_role("button", name=here.words["expand_all"]).click()
    expect_burning(here.row(WIKI, "/api"), "page", here)
    expect_burning(here.row(WIKI, "/"), None, here)


def test_the_detail_marks_what_burns_as_its_burn_rates_do(
    visit: MakeVisit, language: Language, burning_reader: str
) -> None:
    here = visit(language).open(f"#/clusters/{BURNING}/domains/{WIKI}?path=%2Fapi").sign_in(burning_reader)
    expect_burning(here.page.locator(".detail-title"), "page", here)
    expect(here.page.get_by_test_id("burn-state")).to_have_attribute("data-state", "page")
    api = here.page.get_by_test_id("path").filter(has_text="/api")
    expect(api.get_by_test_id("burning")).to_have_attribute("data-severity", "page")
    here.shoot("burning-detail")
    here.page.get_by_test_id("path").first.click()
    expect(here.page.get_by_test_id("burn-state")).to_have_attribute("data-state", "none")
    expect_burning(here.page.locator(".detail-title"), None, here)


@pytest.mark.parametrize("language", ["en", "zh", "ja"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_mark_is_seen_in_light_and_dark_and_is_accessible(
    visit: MakeVisit, burning_reader: str, scheme: str, language: str
) -> None:
    token = {"en": "Token", "zh": "令牌", "ja": "トークン"}[language]
    for name, options in (("wide", {"viewport": {"width": 1280, "height": 800}}), ("phone", PHONE)):
        here = visit(language, color_scheme=scheme, bypass_csp=True, **options).open(LIST)
        here.page.get_by_label(token, exact=True).fill(burning_reader)
        here.page.keyboard.press("Enter")
        here.row(WIKI).locator(".chevron").click()
        expect(here.page.get_by_test_id("burning")).to_have_count(2)
        check_with_axe(here)
        if name == "phone":
            check_width(here)
        here.shoot(f"burning-{name}-{scheme}")
