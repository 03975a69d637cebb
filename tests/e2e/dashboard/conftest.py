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
"""Clusters: one with a good and a bad domain, a second one, one with a silent agent, one that never pushed."""
_RECORDINGS = {SHOP: ("latencies", "shared-service"), BLOG: ("restarts",), SILENT: ("shared-service",)}
_SILENT_SECONDS = 1_200
_HEARD_SECONDS = 3_600
"""Moves the last snapshot into the future, so that the cluster does not turn silent in a slow test run."""

MakeToken = Callable[..., str]
MakeVisit = Callable[..., Visit]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium as it is installed on this machine.

    A module has its own, because an open Playwright runs its event loop in the main thread and other tests run theirs.
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
    """Makes a token with a scope for some clusters."""
    return partial(tokens.make_token, token_store)


@pytest.fixture(scope="package", autouse=True)
def clusters(cloud: Cloud, deployment: Deployment, make_token: MakeToken) -> dict[str, float]:
    """Push and roll up the recordings of a real Traefik. Returns when each ended, in Unix seconds."""
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
    """Runs a test once in each language."""
    found: Language = request.param
    return found


@pytest.fixture(scope="package")
def manager(make_token: MakeToken) -> str:
    """A token that may set objectives in all clusters that have pushed."""
    return make_token("manage", SHOP, BLOG, SILENT)


@pytest.fixture(scope="package")
def reader(make_token: MakeToken) -> str:
    """A token that may read all clusters that have pushed."""
    return make_token("read", SHOP, BLOG, SILENT)


@pytest.fixture(scope="package")
def api(deployment: Deployment, manager: str) -> ReaderApi:
    """The API as the manager sees the cluster `shop`."""
    return ReaderApi(deployment, manager, SHOP)


@pytest.fixture
def visit(browser: Browser, deployment: Deployment) -> Iterator[MakeVisit]:
    """Begins visits to the dashboard. When the test ends, each visit checks for what must never happen."""
    visits: list[Visit] = []

    def begin(language: str = "en", **options: object) -> Visit:
        visits.append(Visit(browser, f"{deployment.browser_url}/", language, **options))
        return visits[-1]

    yield begin
    for each in visits:
        each.end()
