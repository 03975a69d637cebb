"""How the dashboard's files are served, and how large they are."""

import gzip
from urllib.parse import urlsplit

import pytest
import requests
from e2e.dashboard.conftest import SHOP, MakeVisit
from e2e.recorded import DOMAIN
from playwright.sync_api import expect

from lab.cloud.local import Deployment

_MOST_BYTES = 120 * 1024


def get(deployment: Deployment, path: str, **headers: str) -> requests.Response:
    return requests.get(f"{deployment.api_url}{path}", headers=headers, timeout=60)


def test_the_page_needs_no_token_and_is_not_sent_twice(deployment: Deployment) -> None:
    page = get(deployment, "/")
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["Cache-Control"] == "no-cache"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    again = get(deployment, "/", **{"If-None-Match": page.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_what_is_not_there_is_not_found(deployment: Deployment) -> None:
    answer = get(deployment, "/assets/nothing.js")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 404


@pytest.mark.parametrize("path", ["/assets/..%2f..%2fapp.py", "/assets/%2e%2e%2findex.html", "/app.py"])
def test_no_way_leads_out_of_the_folder(deployment: Deployment, path: str) -> None:
    assert get(deployment, path).status_code == 401


def test_all_that_the_page_loads_is_light_and_kept_for_good(visit: MakeVisit, reader: str) -> None:
    """Compresses the files as API Gateway does, because the local one does not."""
    here = visit().open(f"#/clusters/{SHOP}").sign_in(reader)
    expect(here.row(DOMAIN)).to_be_visible()
    here.open(f"#/clusters/{SHOP}/domains/{DOMAIN}")
    expect(here.page.get_by_test_id("chart-availability").locator("canvas")).to_be_visible()
    files = {each.url: each for each in here.responses if "/api/" not in each.url}
    assert sum(len(gzip.compress(each.body())) for each in files.values()) < _MOST_BYTES
    here.page.get_by_test_id("objectives").click()
    expect(here.page.get_by_test_id("objective-none")).to_be_visible()
    files = {each.url: each for each in here.responses if "/api/" not in each.url}
    for url, each in files.items():
        name = urlsplit(url).path.rpartition("/")[2]
        kept = "public, max-age=31536000, immutable" if name else "no-cache"
        assert each.headers["cache-control"] == kept, url
        assert each.headers["x-content-type-options"] == "nosniff"
