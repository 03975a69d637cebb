"""One person's visit to the dashboard: a fresh browser profile that notices what must never happen.

An error or a warning in the console, a break of the Content-Security-Policy, a request to another host, or a token in a
URL, in localStorage or in the console fails the test when the visit ends.
"""

import re
import time
from typing import Any
from urllib.parse import urlsplit

from e2e.dashboard.words import LOCALES, WORDS, Language
from playwright.sync_api import Browser, ConsoleMessage, Locator, Request, Response, expect

from lab.paths import ROOT

SCREENSHOTS = ROOT / "build" / "screenshots"
PATIENCE_MILLISECONDS = 60_000
"""Long enough for a function to start on a busy machine."""
TOKEN = re.compile(r"islo_[\w-]{20,}")
_TELL_VIOLATIONS = """
addEventListener('securitypolicyviolation', (event) =>
  console.error('CSP', event.effectiveDirective, event.blockedURI, event.sample))
"""
_FAILED_LOAD = "Failed to load resource"


class Visit:
    """A page in a profile of its own. Options are those of a Playwright browser context."""

    def __init__(self, browser: Browser, address: str, language: str = "en", **options: Any) -> None:
        self.address = address
        self.language = language
        self.context = browser.new_context(
            **{"locale": LOCALES[language], "timezone_id": "UTC", "viewport": {"width": 1280, "height": 800}, **options}
        )
        self.context.add_init_script(_TELL_VIOLATIONS)
        self.context.set_default_timeout(PATIENCE_MILLISECONDS)
        self.requests: list[Request] = []
        self.responses: list[Response] = []
        self.complaints: list[str] = []
        self.may_fail_to_load = False
        """Whether the test provokes answers other than 2xx, which Chromium writes to the console."""
        self.page = self.context.new_page()
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        self.page.on("request", lambda request: self.requests.append(request))
        self.page.on("response", lambda response: self.responses.append(response))

    @property
    def words(self) -> dict[str, str]:
        """What the page says in the language of this visit."""
        language: Language = "zh" if self.language == "zh" else "en"
        return WORDS[language]

    def open(self, hash_route: str = "") -> "Visit":
        """Go to the page."""
        self.page.goto(f"{self.address}{hash_route}")
        return self

    def sign_in(self, token: str) -> "Visit":
        """Type a token and send it."""
        self.page.get_by_label(self.words["token"], exact=True).fill(token)
        self.page.get_by_role("button", name=self.words["sign_in"], exact=True).click()
        return self

    def rows(self) -> Locator:
        """Every drawn row of the tree."""
        return self.page.locator("[data-testid=row-domain], [data-testid=row-route]")

    def row(self, domain: str, path: str | None = None) -> Locator:
        """The row of a domain, or of one of its paths."""
        kind = "domain" if path is None else "route"
        rows = self.page.get_by_test_id(f"row-{kind}")
        name = domain if path is None else path
        found = rows.filter(has=self.page.get_by_role("link", name=name, exact=True))
        return found if path is None else found.and_(self.page.locator(f"[data-key*='{domain}']"))

    def names(self) -> list[str]:
        """The names of the rows, from top to bottom."""
        return self.rows().get_by_role("link").all_inner_texts()

    def asked(self, path: str) -> list[str]:
        """The query strings of the page's requests to this API path so far."""
        urls = [urlsplit(request.url) for request in self.requests]
        return [url.query for url in urls if url.path.endswith(f"/api/v2/slo{path}")]

    def answer(self, path: str) -> Any:
        """The API's last successful answer for this path. Waits for the first one."""
        deadline = time.monotonic() + PATIENCE_MILLISECONDS / 1000
        while not (heard := self._heard(path)):
            assert time.monotonic() < deadline, f"the page has asked nothing of {path}"
            self.page.wait_for_timeout(50)
        return heard[-1].json()

    def _heard(self, path: str) -> list[Response]:
        return [each for each in self.responses if urlsplit(each.url).path.endswith(f"/api/v2/slo{path}") and each.ok]

    def keep_waiting(self) -> None:
        """Answer none of the page's requests to the API from now on, so that it shows what it has, and ages it."""
        self.page.wait_for_load_state("networkidle")
        self.page.route("**/api/v2/**", lambda _: None)

    def choose(self, word: str) -> None:
        """Choose the radio button with this word."""
        self.page.get_by_role("radio", name=self.words[word], exact=True).check()

    def shoot(self, name: str) -> None:
        """Keep a screenshot."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}-{self.language}.png", animations="disabled")

    def end(self) -> None:
        """Close the profile. Raises AssertionError if anything happened that must never happen."""
        kept = self.page.evaluate("() => JSON.stringify(localStorage)")
        hosts = {urlsplit(request.url).netloc for request in self.requests if not request.url.startswith("data:")}
        urls = [request.url for request in self.requests] + [self.page.url]
        self.context.close()
        assert self.complaints == [], f"the page complained: {self.complaints}"
        assert hosts <= {urlsplit(self.address).netloc}
        assert not [text for text in (kept, *urls) if TOKEN.search(text)], "a token where it must not be"

    def _listen(self, message: ConsoleMessage) -> None:
        if TOKEN.search(message.text):
            self.complaints.append("a token in the console")
        if message.type in ("error", "warning") and not (self.may_fail_to_load and _FAILED_LOAD in message.text):
            self.complaints.append(f"{message.type}: {message.text}")


def figure(row: Locator, name: str) -> Locator:
    """The figure of a row in this column."""
    return row.get_by_test_id(f"cell-{name}").locator(".figure")


def expect_status(row: Locator, status: str, word: str) -> None:
    """Expect a status by word and shape, never by colour alone."""
    mark = row.get_by_test_id("status")
    expect(mark).to_have_text(word)
    expect(mark).to_have_attribute("data-status", status)
    expect(mark.locator("svg")).to_be_visible()
