"""The statement of a month on the page: by a link of the menu, in each language, on paper."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from e2e.dashboard.conftest import SHOP, MakeVisit
from e2e.dashboard.test_for_everyone import PHONE, check_width, check_with_axe
from e2e.dashboard.words import Language
from e2e.recorded import DOMAIN, ReaderApi
from playwright.sync_api import expect

from lab.cloud.local import Cloud
from slo.objectives.objective import Objective
from slo.objectives.periods import Period
from slo.objectives.targets import LatencyObjective, Subject
from slo.store.objectives import ObjectiveStore
from slo.store.tables import Tables
from slo.times import DAY_SECONDS

REASON = "Moved the database <b>&</b> more"
RESULT = {"en": "Not known", "zh": "未知"}
WHENCE = {"en": "The domain’s objective", "zh": "域名的目标"}
CORRECTED = {"en": "Corrected after the month", "zh": "月末之后的更正"}


def last_month() -> datetime:
    """Noon of the last day of the month that is over."""
    return datetime.now(UTC).replace(day=1, hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)


@pytest.fixture(scope="module")
def promised(cloud: Cloud, api: ReaderApi) -> Iterator[str]:
    """An objective that was set a year ago, and a time of last month that is excluded now. Returns the month."""
    (table,) = [name for name in cloud.client("dynamodb").list_tables()["TableNames"] if "TargetsTable" in name]
    store = ObjectiveStore(Tables({**cloud.environment, "TARGETS_TABLE": table}.get))
    set_at = time.time() - 365 * DAY_SECONDS
    objective = Objective(
        subject=Subject(DOMAIN),
        name="long-ago",
        period=Period("month"),
        availability=0.999,
        latency_objective=LatencyObjective(0.99, 300),
        owner="shop",
        version=1,
        set_by="ops",
        set_at=set_at,
    )
    store.put(SHOP, objective, None)
    end = last_month()
    body = {"from": (end - timedelta(hours=1)).isoformat(), "to": end.isoformat(), "reason": REASON}
    made = api.call("POST", "/exclusions", json=body, params={"domain": DOMAIN})
    assert made.status_code == 201, made.text
    yield f"{end:%Y-%m}"
    assert api.call("DELETE", f"/exclusions/{made.json()['exclusion_id']}").status_code == 204
    store.delete(SHOP, objective, at=time.time(), by="ops")


def test_it_is_opened_by_the_menu_read_and_printed(
    visit: MakeVisit, language: Language, reader: str, promised: str
) -> None:
    here = visit(language, bypass_csp=True).open(f"#/clusters/{SHOP}").sign_in(reader)
    expect(here.row(DOMAIN)).to_be_visible()
    here.page.get_by_test_id("settings").click()
    here.page.get_by_test_id("statement-link").click()
    line = here.page.get_by_test_id("statement-line")
    expect(line).to_have_count(1)
    for said in (DOMAIN, "long-ago (shop)", "99.9", RESULT[language]):
        expect(line).to_contain_text(said)
    expect(here.page.get_by_role("heading", level=1)).to_contain_text(promised)
    expect(here.page.get_by_role("heading", name=CORRECTED[language])).to_be_visible()
    expect(here.page.get_by_text(REASON).first).to_be_visible()
    expect(here.page.get_by_text(WHENCE[language])).to_be_visible()
    check_with_axe(here)
    here.page.emulate_media(media="print")
    expect(here.page.locator(".top-bar")).to_be_hidden()
    expect(here.page.get_by_test_id("print")).to_be_hidden()
    assert here.page.pdf(format="A4", landscape=True).startswith(b"%PDF")


def test_a_month_that_is_not_closed_says_when_it_is(visit: MakeVisit, reader: str, promised: str) -> None:
    month = f"{datetime.now(UTC):%Y-%m}"
    here = visit().open(f"#/clusters/{SHOP}/statement?month={month}").sign_in(reader)
    here.may_fail_to_load = True
    expect(here.page.get_by_text("is not closed yet")).to_be_visible()
    here.page.get_by_role("combobox", name="Month").select_option(promised)
    expect(here.page.get_by_test_id("statement-line")).to_be_visible()


def test_it_fits_a_phone(visit: MakeVisit, reader: str, promised: str) -> None:
    here = visit(**PHONE).open(f"#/clusters/{SHOP}/statement?month={promised}").sign_in(reader)
    expect(here.page.get_by_test_id("statement-line")).to_be_visible()
    check_width(here)
