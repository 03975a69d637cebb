"""The page of notifications: what is set there is what the API has, and a test message arrives at a receiver."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from e2e.dashboard.conftest import SHOP, MakeToken, MakeVisit
from e2e.dashboard.test_for_everyone import PHONE, check_width, check_with_axe
from e2e.dashboard.test_hostile_names import IMAGE, SCRIPT, check_harmless
from e2e.dashboard.test_incidents import sign_in
from e2e.dashboard.visit import Visit
from integration.channels.receivers import Receiver, receiver, verified
from playwright.sync_api import Locator, expect

from lab.cloud.local import Deployment

PAGE = "#/notifications"
SECRET = "whsec_" + "c2VjcmV0IG9mIHRoZSB0ZXN0cywgMzIgYnl0ZXMhISE="
HOOK = "page-hook"


class Api:
    """The API as a token for all clusters sees it."""

    def __init__(self, deployment: Deployment, token: str) -> None:
        self._url, self._headers = f"{deployment.api_url}/api/v2/slo", {"Authorization": f"Bearer {token}"}

    def call(self, method: str, path: str, body: Any = None, if_match: str = "") -> Any:
        headers = {**self._headers, **({"If-Match": if_match} if if_match else {})}
        answer = requests.request(method, f"{self._url}{path}", json=body, headers=headers, timeout=60)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def replace(self, **parts: Any) -> None:
        """Change parts of the settings, as another user would."""
        now = self.call("GET", "/notifications")
        version = now.pop("version")
        self.call("PUT", "/notifications", {**now, **parts}, if_match=f'"{version}"')


@pytest.fixture(scope="module")
def chief(make_token: MakeToken) -> str:
    """A token that may set everything for all clusters."""
    return make_token("manage")


@pytest.fixture(scope="module")
def settings(deployment: Deployment, chief: str) -> Api:
    return Api(deployment, chief)


@pytest.fixture(autouse=True)
def as_before(settings: Api) -> Iterator[None]:
    """Leave channels, rules, times, thresholds and mutes as they were."""
    before = settings.call("GET", "/notifications")
    channels = {each["name"] for each in settings.call("GET", "/channels")["channels"]}
    mutes = {each["mute_id"] for each in settings.call("GET", "/mutes")["mutes"]}
    before.pop("version")
    yield
    settings.replace(**before)
    for channel in settings.call("GET", "/channels")["channels"]:
        if channel["name"] not in channels:
            settings.call("DELETE", f"/channels/{channel['name']}")
    for mute in settings.call("GET", "/mutes")["mutes"]:
        if mute["mute_id"] not in mutes:
            settings.call("DELETE", f"/mutes/{mute['mute_id']}")


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def here(visit: MakeVisit, chief: str) -> Visit:
    opened = visit().open(PAGE).sign_in(chief)
    expect(opened.page.get_by_test_id("rules-how")).to_be_visible()
    return opened


def channel(here: Visit, name: str = HOOK) -> Locator:
    return here.page.locator(f"[data-testid=channel][data-key={name}]")


def add_hook(here: Visit, url: str, secrets: str = SECRET) -> Locator:
    """Fill in the form of a webhook and save it; returns the dialog."""
    here.page.get_by_test_id("add-channel").click()
    dialog = here.page.get_by_test_id("channel-dialog")
    dialog.locator("[name=kind]").select_option("webhook")
    dialog.locator("[name=name]").fill(HOOK)
    dialog.locator("[name=url]").fill(url)
    dialog.locator("[name=secrets]").fill(secrets)
    dialog.get_by_test_id("save").click()
    return dialog


def test_a_channel_is_added_tested_changed_and_removed(here: Visit, hook: Receiver, settings: Api) -> None:
    dialog = add_hook(here, f"{hook.url}/hook")
    expect(dialog).to_have_count(0)
    expect(here.page.get_by_test_id("add-channel")).to_be_focused()
    expect(channel(here).get_by_test_id("health")).to_have_attribute("data-tone", "neutral")
    channel(here).get_by_test_id("test").click()
    expect(channel(here).get_by_test_id("test-result")).to_have_text("The test was delivered.")
    assert verified(hook.received[0], SECRET)["type"] == "test"
    expect(channel(here).get_by_test_id("health")).to_have_attribute("data-tone", "healthy")
    expect(channel(here)).to_contain_text(re.compile(r"last delivered \d+ (sec|min)"))
    expect(here.page.get_by_test_id("delivery").filter(has_text=HOOK)).to_have_attribute("data-status", "delivered")
    here.shoot("notifications")

    channel(here).get_by_role("button", name=f"Edit: {HOOK}").click()
    expect(dialog.get_by_test_id("kept")).to_be_visible()
    expect(dialog.locator("[name=secrets]")).to_have_count(0)
    dialog.locator("[name=language]").select_option("ja")
    dialog.get_by_test_id("save").click()
    expect(channel(here)).to_contain_text("日本語")
    channel(here).get_by_test_id("test").click()
    expect(channel(here).get_by_test_id("test-result")).to_have_text("The test was delivered.")
    verified(hook.received[1], SECRET)
    changes = here.page.get_by_test_id("settings-changes").get_by_test_id("change").filter(has_text=HOOK)
    expect(changes.first).to_contain_text(f"Channel set {HOOK}")
    expect(changes.first).to_contain_text("manage of the tests")
    assert SECRET not in here.page.content()

    channel(here).get_by_test_id("remove").click()
    expect(channel(here)).to_be_visible()
    channel(here).get_by_test_id("remove").click()
    expect(channel(here)).to_have_count(0)
    assert HOOK not in [each["name"] for each in settings.call("GET", "/channels")["channels"]]


@pytest.mark.parametrize(
    ("opener", "dialog", "first"),
    [
        ("add-channel", "channel-dialog", "[name=name]"),
        ("add-rule", "rule-dialog", "input, select"),
        ("edit-timing", "timing-dialog", "input, select"),
        ("edit-thresholds", "thresholds-dialog", "input, select"),
        ("add-mute", "mute-dialog", "input, select"),
    ],
)
def test_a_dialog_has_the_focus_in_its_first_field_and_gives_it_back(
    here: Visit, opener: str, dialog: str, first: str
) -> None:
    button, opened = here.page.get_by_test_id(opener), here.page.get_by_test_id(dialog)
    button.focus()
    here.page.keyboard.press("Enter")
    expect(opened.locator(first).first).to_be_focused()
    for _ in range(50):
        here.page.keyboard.press("Tab")
        is_inside = "(dialog) => dialog.contains(document.activeElement) || document.activeElement === document.body"
        assert opened.evaluate(is_inside), "the focus is behind the dialog"
    here.page.keyboard.press("Escape")
    expect(opened).to_have_count(0)
    expect(button).to_be_focused()
    here.page.keyboard.press("Enter")
    opened.get_by_role("button", name="Cancel").click()
    expect(opened).to_have_count(0)
    expect(button).to_be_focused()


def test_a_channel_that_fails_says_why(here: Visit, hook: Receiver) -> None:
    hook.answer(503)
    add_hook(here, hook.url)
    channel(here).get_by_test_id("test").click()
    expect(channel(here).get_by_test_id("test-result")).to_contain_text("The test was not delivered yet: ")
    here.page.get_by_role("button", name=here.words["refresh"], exact=True).click()
    expect(channel(here).get_by_test_id("health")).to_have_attribute("data-tone", "critical")
    expect(channel(here).get_by_test_id("last-error")).to_contain_text("503")


def test_what_is_wrong_with_a_channel_is_said_at_its_field(here: Visit) -> None:
    here.may_fail_to_load = True
    dialog = add_hook(here, "", "")
    expect(dialog.get_by_test_id("error-url")).to_be_visible()
    expect(dialog.locator("[name=url]")).to_be_focused()
    dialog.locator("[name=url]").fill("ftp://example.com/hook")
    dialog.locator("[name=secrets]").fill(f"{SECRET}\nshort")
    dialog.get_by_test_id("save").click()
    expect(dialog.get_by_test_id("error-secrets").or_(dialog.get_by_test_id("error-url")).first).to_be_visible()
    dialog.locator("[name=secrets]").fill(SECRET)
    dialog.get_by_test_id("save").click()
    expect(dialog.get_by_test_id("error-url")).to_contain_text("must begin with")
    here.shoot("channel-refused")
    dialog.locator("[name=name]").fill("Not A Name")
    dialog.get_by_test_id("save").click()
    expect(dialog.get_by_test_id("error-name")).to_be_visible()


@pytest.mark.parametrize(
    ("language", "url", "secret", "failed"),
    [
        (
            "zh",
            "不能含有用户名或密码。",
            "2: 密钥必须以 whsec_ 开头。",
            "接收方返回 400 Bad Request。",
        ),
        (
            "ja",
            "ユーザー名やパスワードは使えません。",
            "2: 秘密鍵は whsec_ で始めてください。",
            "受信側の応答は 400 Bad Request です。",
        ),
    ],
    ids=["zh", "ja"],
)
def test_what_the_api_refuses_and_why_a_test_fails_is_said_in_the_language_of_the_page(
    visit: MakeVisit, chief: str, hook: Receiver, language: str, url: str, secret: str, failed: str
) -> None:
    here = visit(language).open(PAGE)
    here.may_fail_to_load = True
    here.page.locator("#token").fill(chief)
    here.page.keyboard.press("Enter")
    expect(here.page.get_by_test_id("rules-how")).to_be_visible()
    dialog = add_hook(here, "https://me@example.com/hook", f"{SECRET}\nshort")
    expect(dialog.get_by_test_id("error-url")).to_have_text(url)
    dialog.locator("[name=url]").fill(hook.url)
    dialog.get_by_test_id("save").click()
    expect(dialog.get_by_test_id("error-secrets")).to_have_text(secret)
    expect(dialog.locator("[lang=en]")).to_have_count(0)
    here.shoot("channel-refused")

    hook.answer(400)
    dialog.locator("[name=secrets]").fill(SECRET)
    dialog.get_by_test_id("save").click()
    channel(here).get_by_test_id("test").click()
    expect(channel(here).get_by_test_id("test-result")).to_contain_text(failed)
    expect(channel(here).get_by_test_id("last-error")).to_have_text(failed)
    expect(here.page.get_by_test_id("delivery").filter(has_text=HOOK).first).to_contain_text(failed)
    expect(here.page.locator("main [lang=en]")).to_have_count(0)


def test_rules_are_added_moved_and_removed(here: Visit, hook: Receiver, settings: Api) -> None:
    page = here.page
    expect(page.get_by_test_id("rules-how")).to_contain_text("There is no rule: every channel gets every page")
    add_hook(here, hook.url)
    expect(channel(here)).to_be_visible()
    for clusters, severity in (("prod-*", "page"), ("", "ticket")):
        page.get_by_test_id("add-rule").click()
        dialog = page.get_by_test_id("rule-dialog")
        dialog.locator("[name=clusters]").fill(clusters)
        dialog.get_by_role("checkbox", name=re.compile(f"^{severity}$", re.IGNORECASE)).check()
        expect(dialog.get_by_test_id("rule-sentence")).to_contain_text(HOOK)
        dialog.get_by_test_id("save").click()
        expect(dialog).to_have_count(0)
    rules = page.get_by_test_id("rule")
    expect(rules.first).to_contain_text(f"Every page in prod-* goes to {HOOK}.")
    page.get_by_role("button", name="Move up: Rule 2").click()
    expect(rules.first).to_contain_text(f"Every ticket goes to {HOOK}.")
    assert [rule["severities"] for rule in settings.call("GET", "/notifications")["rules"]] == [["ticket"], ["page"]]
    channel(here).get_by_test_id("remove").click()
    here.may_fail_to_load = True
    channel(here).get_by_test_id("remove").click()
    expect(page.get_by_test_id("toasts")).to_contain_text("is used by rule 1, rule 2")
    rules.first.get_by_test_id("remove").click()
    rules.first.get_by_test_id("remove").click()
    expect(rules).to_have_count(1)
    page.get_by_test_id("toasts").get_by_role("button", name="Undo", exact=True).last.click()
    expect(rules).to_have_count(2)


@pytest.mark.parametrize("choice", ["keep-mine", "take-theirs"])
def test_a_conflict_shows_both_and_loses_nothing(here: Visit, settings: Api, choice: str) -> None:
    here.may_fail_to_load = True
    page, theirs = here.page, {"clusters": ["theirs"], "domains": [], "kinds": [], "severities": [], "channels": []}
    page.get_by_test_id("add-rule").click()
    dialog = page.get_by_test_id("rule-dialog")
    dialog.locator("[name=clusters]").fill("mine")
    settings.replace(rules=[theirs])
    dialog.get_by_test_id("save").click()
    conflict = dialog.get_by_test_id("conflict")
    expect(conflict).to_contain_text("in theirs")
    expect(conflict).to_contain_text("in mine")
    here.shoot("rules-conflict")
    conflict.get_by_test_id(choice).click()
    expect(dialog).to_have_count(0)
    kept = [rule["clusters"] for rule in settings.call("GET", "/notifications")["rules"]]
    assert kept == ([["mine"]] if choice == "keep-mine" else [["theirs"]])


def test_a_change_of_another_part_is_no_conflict(here: Visit, settings: Api) -> None:
    here.may_fail_to_load = True
    here.page.get_by_test_id("edit-timing").click()
    dialog = here.page.get_by_test_id("timing-dialog")
    dialog.locator("[name=quiet]").check()
    dialog.locator("[name='quiet_hours.start']").fill("21:30")
    dialog.locator("[name='quiet_hours.time_zone']").fill("Nowhere/Atlantis")
    dialog.get_by_test_id("save").click()
    expect(dialog.get_by_test_id("error-quiet_hours.time_zone")).to_contain_text("There is no time zone")
    limits = settings.call("GET", "/notifications")["thresholds"]
    settings.replace(thresholds={**limits, "outage_requests": 77})
    dialog.locator("[name='quiet_hours.time_zone']").fill("Asia/Tokyo")
    dialog.get_by_test_id("save").click()
    expect(here.page.get_by_test_id("quiet-hours")).to_contain_text("From 21:30 to 07:00 (Asia/Tokyo)")
    kept = settings.call("GET", "/notifications")
    assert (kept["quiet_hours"]["start"], kept["thresholds"]["outage_requests"]) == ("21:30", 77)


def test_thresholds_are_typed_in_minutes_and_per_cent(here: Visit, settings: Api) -> None:
    here.page.get_by_test_id("edit-thresholds").click()
    dialog = here.page.get_by_test_id("thresholds-dialog")
    dialog.locator("[name='thresholds.outage_share']").fill("2")
    dialog.get_by_test_id("save").click()
    expect(dialog.get_by_test_id("error-thresholds.outage_share")).to_have_text("Between 5 and 100.")
    dialog.locator("[name='thresholds.outage_share']").fill("30")
    dialog.locator("[name='thresholds.calm_seconds']").fill("15")
    dialog.get_by_test_id("save").click()
    expect(here.page.get_by_test_id("thresholds")).to_contain_text("at least 30% of at least")
    expect(here.page.get_by_test_id("thresholds")).to_contain_text("calm for 15 min")
    kept = settings.call("GET", "/notifications")["thresholds"]
    assert (kept["outage_share"], kept["calm_seconds"]) == (0.3, 900)


def test_a_subject_is_muted_for_a_while_and_the_mute_is_ended(here: Visit, settings: Api) -> None:
    page = here.page
    page.get_by_test_id("add-mute").click()
    dialog = page.get_by_test_id("mute-dialog")
    dialog.locator("[name=cluster_id]").fill(SHOP)
    dialog.locator("[name=domain]").fill("*.example.com")
    dialog.get_by_test_id("save").click()
    expect(dialog.get_by_test_id("error-reason")).to_be_visible()
    dialog.locator("[name=reason]").fill(f"{IMAGE}{SCRIPT}\u202e")
    dialog.locator("[name=length]").select_option("3600")
    dialog.get_by_test_id("save").click()
    mute = page.get_by_test_id("mute").filter(has_text="*.example.com")
    expect(mute).to_contain_text(f"{SHOP}: *.example.com")
    expect(mute).to_contain_text(f"{IMAGE}{SCRIPT}\\u202e")
    expect(mute).to_contain_text(re.compile("for another (1 hr|59 min|60 min)"))
    check_harmless(here)
    mute.get_by_test_id("remove").click()
    mute.get_by_test_id("remove").click()
    expect(mute).to_have_count(0)
    assert settings.call("GET", "/mutes")["mutes"] == []
    check_harmless(here)


def test_a_reader_sees_everything_and_may_change_nothing(visit: MakeVisit, reader: str) -> None:
    here = visit().open(f"#/clusters/{SHOP}").sign_in(reader)
    expect(here.page.get_by_test_id("scope")).to_be_visible()
    here.page.get_by_test_id("settings").click()
    here.page.get_by_test_id("notifications-link").click()
    expect(here.page.get_by_test_id("read-only")).to_be_visible()
    expect(here.page.locator("main")).to_be_focused()
    for name in ("add-channel", "add-rule", "edit-timing", "edit-thresholds", "add-mute", "remove", "test"):
        expect(here.page.get_by_test_id(name)).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "zh", "ja"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_and_its_forms_are_accessible_and_fit_on_a_phone(
    visit: MakeVisit, chief: str, settings: Api, scheme: str, language: str
) -> None:
    body = {"kind": "webhook", "settings": {"url": "http://127.0.0.1:9/", "secrets": [SECRET]}}
    settings.call("PUT", f"/channels/{HOOK}", body)
    for name, options in (("wide", {"viewport": {"width": 1280, "height": 800}}), ("phone", PHONE)):
        here = sign_in(visit(language, color_scheme=scheme, bypass_csp=True, **options).open(PAGE), chief)
        expect(channel(here)).to_be_visible()
        expect(here.page.get_by_test_id("settings-changes")).to_be_visible()
        check_with_axe(here)
        here.shoot(f"notifications-{name}-{scheme}")
        for button, opened in (
            ("add-channel", "channel-dialog"),
            ("add-rule", "rule-dialog"),
            ("edit-timing", "timing-dialog"),
            ("edit-thresholds", "thresholds-dialog"),
            ("add-mute", "mute-dialog"),
        ):
            here.page.get_by_test_id(button).click()
            dialog = here.page.get_by_test_id(opened)
            if button in ("add-channel", "add-mute"):
                dialog.get_by_test_id("save").click()
            check_with_axe(here)
            if name == "phone":
                check_width(here)
            here.shoot(f"{opened}-{name}-{scheme}")
            here.page.keyboard.press("Escape")
            expect(dialog).to_have_count(0)
            expect(here.page.get_by_test_id(button)).to_be_focused()
