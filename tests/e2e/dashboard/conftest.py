import os
import shutil
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from e2e import tokens
from e2e.dashboard.visit import PATIENCE_MILLISECONDS, Visit
from e2e.dashboard.words import LANGUAGES, Language
from e2e.recorded import ReaderApi, push, rolled_up
from playwright.sync_api import Browser, expect, sync_playwright

from lab.cloud.local import Cloud, Deployment
from slo.store.clusters import ClusterItem
from slo.store.tables import Tables
from slo.store.tokens import TokenStore

SHOP, BLOG, SILENT, NEW = "shop", "blog", "silent", "new"
"""Clusters: two domains of which one is bad, another one, one whose agent is silent, one that never pushed."""
_RECORDINGS = {SHOP: ("latencies", "shared-service"), BLOG: ("restarts",), SILENT: ("shared-service",)}
_SILENT_SECONDS = 1_200
_HEARD_SECONDS = 3_600
"""The last snapshot counts as heard of so much later, lest a slow run of the tests outlives it."""

MakeToken = Callable[..., str]
MakeVisit = Callable[..., Visit]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium as it is installed on this machine.

    Playwright's event loop runs in the main thread as long as it is open, and tests in other folders have their own.
    """
    path = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    assert path, "install Chromium, or name yours: make test CHROMIUM=google-chrome"
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path)
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def make_token(token_store: TokenStore) -> MakeToken:
    """Makes a token of a scope for some clusters."""
    return partial(tokens.make_token, token_store)


@pytest.fixture(scope="package", autouse=True)
def clusters(cloud: Cloud, deployment: Deployment, make_token: MakeToken) -> dict[str, float]:
    """What a real Traefik served, pushed and rolled up; when each recording ended."""
    ended = {name: push(deployment, make_token("ingest", name), name, *them) for name, them in _RECORDINGS.items()}
    for name, ends_at in ended.items():
        rolled_up(cloud, deployment, name, ends_at)
    (table,) = [name for name in cloud.client("dynamodb").list_tables()["TableNames"] if "ClustersTable" in name]
    items = Tables({**cloud.environment, "CLUSTERS_TABLE": table}.get).bind(ClusterItem, "CLUSTERS_TABLE")
    for name in ended:
        heard_at = time.time() + (-_SILENT_SECONDS if name == SILENT else _HEARD_SECONDS)
        items(name).update(actions=[items.received_at.set(heard_at)])
    return ended


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    """What is checked with it is checked in each language."""
    found: Language = request.param
    return found


@pytest.fixture(scope="package")
def manager(make_token: MakeToken) -> str:
    """A token that may set targets in all clusters that have pushed."""
    return make_token("manage", SHOP, BLOG, SILENT)


@pytest.fixture(scope="package")
def reader(make_token: MakeToken) -> str:
    """A token that may read them."""
    return make_token("read", SHOP, BLOG, SILENT)


@pytest.fixture(scope="package")
def api(deployment: Deployment, manager: str) -> ReaderApi:
    """The API as the manager sees the cluster `shop`."""
    return ReaderApi(deployment, manager, SHOP)


@pytest.fixture
def visit(browser: Browser, deployment: Deployment) -> Iterator[MakeVisit]:
    """Begins visits to the dashboard, and looks at their end for what must never happen."""
    visits: list[Visit] = []

    def begin(language: str = "en", **options: object) -> Visit:
        visits.append(Visit(browser, f"{deployment.browser_url}/", language, **options))
        return visits[-1]

    yield begin
    for each in visits:
        each.end()
