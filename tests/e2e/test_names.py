"""Domains with unusual names, and a list in pages, over HTTP against the deployed stack."""

import gzip
import time
from typing import Any
from urllib.parse import quote

import pytest
import requests
from e2e.recorded import ReaderApi, booked_by, rolled_up
from e2e.tokens import make_token
from integration.use_cases import process, route, row, snapshot

from lab.cloud.local import Cloud, Deployment
from slo.store.tokens import TokenStore
from slo.traefik import snapshots

CLUSTER_ID = "names"
DOMAINS = ("a.example.com", "b.example.com", "c.example.com", "xn--bcher-kva.example", "*")
"""Domain number n serves n + 1 requests. Every second request fails."""


@pytest.fixture(scope="module")
def reader(cloud: Cloud, deployment: Deployment, token_store: TokenStore) -> ReaderApi:
    now = booked_by(time.time()) - 1
    routes = tuple(route(domain, service_key=f"r{number}@kubernetescrd") for number, domain in enumerate(DOMAINS))
    rows = [row(item.router_keys[0], ok=(n + 2) // 2, errors=(n + 1) // 2) for n, item in enumerate(routes)]
    token = make_token(token_store, "ingest", CLUSTER_ID)
    for taken_at, seen in ((now - 60, []), (now, [process(rows, now, now - 30)])):
        body = snapshot(taken_at, seen, routes, cluster_id=CLUSTER_ID, sent_at=time.time())
        pushed = requests.post(
            f"{deployment.api_url}/api/v2/clusters/{CLUSTER_ID}/snapshots",
            data=gzip.compress(snapshots.encode(body)),
            headers={"Authorization": f"Bearer {token}", "Content-Type": snapshots.CONTENT_TYPE},
            timeout=60,
        )
        assert pushed.status_code == 202, pushed.text
    rolled_up(cloud, deployment, CLUSTER_ID, now)
    return ReaderApi(deployment, make_token(token_store, "read", CLUSTER_ID), CLUSTER_ID)


@pytest.mark.parametrize(
    ("asked", "known"),
    [("*", "*"), ("bücher.example", "xn--bcher-kva.example"), ("XN--bcher-kva.example", "xn--bcher-kva.example")],
)
@pytest.mark.parametrize("part", ["", "/history", "/latency", "/burn-rates"])
def test_a_domain_without_a_host_and_an_international_one_are_found(
    reader: ReaderApi, asked: str, known: str, part: str
) -> None:
    answer = reader.get(f"/domains/{quote(asked, safe='')}{part}")
    found = answer["domain"] if part else answer["domain"]["domain"]
    assert found == known


def pages(reader: ReaderApi, **query: Any) -> list[list[str]]:
    """The names on each page."""
    found, cursor = [], ""
    while True:
        answer = reader.get("/domains", limit=2, cursor=cursor, **query)
        found.append([domain["domain"] for domain in answer["domains"]])
        assert answer["total"] == answer["overview"]["total_domains"] == len(DOMAINS)
        cursor = answer["next_cursor"]
        if cursor is None:
            return found


def test_a_list_comes_in_pages_by_name_the_domain_without_a_host_last(reader: ReaderApi) -> None:
    assert pages(reader) == [["a.example.com", "b.example.com"], ["c.example.com", "xn--bcher-kva.example"], ["*"]]


def test_pages_keep_the_order_that_was_asked_for(reader: ReaderApi) -> None:
    seen = [domain for page in pages(reader, sort="-error_rate") for domain in page]
    rates = {domain["domain"]: domain["summary"]["error_rate"] for domain in reader.get("/domains")["domains"]}
    assert sorted(seen) == sorted(DOMAINS)
    assert [rates[domain] for domain in seen] == sorted(rates.values(), reverse=True)
