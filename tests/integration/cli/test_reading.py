"""The commands that read figures, against the functions' own API over HTTP."""

import json
import os
import re
import subprocess
import sys

import pytest
from integration.cli.api_server import ApiServer
from integration.command import Done, run
from integration.metrics_server import RawServer, Send, always, silence
from integration.use_cases import T0, process, route, row, snapshot

from slo.app.route_mapper import RouteMapper
from slo.traefik.snapshots import IngressMetrics, Snapshot, UnreachablePod

SHOP, BLOG = route("shop.example.com"), route("blog.example.com")
MINUTES = 12


def seen(minute: int, *, cluster_id: str = "c1", unreachable: int = 0) -> Snapshot:
    at = T0 + 60.0 * minute
    rows = [row(SHOP.service_key, 9_995 * minute, 5 * minute), row(BLOG.service_key, 100 * minute)]
    pods = tuple(UnreachablePod(pod=f"traefik/b{number}", error="no answer") for number in range(unreachable))
    metrics = IngressMetrics(processes=(process(rows, at, T0 - 900),), unreachable=pods)
    return snapshot(at, [], (SHOP, BLOG), ingress_metrics=metrics, cluster_id=cluster_id)


def broken(minute: int) -> Snapshot:
    """Every second request fails from the twelfth minute on."""
    at = T0 + 60.0 * minute
    since = 10_000 * (minute - MINUTES)
    rows = [
        row(SHOP.service_key, 9_995 * MINUTES + since // 2, 5 * MINUTES + since // 2),
        row(BLOG.service_key, 100 * minute),
    ]
    return snapshot(at, [process(rows, at, T0 - 900)], (SHOP, BLOG))


@pytest.fixture
def watched(api_server: ApiServer) -> ApiServer:
    """A cluster that was watched for twelve minutes."""
    embedded = api_server.embedded
    for minute in range(MINUTES + 1):
        embedded.push(seen(minute))
    embedded.now = T0 + 60.0 * MINUTES + 5
    RouteMapper(embedded.stores).run("c1")
    return api_server


def break_down(server: ApiServer) -> None:
    """Let half an hour go by in which every second request fails, and roll it up."""
    server.embedded.roll_up_until("c1", T0 + 60.0 * MINUTES)
    stay_broken(server, range(MINUTES + 1, 42))


def stay_broken(server: ApiServer, minutes: range) -> None:
    for minute in minutes:
        server.embedded.push(broken(minute))
    server.embedded.roll_up_until("c1", T0 + 60.0 * minutes[-1])


def read(server: ApiServer, *arguments: str, **env: str) -> Done:
    return run(*arguments, env={**server.environment, "CLUSTER_ID": "", "LANG": "C", **env})


def cells(done: Done) -> dict[str, str]:
    """The first row of a table by its columns, which are two spaces or more apart."""
    head, line = done.out.splitlines()[:2]
    names = [name for name in head.split("  ") if name.strip()]
    starts = [head.index(name) for name in names]
    ends = [*starts[1:], len(line)]
    return {name.strip(): line[start:end].strip() for name, start, end in zip(names, starts, ends, strict=True)}


def test_a_pod_that_does_not_answer_is_a_warning(watched: ApiServer) -> None:
    assert cells(read(watched, "clusters"))["WARNINGS"] == "0"
    watched.embedded.push(seen(MINUTES + 1, unreachable=2))
    done = read(watched, "clusters")
    assert cells(done)["WARNINGS"] == "1"
    assert "2 Traefik pods did not answer the last scrape" in done.out


def test_a_pod_that_the_agent_warns_of_is_told_of_once(watched: ApiServer) -> None:
    said = "Pod traefik/b0 could not be scraped: no answer"
    watched.embedded.push(seen(MINUTES + 1, unreachable=1).__replace__(warnings=(said,)))
    done = read(watched, "clusters")
    assert cells(done)["WARNINGS"] == "1"
    assert said in done.out


def test_a_silent_cluster_has_no_lag_of_zero(watched: ApiServer) -> None:
    embedded = watched.embedded
    embedded.roll_up_until("c1", T0 + 60.0 * MINUTES)
    embedded.roll_up_until("c1", T0 + 4 * 3600.0)
    state = embedded.clusters.get("c1")
    assert state is not None
    assert not state.has_open_books
    row_of_it = cells(read(watched, "clusters"))
    assert row_of_it["LAST SNAPSHOT"].endswith("(stale)")
    assert row_of_it["LAG"] == "-"


def test_the_tree_goes_on_into_a_pipe(watched: ApiServer) -> None:
    """Watched until it is killed, as `ingress-slo tree --watch 1 | tee log` would be."""
    command = [sys.executable, "-m", "ingress_slo", "tree", "--cluster", "c1", "--watch", "0.1"]
    environ = {**os.environ, **watched.environment}
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        lines = [running.stdout.readline() for _ in range(8)]
        running.terminate()
    assert sum(line.startswith("shop.example.com") for line in lines) >= 2


def test_the_tree_as_json_is_the_apis_answer(watched: ApiServer) -> None:
    answer = json.loads(read(watched, "tree", "--cluster", "c1", "--json").out)
    assert [domain["domain"] for domain in answer["domains"]] == ["blog.example.com", "shop.example.com"]
    assert answer["next_cursor"] is None


@pytest.mark.parametrize(
    ("locale", "word"),
    [("ja_JP.UTF-8", "可用性"), ("zh_CN.UTF-8", "请求/秒"), ("de_DE", "req/s"), ("ja", "リクエスト/秒")],
)
def test_the_tree_speaks_the_readers_language(watched: ApiServer, locale: str, word: str) -> None:
    assert word in read(watched, "tree", "--cluster", "c1", LANG=locale, LC_ALL="", LC_MESSAGES="").out
    assert word in read(watched, "tree", "--cluster", "c1", "--lang", locale[:2].replace("de", "en")).out


def test_figures_are_those_of_the_page(watched: ApiServer) -> None:
    assert "99.95%" in read(watched, "tree", "--cluster", "c1").out


@pytest.mark.parametrize("command", [("tree",), ("routes",), ("export", "domains"), ("export", "history")])
def test_the_only_cluster_need_not_be_named(watched: ApiServer, command: tuple[str, ...]) -> None:
    done = read(watched, *command)
    assert done.code == 0
    assert "shop.example.com" in done.out


def test_one_of_several_clusters_has_to_be_named(watched: ApiServer) -> None:
    watched.embedded.push(seen(MINUTES + 1, cluster_id="c2"))
    done = read(watched, "tree")
    assert (done.code, done.err) == (1, "Say which cluster with --cluster (or CLUSTER_ID): c1, c2.")
    assert read(watched, "tree", CLUSTER_ID="c1").code == 0
    watched.tokens["islo_one"] = ("c1",)
    assert "shop" in read(watched, "tree", INGRESS_SLO_TOKEN="islo_one").out, "a token for one cluster sees only that"


def test_no_cluster_says_what_to_do(api_server: ApiServer) -> None:
    done = read(api_server, "tree")
    assert done.code == 1
    assert "install the agent" in done.err


@pytest.mark.parametrize("subject", ["domains", "routes", "history"])
def test_an_export_of_an_unknown_domain_fails_and_names_it(watched: ApiServer, subject: str) -> None:
    done = read(watched, "export", subject, "--domain", "shop.example.com", "--domain", "shp.example.com")
    assert done.code == 1
    assert done.out == ""
    assert "'shp.example.com'" in done.err


def test_an_export_takes_a_domain_in_any_spelling(watched: ApiServer) -> None:
    done = read(watched, "export", "domains", "--domain", "SHOP.example.com.")
    assert [line.split(",")[1] for line in done.out.splitlines()] == ["domain", "shop.example.com"]


def test_a_token_that_is_not_valid_says_what_to_do(watched: ApiServer) -> None:
    done = read(watched, "clusters", INGRESS_SLO_TOKEN="islo_wrong")
    assert done.code == 1
    assert done.err.startswith("401: the token is unknown, revoked or expired.")
    assert "ingress-slo tokens list" in done.err


def test_a_parameter_that_is_not_valid_is_named(watched: ApiServer) -> None:
    done = read(watched, "tree", "--time-range", "2d")
    assert done.code == 1
    assert "time_range: " in done.err


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://127.0.0.1:1", "nothing answers there"),
        ("http://no-such-host.invalid", "there is no such host"),
        ("shop.example.com/prod", "Write it as https://"),
        ("ftp://127.0.0.1", "Write it as https://"),
    ],
)
def test_an_address_that_does_not_answer_says_why(watched: ApiServer, url: str, says: str) -> None:
    done = read(watched, "clusters", "--url", url)
    assert done.code == 1
    assert says in done.err
    assert not re.search(r"[a-z]Error|Exception|[A-Z]\w+Schema", done.err)


@pytest.mark.parametrize(
    ("rude", "says"), [(silence, "does not answer within"), (always(), "broke off")], ids=["silent", "closes"]
)
def test_a_server_that_does_not_answer_says_why(
    rude: Send, says: str, api_server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingress_slo.api._TIMEOUT_SECONDS", 0.3)
    with RawServer(rude) as server:
        done = read(api_server, "clusters", "--url", server.url)
    assert done.code == 1
    assert says in done.err


def test_burn_rates_are_shown_by_window_and_what_would_page(watched: ApiServer) -> None:
    break_down(watched)
    new = json.loads(read(watched, "burn-rates", "shop.example.com", "--json").out)["burn_rates"]
    assert (new["state"], new["alerts"][1]["state"]) == ("none", "too_new"), "it was first seen less than an hour ago"
    stay_broken(watched, range(45, 260, 5))
    done = read(watched, "burn-rates", "shop.example.com")
    assert done.code == 0
    assert done.out.splitlines()[0].split() == ["PATH", "STATE", "5m", "30m", "1h", "2h", "6h", "1d", "3d"]
    assert cells(done)["STATE"] == "page"
    assert "(all): page, more than 6 within 6h and 30m" in done.err
    answer = json.loads(read(watched, "burn-rates", "shop.example.com", "--json").out)
    assert answer["burn_rates"]["state"] == "page"


def test_burn_rates_of_an_unknown_domain_fail(watched: ApiServer) -> None:
    done = read(watched, "burn-rates", "shp.example.com")
    assert done.code == 1
    assert "'shp.example.com'" in done.err


def test_the_status_history_is_listed_newest_first_and_as_far_as_asked(watched: ApiServer) -> None:
    break_down(watched)
    done = read(watched, "status-history", "--domain", "shop.example.com", "--time-range", "1d")
    assert (cells(done)["FROM"], cells(done)["TO"]) == ("healthy", "critical")
    assert "重大" in read(watched, "status-history", "--lang", "ja").out
    every = json.loads(read(watched, "status-history", "--json").out)
    assert len(every) > 2
    assert json.loads(read(watched, "status-history", "--json", "--limit", "2").out) == every[:2]
    assert read(watched, "status-history", "--to", "1d").err == "No status has changed."
    assert read(watched, "status-history", "--from", "yesterday").code == 2
