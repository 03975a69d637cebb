"""The commands for objectives and their files, against the functions' own API over HTTP."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.cli.api_server import MANAGER, READER, ApiServer
from integration.cli.test_reading import seen
from integration.command import Done, run
from integration.use_cases import T0

from ingress_slo.commands import objectives_in_git
from ingress_slo.openslo.plan import Plan
from lab.cloud.embedded import Embedded
from slo.app.route_mapper import RouteMapper
from slo.notifications.changes import Change
from slo.notifications.settings import Channel, Settings
from slo.objectives.objective import Objective
from slo.objectives.periods import Period
from slo.objectives.targets import Subject
from slo.store.notifications import NotificationStore
from slo.store.objectives import ObjectiveStore

SHOP = ("--domain", "shop.example.com")
MINUTES = 75


@pytest.fixture
def server() -> Iterator[ApiServer]:
    """The API of a cluster without objectives, and someone who may set some."""
    with Embedded() as embedded, ApiServer(embedded) as running:
        running.tokens[MANAGER] = ()
        running.managers.add(MANAGER)
        embedded.push(seen(0))
        yield running


def manage(server: ApiServer, *arguments: str, token: str = MANAGER) -> Done:
    server.embedded.now += 1
    return run(*arguments, env={"INGRESS_SLO_URL": server.url, "INGRESS_SLO_TOKEN": token, "CLUSTER_ID": ""})


def objectives(server: ApiServer, *arguments: str) -> Done:
    return manage(server, "objectives", *arguments)


def annotate(server: ApiServer, name: str, availability: float = 0.99) -> None:
    """An objective of shop.example.com that Kubernetes has."""
    objective = Objective(
        subject=Subject("shop.example.com"),
        name=name,
        period=Period("week"),
        availability=availability,
        origin="annotation",
        version=1,
        set_by="ingressroute shop/web",
        set_at=T0,
    )
    server.embedded.stores.of(ObjectiveStore).put("c1", objective, None)


def test_an_objective_is_set_listed_and_deleted(server: ApiServer) -> None:
    assert objectives(server).err.startswith("Nobody has set an objective yet. To set one: ingress-slo objectives set")
    done = objectives(
        server, "set", "monthly", *SHOP, "--path", "/pay", "--availability", "99.95", "--period", "month",
        "--time-zone", "Europe/Berlin", "--p95", "300ms", "--latency", "99% < 0.5s", "--owner", "shop",
    )  # fmt: skip
    assert done.err.startswith(
        "shop.example.com/pay: monthly promises period month (Europe/Berlin); availability 99.95%"
    )
    assert done.err.endswith("It is followed.")
    head, line = objectives(server, "list").out.splitlines()
    assert " ".join(head.split()) == "SUBJECT NAME FOLLOWED PERIOD AVAILABILITY P95 LATENCY OWNER CHANNEL ORIGIN SINCE"
    shown = "shop.example.com/pay monthly yes month (Europe/Berlin) 99.95% 300ms 99% < 500ms shop - page"
    assert line.split()[:-2] == shown.split()
    [found] = json.loads(objectives(server, "--json").out)["objectives"]
    assert (found["availability"], found["p95_latency"], found["set_by"]) == (0.9995, 300, "test")
    assert objectives(server, "delete", "monthly", *SHOP, "--path", "/pay").code == 0
    assert json.loads(objectives(server, "--json").out)["objectives"] == []
    gone = objectives(server, "delete", "monthly", *SHOP, "--path", "/pay")
    assert (gone.code, gone.err) == (1, "There is no objective monthly of shop.example.com/pay.")


def test_what_is_not_given_stays(server: ApiServer) -> None:
    objectives(server, "set", "monthly", *SHOP, "--availability", "99.9", "--period", "month", "--p95", "300")
    objectives(server, "set", "weekly", *SHOP, "--availability", "99", "--period", "7d", "--follow")
    objectives(server, "set", "weekly", "--domain", "SHOP.example.com.", "--owner", "shop", "--latency", "99% < 1s")
    changed = objectives(server, "set", "monthly", *SHOP, "--p95", "none")
    assert changed.err.endswith("It is not the one that is followed.")
    monthly, weekly = json.loads(objectives(server, "--json").out)["objectives"]
    assert (monthly["p95_latency"], monthly["period"], monthly["is_followed"]) == (None, "month", False)
    assert (weekly["availability"], weekly["owner"], weekly["is_followed"]) == (0.99, "shop", True)
    rolling = json.loads(objectives(server, "set", "monthly", *SHOP, "--period", "30d", "--json").out)
    assert (rolling["period"], rolling["time_zone"]) == ("30d", "UTC")


def test_an_objective_has_a_channel_and_loses_it(server: ApiServer) -> None:
    refused = objectives(server, "set", "monthly", *SHOP, "--availability", "99.9", "--channel", "on-call")
    assert refused.code == 1
    assert "channel: There is no channel on-call. There is none yet: add one first." in refused.err
    settings = Settings(version=1, channels=(Channel(name="on-call", kind="email"),))
    change = Change(at=T0, by="test", what="channel_set", about="on-call")
    server.embedded.stores.of(NotificationStore).put(settings, 0, change)
    done = objectives(server, "set", "monthly", *SHOP, "--availability", "99.9", "--channel", "on-call")
    assert "channel on-call" in done.err
    objectives(server, "set", "monthly", *SHOP, "--owner", "shop")
    assert " on-call " in objectives(server, "list").out
    objectives(server, "set", "monthly", *SHOP, "--channel", "none")
    [found] = json.loads(objectives(server, "--json").out)["objectives"]
    assert (found["owner"], found["channel"]) == ("shop", "")
    said = objectives(server, "changes").out
    assert "channel on-call -> -" in said


def test_a_wrong_objective_is_refused_in_words(server: ApiServer) -> None:
    for wrong, said in (
        (("monthly",), "a new objective needs an --availability"),
        (("monthly", "--availability", "0.999"), "is not between 1 and 100 per cent"),
        (("monthly", "--availability", "99", "--p95", "fast"), "is not a latency"),
        (("monthly", "--availability", "99", "--period", "year"), "'year' is not one of"),
    ):
        done = objectives(server, "set", *wrong)
        assert (done.code, said in " ".join(done.err.replace("│", "").split())) == (2, True), done.err
    done = objectives(server, "set", "A_B", "--availability", "99")
    assert done.code == 1
    assert done.err.startswith("400: The name is not valid. name: A name has up to 63 of a-z")
    done = manage(server, "objectives", "set", "a", "--availability", "99", token=READER)
    assert (done.code, done.err.partition(":")[0]) == (1, "403")


def test_an_annotation_is_changed_in_kubernetes(server: ApiServer) -> None:
    annotate(server, "week")
    done = objectives(server, "set", "week", *SHOP, "--availability", "99")
    assert (done.code, done.err) == (1, "week is an annotation in Kubernetes (ingressroute shop/web): change it there.")
    done = objectives(server, "delete", "week", *SHOP)
    assert (done.code, done.err) == (1, "week is an annotation in Kubernetes (ingressroute shop/web): remove it there.")


def test_changes_say_who_set_what(server: ApiServer) -> None:
    assert objectives(server, "changes").err == "Nobody has set an objective yet."
    objectives(server, "set", "monthly", *SHOP, "--availability", "99.9")
    objectives(server, "set", "monthly", *SHOP, "--availability", "99.5", "--owner", "shop", "--follow")
    objectives(server, "delete", "monthly", *SHOP)
    objectives(server, "set", "all", "--availability", "95")
    lines = [line.strip().split(maxsplit=5) for line in objectives(server, "changes").out.splitlines()[1:]]
    assert [(line[2], *line[3:]) for line in lines] == [
        ("test", "(cluster)", "all", "set: period 30d, availability 95%"),
        ("test", "shop.example.com", "monthly", "deleted"),
        (
            "test",
            "shop.example.com",
            "monthly",
            "availability 99.9% -> 99.5%, owner - -> shop, is marked to be followed",
        ),
        ("test", "shop.example.com", "monthly", "set: period 30d, availability 99.9%"),
    ]
    for limit, more in (("3", "Only the first 3 are shown: --limit shows more."), ("4", "")):
        done = objectives(server, "changes", "--limit", limit, "--json")
        assert (len(json.loads(done.out)), done.err) == (int(limit), more)


def test_changes_are_read_to_the_end_whatever_a_page_has(server: ApiServer) -> None:
    for number in range(120):
        objectives(server, "set", "monthly", *SHOP, "--availability", f"99.{number + 100}")
    assert len(json.loads(objectives(server, "changes", "--limit", "1000", "--json").out)) == 120


def kept_in_git(server: ApiServer, folder: Path) -> Path:
    """Two objectives of the page, exported and applied."""
    objectives(server, "set", "monthly", *SHOP, "--availability", "99.9", "--period", "month", "--latency", "99%<300ms")
    objectives(server, "set", "all", "--availability", "95", "--owner", "Ada")
    assert objectives(server, "export", "-o", str(folder)).err == f"2 objectives are in 2 files in {folder}."
    assert objectives(server, "apply", "-f", str(folder)).code == 0
    return folder


def test_files_are_exported_reviewed_and_applied(server: ApiServer, tmp_path: Path) -> None:
    folder = kept_in_git(server, tmp_path / "objectives")
    every = json.loads(objectives(server, "--json").out)["objectives"]
    assert {each["origin"] for each in every} == {"file"}
    same = objectives(server, "diff", "-f", str(folder))
    assert (same.code, same.out, same.err) == (0, "", "Nothing to change.")
    printed = objectives(server, "export").out
    assert (
        printed == "".join((folder / name).read_text() for name in ("_cluster.yaml", "shop.example.com.yaml")).strip()
    )

    file = folder / "shop.example.com.yaml"
    file.write_text(file.read_text().replace("target: 0.999", "targetPercent: 99.95"))
    change = "~ shop.example.com monthly: availability 99.9% -> 99.95%"
    different = objectives(server, "diff", "-f", str(folder))
    assert (different.code, different.out) == (1, change)
    assert objectives(server, "apply", "-f", str(folder), "--dry-run").out == change
    assert objectives(server, "diff", "-f", str(folder)).out == change
    done = objectives(server, "apply", "-f", str(folder))
    assert (done.code, done.out, done.err) == (0, change, "1 changes are made.")
    assert objectives(server, "diff", "-f", str(folder)).code == 0


def test_an_objective_of_a_file_is_changed_until_it_is_applied_again(server: ApiServer, tmp_path: Path) -> None:
    folder = kept_in_git(server, tmp_path)
    done = objectives(server, "set", "all", "--availability", "90")
    assert done.err.splitlines()[1] == "It is kept in a file: this lasts until the file is applied again."
    assert objectives(server, "diff", "-f", str(folder)).out == "~ (cluster) all: availability 90% -> 95%"


def test_what_is_in_no_file_any_more_is_pruned_only_on_demand(server: ApiServer, tmp_path: Path) -> None:
    folder = kept_in_git(server, tmp_path)
    objectives(server, "set", "of-the-page", *SHOP, "--availability", "90")
    (folder / "_cluster.yaml").unlink()
    left = objectives(server, "diff", "-f", str(folder))
    assert (left.code, left.out) == (0, "")
    assert "(cluster) all came from a file and is in none any more. With --prune it is deleted." in left.err
    assert objectives(server, "diff", "-f", str(folder), "--prune").out == "- (cluster) all"
    assert objectives(server, "apply", "-f", str(folder), "--prune").code == 0
    names = [each["name"] for each in json.loads(objectives(server, "--json").out)["objectives"]]
    assert names == ["monthly", "of-the-page"]
    (folder / "shop.example.com.yaml").unlink()
    empty = objectives(server, "apply", "-f", str(folder), "--prune")
    assert (empty.code, "has no .yaml files" in empty.err) == (1, True)


def test_an_annotation_holds_before_a_file(server: ApiServer, tmp_path: Path) -> None:
    folder = kept_in_git(server, tmp_path)
    annotate(server, "week")
    done = objectives(server, "diff", "-f", str(folder))
    assert done.code == 0
    assert "shop.example.com: the annotation in Kubernetes (week) holds before the file." in done.err
    exported = objectives(server, "export", "-o", str(folder))
    assert "shop.example.com week is left out: it is an annotation in Kubernetes." in exported.err


def test_what_someone_changes_in_between_is_not_overwritten(
    server: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = kept_in_git(server, tmp_path)
    (folder / "shop.example.com.yaml").write_text(
        (folder / "shop.example.com.yaml").read_text().replace("target: 0.999", "target: 0.99")
    )
    shown = objectives_in_git._show

    def and_meanwhile(planned: Plan) -> Plan:
        objectives(server, "set", "monthly", *SHOP, "--owner", "someone")
        return shown(planned)

    monkeypatch.setattr(objectives_in_git, "_show", and_meanwhile)
    done = objectives(server, "apply", "-f", str(folder))
    assert done.code == 1
    assert "shop.example.com.yaml:9: 412: " in done.err
    assert done.err.endswith("0 of 1 changes are made; apply again.")


def test_an_error_names_file_and_line(server: ApiServer, tmp_path: Path) -> None:
    folder = kept_in_git(server, tmp_path)
    (folder / "a.yml").write_text("apiVersion: openslo/v1\nkind: SLI\nmetadata: {name: x}\nspec: {}\n")
    (folder / "b.yaml").write_bytes(b"\xff")
    wrong = objectives(server, "diff", "-f", str(folder))
    assert (wrong.code, "b.yaml:1: This cannot be read as UTF-8 text" in wrong.err) == (1, True)
    (folder / "b.yaml").unlink()
    wrong = objectives(server, "apply", "-f", str(folder))
    assert wrong.code == 1
    assert (
        wrong.err
        == f"{folder}/a.yml:2: The kind SLI cannot be mapped: write the indicator into the SLO, as `indicator`."
    )
    exported = objectives(server, "export", "-o", str(folder))
    assert exported.err.splitlines()[1] == f"{folder} has other files, which `apply` would read, too: a.yml."


def test_the_budget_is_told_in_sentences(server: ApiServer) -> None:
    embedded = server.embedded
    for minute in range(1, MINUTES + 1):
        embedded.push(seen(minute))
    RouteMapper(embedded.stores).run("c1")
    embedded.roll_up_until("c1", T0 + 60.0)
    embedded.roll_up_until("c1", T0 + 60.0 * MINUTES)
    lines = manage(server, "budget", "shop.example.com").out.splitlines()
    assert lines[0] == "shop.example.com: preset of 95% in 30d. Nobody has set an objective, so nothing is promised."
    assert lines[1].startswith("99.00% is left: 375 requests failed, 37,500 may. The rest equals ")
    assert lines[2] == "At the pace of the last hour, it does not run out."
    assert "of it was observed), nothing can be said: too little was observed." in lines[3]
    objectives(server, "set", "monthly", *SHOP, "--availability", "99.99", "--owner", "shop")
    lines = manage(server, "budget", "shop.example.com", "--path", "/").out.splitlines()
    assert lines[0] == "shop.example.com/: objective monthly of 99.99% in 30d, from the page, owner shop."
    assert lines[1].startswith("Spent: 375 requests failed, 75 may: 5.0 times the allowance.")
    assert lines[2].startswith("At the pace of the last hour, it stays spent")
    objectives(
        server, "set", "monthly", *SHOP, "--availability", "99", "--period", "month", "--time-zone", "Asia/Tokyo"
    )
    lines = manage(server, "budget", "shop.example.com").out.splitlines()
    assert lines[0].endswith("objective monthly of 99% in month (Asia/Tokyo), from the page, owner shop.")
    assert lines[2].endswith("it does not run out before the period ends on 2027-01-31 15:00:00Z.")
    answer = json.loads(manage(server, "budget", "shop.example.com", "--json").out)
    assert len(answer["forecasts"]) == 2
    unknown = manage(server, "budget", "nobody.example.com")
    assert (unknown.code, unknown.err.partition(":")[0]) == (1, "404")


def test_an_objective_of_all_clusters_has_a_folder_of_its_own(server: ApiServer, tmp_path: Path) -> None:
    every, own = tmp_path / "all", tmp_path / "c1"
    done = objectives(server, "set", "usual", "--cluster", "*", "--availability", "99.9", "--period", "month")
    assert done.err.startswith("(all clusters): usual promises period month; availability 99.9%")
    objectives(server, "set", "usual", "--availability", "99")
    shown = [line.split("  ")[0].strip() for line in objectives(server, "list").out.splitlines()[1:]]
    assert shown == ["(all clusters)", "(cluster)"]
    assert objectives(server, "export", "-o", str(own)).err == f"1 objectives are in 1 files in {own}."
    assert objectives(server, "export", "--cluster", "*", "-o", str(every)).code == 0
    assert [path.name for path in (*own.iterdir(), *every.iterdir())] == ["_cluster.yaml", "_all-clusters.yaml"]
    for folder, cluster in ((every, "*"), (own, "c1")):
        applied = objectives(server, "apply", "-f", str(folder), "--prune", "--cluster", cluster)
        assert (applied.code, applied.out.endswith("usual: origin page -> file")) == (0, True), applied
        assert objectives(server, "diff", "-f", str(folder), "--prune", "--cluster", cluster).code == 0
    wrong = objectives(server, "diff", "-f", str(every), "--cluster", "c1")
    assert (wrong.code, "This is for the cluster *, not for c1." in wrong.err) == (1, True)
    wrong = objectives(server, "diff", "-f", str(own), "--cluster", "*")
    assert (wrong.code, "What is for all clusters has `cluster: '*'`, and no domain." in wrong.err) == (1, True)
    assert objectives(server, "delete", "usual", "--cluster", "*").err.endswith("usual of (all clusters) is deleted.")
    assert [each["cluster_id"] for each in json.loads(objectives(server, "--json").out)["objectives"]] == ["c1"]
