"""The pages of incidents, which are put into the store, so that the tests know each figure."""

import gzip
import re
import time
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import requests
from e2e.dashboard.conftest import MakeToken, MakeVisit
from e2e.dashboard.test_for_everyone import PHONE, check_width, check_with_axe
from e2e.dashboard.test_hostile_names import IMAGE, SCRIPT, SHOWN_BIDI, check_harmless
from e2e.dashboard.visit import Visit
from e2e.recorded import ReaderApi, rolled_up
from integration.use_cases import process, route, row, snapshot
from playwright.sync_api import Locator, expect

from lab.cloud.local import Cloud, Deployment
from slo.incidents.conditions import key_of
from slo.incidents.incident import FailingRoute, Incident, Kind, RouteChange, Step, Subject, Worst
from slo.incidents.tracking import Tracked, Tracking
from slo.objectives.burn_rates import Severity
from slo.store.clusters import ClusterItem
from slo.store.incidents import IncidentStore
from slo.store.tables import Tables
from slo.traefik import snapshots

CLUSTER_ID = "incidents"
SHOP, WIKI, FEW = "shop.example.com", "wiki.example.com", "few.example.com"
ROUTES = (route(SHOP), route(WIKI), route(FEW, "/hook"))
STEP_SECONDS, STEPS, FAILS_FROM = 120, 60, 25
PAST = 60
"""Incidents that are over: more than a page of the list has."""
LIST = f"#/clusters/{CLUSTER_ID}/incidents"
TOKEN_FIELD = {"en": "Token", "zh": "令牌", "ja": "トークン"}
HOUR = 3600.0


def open_incidents(now: float) -> list[Incident]:
    """An outage of SHOP (page) with all that an incident can have, tickets of each other kind, and a hostile one."""
    since = now - (STEPS - FAILS_FROM) * STEP_SECONDS
    outage = made(
        "outage",
        "page",
        since,
        Subject(domain=SHOP),
        requests=12_034,
        errors=9_120,
        worst=Worst(at=since + 600, requests=310, errors=302),
        routes=tuple(FailingRoute(path_prefix=f"/{n}", requests=100 * n, errors=10 * n) for n in range(5, 0, -1)),
        failing_routes=37,
        availability=0.999,
        period_days=30,
        budget_remaining=-0.42,
        budget_spent=0.77,
        changes=(RouteChange(what="changed", path_prefix="/api", service="new-80", before="old-80"),),
        steps=(
            Step(at=since + 60, what="opened", severity="ticket", requests=40, errors=12, budget_remaining=0.31),
            Step(at=since + 300, what="escalated", severity="page", requests=400, errors=320, budget_remaining=0.11),
        ),
    )
    counted: dict[str, Any] = {
        "requests": 50,
        "errors": 45,
        "availability": 0.99,
        "period_days": 30,
        "budget_remaining": 0.5,
    }
    return [
        outage,
        made("burn", "ticket", since, Subject(domain=WIKI), **counted),
        made("trickle", "ticket", since, Subject(domain=FEW), path_prefix="/hook", **counted),
        made("latency", "ticket", since, Subject(domain="slow.example.com"), latency_threshold=300.0, **counted),
        made("silent", "ticket", since, Subject(pod="traefik/traefik-0")),
        made("budget", "ticket", since, Subject(domain=SHOP), threshold=0.9, period_days=30, availability=0.999),
        msgspec.structs.replace(
            made("certificate", "ticket", since, Subject(certificate=f"{IMAGE}.example")),
            expires_at=now + 6 * 24 * HOUR,
            threshold=7.0,
            domains=(f"{SCRIPT}.example", SHOP),
            acknowledged_at=now - 60,
            acknowledged_by=f"{IMAGE}\u202egpj.exe\u2066\x1b]0;x\x07",
        ),
    ]


def made(kind: Kind, severity: Severity, since: float, subject: Subject, **fields: Any) -> Incident:
    opened_at = since + 60
    identity = f"{int(opened_at * 1000):013d}-{kind}-{len(subject.domain)}"
    fields.setdefault("steps", (Step(at=opened_at, what="opened", severity=severity),))
    return Incident(
        incident_id=identity,
        cluster_id=CLUSTER_ID,
        kind=kind,
        severity=severity,
        subject=subject,
        since=since,
        opened_at=opened_at,
        **fields,
    )


def past_incidents(now: float) -> list[Incident]:
    """Of WIKI, one every four hours, each of a quarter of an hour."""
    found = []
    for number in range(1, PAST + 1):
        since = now - number * 4 * HOUR
        steps = (
            Step(at=since + 60, what="opened", severity="page", requests=10, errors=9),
            Step(at=since + 900, what="resolved", severity="page", requests=1000 + number, errors=500),
        )
        found.append(
            msgspec.structs.replace(
                made("outage", "page", since, Subject(domain=WIKI), requests=1000 + number, errors=500, steps=steps),
                resolved_at=since + 900,
            )
        )
    return found


@pytest.fixture(scope="module")
def store(cloud: Cloud) -> IncidentStore:
    (table,) = [name for name in cloud.client("dynamodb").list_tables()["TableNames"] if "IncidentsTable" in name]
    return IncidentStore(Tables({**cloud.environment, "INCIDENTS_TABLE": table}.get))


@pytest.fixture(scope="module")
def now() -> float:
    return time.time()


@pytest.fixture(scope="module", autouse=True)
def pushed(cloud: Cloud, deployment: Deployment, make_token: MakeToken, store: IncidentStore, now: float) -> None:
    """Put incidents, then push two hours that end now, in whose second half SHOP fails.

    What is watched says that it was evaluated in the future, so that the evaluations of these pushes leave it as it is.
    """
    everything = open_incidents(now)
    tracked = {key_of(each.kind, each.subject).text(): Tracked(incident=each, fired_at=now) for each in everything}
    watch = store.watch(CLUSTER_ID)
    store.put_watch(CLUSTER_ID, msgspec.structs.replace(watch, tracking=Tracking(at=now + 24 * HOUR, open=tracked)))
    for incident in (*everything, *past_incidents(now)):
        store.put(incident)
    token = make_token("ingest", CLUSTER_ID)
    for step in range(STEPS + 1):
        push(deployment, token, step, now)
    rolled_up(cloud, deployment, CLUSTER_ID, now - 4 * STEP_SECONDS)
    (table,) = [name for name in cloud.client("dynamodb").list_tables()["TableNames"] if "ClustersTable" in name]
    items = Tables({**cloud.environment, "CLUSTERS_TABLE": table}.get).bind(ClusterItem, "CLUSTERS_TABLE")
    items(CLUSTER_ID).update(actions=[items.received_at.set(time.time() + HOUR)])


def push(deployment: Deployment, token: str, step: int, ends_at: float) -> None:
    at, since = ends_at - (STEPS - step) * STEP_SECONDS, max(0, step - FAILS_FROM)
    served = ((100_000 * min(step, FAILS_FROM) + 10 * since, 90 * since), *[(100 * step, 0)] * 2)
    rows = [row(each.router_keys[0], *counts) for each, counts in zip(ROUTES, served, strict=True)]
    seen = [process(rows if step else [], at, ends_at - 2 * STEPS * STEP_SECONDS)]
    sent = msgspec.structs.replace(snapshot(at, seen, ROUTES, cluster_id=CLUSTER_ID), sent_at=time.time())
    answer = requests.post(
        f"{deployment.api_url}/api/v2/clusters/{CLUSTER_ID}/snapshots",
        data=gzip.compress(snapshots.encode(sent)),
        headers={"Authorization": f"Bearer {token}", "Content-Type": snapshots.CONTENT_TYPE},
        timeout=60,
    )
    assert answer.status_code == 202, answer.text


@pytest.fixture(scope="module")
def incident_reader(make_token: MakeToken) -> str:
    return make_token("read", CLUSTER_ID)


@pytest.fixture(scope="module")
def incident_manager(make_token: MakeToken) -> str:
    return make_token("manage", CLUSTER_ID)


def sign_in(here: Visit, token: str) -> Visit:
    """In any language of the page."""
    here.page.get_by_label(TOKEN_FIELD[here.language], exact=True).fill(token)
    here.page.keyboard.press("Enter")
    return here


def rows_of(here: Visit) -> Locator:
    return here.page.get_by_test_id("incident")


def test_what_is_open_comes_first_and_older_ones_are_asked_for(visit: MakeVisit, incident_reader: str) -> None:
    here = visit().open(LIST).sign_in(incident_reader)
    expect(here.page.get_by_test_id("open-count")).to_have_text("7 open incidents")
    expect(here.page.get_by_test_id("incidents-link")).to_have_accessible_name("Incidents 7 open incidents")
    still_open = here.page.get_by_test_id("open-incidents").get_by_test_id("incident")
    expect(still_open).to_have_count(7)
    expect(still_open.first.locator("[data-severity=page]")).to_be_visible()
    expect(still_open.first).to_contain_text(f"Outage {SHOP}")
    expect(still_open.first).to_contain_text("9,120 of 12,034 requests failed (75.79%).")
    expect(still_open.first.get_by_test_id("incident-counts")).to_have_text("9,120 / 12,034")
    expect(still_open.first).to_contain_text("1.42×")
    here.shoot("incidents")
    expect(rows_of(here)).to_have_count(50)
    here.page.get_by_test_id("older").click()
    expect(rows_of(here)).to_have_count(7 + PAST)
    expect(here.page.get_by_test_id("older")).to_have_count(0)
    times = (
        here.page.get_by_test_id("past-incidents")
        .locator("time")
        .evaluate_all("(times) => times.map((each) => each.dateTime)")
    )
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ("status=acknowledged", 1),
        ("status=open,acknowledged&severity=ticket", 6),
        ("kind=latency", 1),
        (f"domain={SHOP}&status=open", 2),
        ("kind=silent&severity=page", 0),
    ],
)
def test_a_filter_is_an_address(visit: MakeVisit, incident_reader: str, filters: str, expected: int) -> None:
    here = visit().open(f"{LIST}?{filters}").sign_in(incident_reader)
    expect(here.page.get_by_test_id("open-count")).to_have_text("7 open incidents")
    expect(rows_of(here)).to_have_count(expected)
    if not expected:
        here.page.get_by_test_id("no-incidents").get_by_role("button").click()
        expect(rows_of(here)).to_have_count(50)


def test_filters_are_chosen_and_stay_in_the_address(visit: MakeVisit, incident_reader: str) -> None:
    here = visit().open(LIST).sign_in(incident_reader)
    here.page.get_by_test_id("filter-open").click()
    here.page.get_by_test_id("filter-ticket").click()
    expect(rows_of(here)).to_have_count(5)
    here.page.get_by_test_id("filter-kind").select_option("burn")
    expect(rows_of(here)).to_have_count(1)
    here.page.get_by_test_id("filter-domain").fill(WIKI)
    here.page.keyboard.press("Enter")
    expect(here.page).to_have_url(re.compile(r"status=open&kind=burn&severity=ticket&domain=wiki\.example\.com$"))
    expect(rows_of(here)).to_have_count(1)


def test_an_incident_has_its_timeline_its_figures_and_its_chart(visit: MakeVisit, incident_reader: str) -> None:
    here = visit().open(LIST).sign_in(incident_reader)
    rows_of(here).first.get_by_role("link").click()
    page = here.page
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Outage{SHOP}")
    expect(page.locator("main")).to_be_focused()
    facts = page.get_by_test_id("incident-facts")
    for figure in ("12,034", "9,120", "75.79%", "97.42%", "302 / 310", "77%", "1.42×", "Target: 99.9% in 30 days"):
        expect(facts).to_contain_text(figure)
    expect(page.get_by_test_id("step-opened")).to_contain_text("40 requests, 12 failed · Budget left 31%")
    expect(page.get_by_test_id("step-escalated")).to_contain_text("Now a page")
    expect(page.get_by_test_id("around-error_rate").locator("canvas")).to_be_visible()
    expect(page.get_by_test_id("around-error_rate").get_by_role("img")).to_have_accessible_name(
        re.compile(r"highest \d.*Outage, .* – now")
    )
    failing = page.get_by_test_id("failing-routes")
    expect(failing.get_by_role("heading")).to_have_text("The worst of 37 failing routes")
    expect(failing.get_by_role("listitem").first).to_contain_text("/550 / 500 (10.00%)")
    expect(page.get_by_test_id("changed-before")).to_contain_text("old-80 → new-80")
    here.shoot("incident")
    page.get_by_test_id("open-domain").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(SHOP)


def test_a_reader_may_not_acknowledge(visit: MakeVisit, incident_reader: str) -> None:
    here = visit().open(f"{LIST}?kind=burn").sign_in(incident_reader)
    rows_of(here).first.get_by_role("link").click()
    expect(here.page.get_by_test_id("timeline")).to_be_visible()
    expect(here.page.get_by_test_id("acknowledge")).to_have_count(0)


def test_a_manager_acknowledges_and_everybody_sees_who(
    visit: MakeVisit, incident_reader: str, incident_manager: str, deployment: Deployment
) -> None:
    here = visit().open(f"{LIST}?kind=trickle").sign_in(incident_manager)
    rows_of(here).first.get_by_role("link").click()
    here.page.get_by_test_id("acknowledge").click()
    expect(here.page.get_by_test_id("toasts")).to_contain_text("Acknowledged")
    expect(here.page.get_by_test_id("incident-status")).to_have_attribute("data-status", "acknowledged")
    expect(here.page.get_by_test_id("acknowledge")).to_have_count(0)
    expect(here.page.get_by_test_id("step-acknowledged")).to_contain_text("manage of the tests")
    api = ReaderApi(deployment, incident_reader, CLUSTER_ID)
    (told,) = api.get("/incidents", kind="trickle")["incidents"]
    assert (told["status"], told["acknowledged_by"]) == ("acknowledged", "manage of the tests")
    there = visit().open(f"{LIST}?kind=trickle").sign_in(incident_reader)
    expect(rows_of(there)).to_contain_text("Acknowledged by manage of the tests")


def test_an_incident_that_does_not_count_opens_the_dialog_with_its_time(
    visit: MakeVisit, incident_manager: str, now: float
) -> None:
    here = visit().open(f"{LIST}?kind=outage&status=open").sign_in(incident_manager)
    rows_of(here).first.get_by_role("link").click()
    here.page.get_by_test_id("exclude").click()
    opened = here.page.get_by_test_id("exclusions-dialog")
    expect(opened).to_contain_text(SHOP)
    since = datetime.fromtimestamp(now - (STEPS - FAILS_FROM) * STEP_SECONDS, UTC)
    expect(opened.locator("input[name=from]")).to_have_value(f"{since:%Y-%m-%dT%H:%M}")
    expect(opened.locator("input[name=to]")).not_to_have_value("")
    here.page.keyboard.press("Escape")
    expect(here.page.get_by_test_id("exclude")).to_be_focused()


def test_what_burns_links_to_the_incident_of_its_domain(visit: MakeVisit, incident_reader: str) -> None:
    here = visit().open(f"#/clusters/{CLUSTER_ID}").sign_in(incident_reader)
    mark = here.row(SHOP).get_by_test_id("burning")
    expect(mark).to_have_attribute("href", re.compile(rf"^#/clusters/{CLUSTER_ID}/incidents/\d+-outage-"))
    expect(here.page.get_by_test_id("incidents-link")).to_contain_text("7")
    assert len(here.asked("/incidents")) <= 2
    mark.click()
    expect(here.page.get_by_test_id("incident-sentence")).to_contain_text("9,120 of 12,034")


def test_the_status_history_links_to_incidents_of_its_time(visit: MakeVisit, incident_reader: str) -> None:
    here = visit().open(f"#/clusters/{CLUSTER_ID}/domains/{SHOP}").sign_in(incident_reader)
    links = here.page.get_by_test_id("incident-strip").get_by_role("link")
    expect(links).to_have_count(3)
    expect(links.filter(has_text="Outage")).to_have_attribute("title", re.compile(r"^Outage, .* – now$"))
    expect(here.page.locator(".detail-title").get_by_test_id("burning")).to_have_attribute("href", re.compile("outage"))
    here.shoot("incident-strip")
    links.filter(has_text="Outage").click()
    expect(here.page.get_by_test_id("incident-sentence")).to_be_visible()


def test_hostile_names_of_an_incident_are_text(visit: MakeVisit, incident_reader: str) -> None:
    here = visit().open(f"{LIST}?kind=certificate").sign_in(incident_reader)
    expect(rows_of(here)).to_contain_text(f"{IMAGE}.example")
    expect(rows_of(here)).to_contain_text(f"{IMAGE}{SHOWN_BIDI}")
    check_harmless(here)
    rows_of(here).get_by_role("link").click()
    expect(here.page.get_by_test_id("certificate-domains")).to_contain_text(f"{SCRIPT}.example")
    check_harmless(here)


def test_an_incident_that_is_not_there_says_so(visit: MakeVisit, incident_reader: str) -> None:
    here = visit()
    here.may_fail_to_load = True
    here.open(f"{LIST}/nothing").sign_in(incident_reader)
    expect(here.page.get_by_test_id("failure")).to_contain_text("There is no such incident")


@pytest.mark.parametrize("language", ["en", "zh", "ja"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_accessible_in_light_and_dark_and_on_a_phone(
    visit: MakeVisit, incident_manager: str, scheme: str, language: str
) -> None:
    for name, options in (("wide", {"viewport": {"width": 1280, "height": 800}}), ("phone", PHONE)):
        here = sign_in(visit(language, color_scheme=scheme, bypass_csp=True, **options).open(LIST), incident_manager)
        expect(rows_of(here)).to_have_count(50)
        check_with_axe(here)
        if name == "phone":
            check_width(here)
        here.shoot(f"incidents-{name}-{scheme}")
        rows_of(here).first.get_by_role("link").click()
        expect(here.page.get_by_test_id("around").locator("canvas")).to_have_count(2)
        check_with_axe(here)
        if name == "phone":
            check_width(here)
        here.shoot(f"incident-{name}-{scheme}")
