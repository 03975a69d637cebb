"""Names that try to be markup, scripts, links or commands, in every field that somebody else chooses.

They are pushed to the real stack. Each visit checks besides that the Content-Security-Policy had nothing to block.
"""

import gzip
import time
from urllib.parse import quote

import msgspec
import pytest
import requests
from e2e.dashboard.conftest import MakeToken, MakeVisit
from e2e.dashboard.visit import Visit
from e2e.recorded import ReaderApi, booked_by, rolled_up
from integration.use_cases import process, route, row, snapshot
from playwright.sync_api import expect

from lab.cloud.local import Cloud, Deployment
from slo.api.tokens import Token, generate, token_hash
from slo.store.tokens import TokenStore
from slo.traefik import snapshots
from slo.traefik.snapshots import IngressMetrics, UnreachablePod

CLUSTER_ID = "hostile"
IMAGE = '<img src=x onerror="window.owned=1">'
SCRIPT = "<script>window.owned=1</script>"
QUOTES = "\"'`${window.owned=1}{{constructor.constructor('window.owned=1')()}}"
LINK = "javascript:window.owned=1//"
BIDI = "\u202egpj.exe\u2066\x1b]0;x\x07"
SHOWN_BIDI = r"\u202egpj.exe\u2066\u001b]0;x\u0007"
DOMAINS = (f"{IMAGE}.example", f"{QUOTES.lower()}.example", f"a{BIDI}.example")
PATHS = (f"/{SCRIPT}", f"/{LINK}", "/../..//evil.example/%00%0d%0a?x=#y")
"""Each domain has each of these paths."""


@pytest.fixture(scope="module")
def owner(token_store: TokenStore) -> str:
    """A token that may set objectives, with a hostile label."""
    text = generate()
    label = f"{IMAGE}{SCRIPT}"
    kept = Token(
        token_hash=token_hash(text), scope="manage", clusters=(CLUSTER_ID,), label=label, created_at=time.time()
    )
    token_store.add(kept)
    return text


@pytest.fixture(scope="module", autouse=True)
def pushed(cloud: Cloud, deployment: Deployment, make_token: MakeToken, owner: str) -> None:
    """Push twice, roll up, and set an objective."""
    now = booked_by(time.time()) - 1
    places = [(domain, path) for domain in DOMAINS for path in PATHS]
    routes = tuple(
        route(
            domain,
            path,
            service_key=f"{SCRIPT}{number}@file",
            service_name=f"{IMAGE}{number}",
            name=f"{IMAGE}{number}",
            namespace=SCRIPT,
            not_counted=f"{IMAGE} {LINK}" if number == 1 else "",
        )
        for number, (domain, path) in enumerate(places)
    )
    rows = [row(item.router_keys[0], ok=5, errors=number) for number, item in enumerate(routes)]
    rows.append(row(f"{IMAGE}{BIDI}@unclaimed", ok=3))
    token = make_token("ingest", CLUSTER_ID)
    for taken_at, seen in ((now - 60, []), (now, [process(rows, now, now - 30, pod=f"{SCRIPT}/{IMAGE}")])):
        unreachable = (UnreachablePod(pod=f"{IMAGE}/pod", error=f"{SCRIPT}{BIDI}"),)
        metrics = IngressMetrics(processes=tuple(seen), unreachable=unreachable)
        pushing = snapshot(taken_at, seen, routes, cluster_id=CLUSTER_ID, sent_at=time.time())
        body = msgspec.structs.replace(
            pushing,
            ingress_metrics=metrics,
            agent_version=IMAGE,
            warnings=(f"{IMAGE} {SCRIPT}", f"{LINK} {BIDI}"),
        )
        answer = requests.post(
            f"{deployment.api_url}/api/v2/clusters/{CLUSTER_ID}/snapshots",
            data=gzip.compress(snapshots.encode(body)),
            headers={"Authorization": f"Bearer {token}", "Content-Type": snapshots.CONTENT_TYPE},
            timeout=60,
        )
        assert answer.status_code == 202, answer.text
    rolled_up(cloud, deployment, CLUSTER_ID, now)
    reader = ReaderApi(deployment, owner, CLUSTER_ID)
    made = reader.call(
        "PUT",
        "/objectives/monthly",
        params={"domain": DOMAINS[0], "path_prefix": PATHS[0]},
        json={"availability": 0.99, "p95_latency": 250, "owner": LINK},
    )
    assert made.ok, made.text


def check_harmless(here: Visit) -> None:
    """Nothing ran, nothing of the names became an element, and no link leads to a script or elsewhere."""
    found = here.page.evaluate(
        """() => ({
            owned: window.owned ?? null,
            elements: [...document.querySelectorAll('img, iframe, object, embed, script:not([src])')].length,
            handlers: [...document.querySelectorAll('*')].filter((each) =>
                each.getAttributeNames().some((name) => name.startsWith('on'))).length,
            links: [...document.querySelectorAll('a[href]')].map((each) => each.href),
            raw: /[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]/.test(document.body.textContent),
        })"""
    )
    assert (found["owned"], found["elements"], found["handlers"]) == (None, 0, 0)
    assert [link for link in found["links"] if not link.startswith((here.address, "https://"))] == []
    assert found["raw"] is False, "no character that turns or hides the text around it"


def test_the_list_shows_them_as_text(visit: MakeVisit, owner: str) -> None:
    here = visit().open(f"#/clusters/{CLUSTER_ID}?sort=name").sign_in(owner)
    here.page.get_by_role("button", name=here.words["expand_all"]).click()
    for domain in (DOMAINS[0], DOMAINS[1], f"a{SHOWN_BIDI}.example"):
        expect(here.page.get_by_text(domain, exact=True).first).to_be_visible()
    expect(here.page.get_by_text(PATHS[0], exact=True).first).to_be_visible()
    here.page.get_by_test_id("warnings").locator("summary").click()
    expect(here.page.get_by_test_id("warnings")).to_contain_text(f"{IMAGE} {SCRIPT}")
    expect(here.page.get_by_test_id("warnings")).to_contain_text(f"{LINK} {SHOWN_BIDI}")
    check_harmless(here)
    here.page.get_by_test_id("account").click()
    expect(here.page.get_by_text(f"{IMAGE}{SCRIPT}").first).to_be_visible()


def test_a_warning_is_said_in_the_language_of_the_page_and_what_is_not_known_as_it_is(
    visit: MakeVisit, owner: str
) -> None:
    here = visit().open(f"#/clusters/{CLUSTER_ID}").sign_in(owner)
    warnings = here.page.get_by_test_id("warnings")
    (unclaimed,) = [text for text in here.answer("/domains")["warnings"] if "no rule declares" in text]
    name = unclaimed.partition(": ")[2].partition(". Their requests")[0]
    expect(warnings).to_contain_text(unclaimed)
    assert not [asked for asked in here.requests if "sentences" in asked.url], "English needs no other words"
    for language, said in (
        ("zh", "Traefik 提供了没有规则声明的路由器: "),
        ("ja", "宣言していないルーターを Traefik が"),
    ):
        here.page.get_by_test_id("settings").click()
        here.page.get_by_test_id("language").select_option(language)
        here.page.get_by_test_id("settings").click()
        known = warnings.locator("li").filter(has_text=said)
        expect(known).to_contain_text(name)
        expect(known.locator("[lang=en]")).to_have_count(0)
        expect(warnings.locator("li [lang=en]").filter(has_text=f"{IMAGE} {SCRIPT}")).to_have_count(1)
        check_harmless(here)


@pytest.mark.parametrize("path", ["", PATHS[0], PATHS[1]], ids=["the domain", "a script", "a link"])
def test_the_page_of_each_shows_them_as_text(visit: MakeVisit, owner: str, path: str) -> None:
    place = f"#/clusters/{CLUSTER_ID}/domains/{quote(DOMAINS[0], safe='')}"
    here = visit().open(f"{place}?path={quote(path, safe='')}" if path else place).sign_in(owner)
    expect(here.page.get_by_text(path or DOMAINS[0]).first).to_be_visible()
    check_harmless(here)


def test_who_set_and_owns_an_objective_is_text(visit: MakeVisit, owner: str) -> None:
    place = f"#/clusters/{CLUSTER_ID}/domains/{quote(DOMAINS[0], safe='')}?path={quote(PATHS[0], safe='')}"
    here = visit().open(place).sign_in(owner)
    expect(here.page.get_by_test_id("held")).to_contain_text(LINK)
    here.page.get_by_test_id("objectives").click()
    expect(here.page.get_by_test_id("objective-source")).to_contain_text(f"{IMAGE}{SCRIPT}")
    check_harmless(here)


@pytest.mark.parametrize(
    "route", [f"#/clusters/{quote(IMAGE, safe='')}", f"#/{LINK}", f"#/clusters/{CLUSTER_ID}?q={quote(SCRIPT, safe='')}"]
)
def test_a_link_of_an_attacker_runs_nothing(visit: MakeVisit, owner: str, route: str) -> None:
    here = visit().open(route)
    here.may_fail_to_load = True
    here.sign_in(owner)
    expect(here.page.get_by_test_id("account")).to_be_visible()
    here.page.wait_for_load_state("networkidle")
    check_harmless(here)
