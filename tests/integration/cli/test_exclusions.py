"""The commands for times that do not count, against the functions' own API over HTTP."""

import json
from collections.abc import Iterator

import pytest
from integration.cli.api_server import MANAGER, READER, ApiServer
from integration.cli.test_reading import seen
from integration.command import Done, run

from lab.cloud.embedded import Embedded

SHOP = ("--domain", "shop.example.com")
DDOS = ("--from", "2026-11-27T14:00Z", "--to", "2026-11-27T15:10Z", "--reason", "DDoS")
SUNDAYS = ("--rule", "FREQ=WEEKLY;BYDAY=SU", "--time-zone", "Europe/Berlin", "--reason", "backups")


@pytest.fixture
def server() -> Iterator[ApiServer]:
    """The API of a cluster in which every time counts, and someone who may exclude some."""
    with Embedded() as embedded, ApiServer(embedded) as running:
        running.tokens[MANAGER] = ()
        running.managers.add(MANAGER)
        embedded.push(seen(0))
        yield running


def exclusions(server: ApiServer, *arguments: str, token: str = MANAGER, command: str = "exclusions") -> Done:
    server.embedded.now += 1
    environment = {"INGRESS_SLO_URL": server.url, "INGRESS_SLO_TOKEN": token, "CLUSTER_ID": ""}
    return run(command, *arguments, env=environment)


def listed(server: ApiServer, *arguments: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(exclusions(server, *arguments, "--json").out)
    return found


def test_a_time_is_excluded_listed_and_counts_again(server: ApiServer) -> None:
    assert exclusions(server).err == "Every time counts: nothing is excluded."
    done = exclusions(server, "add", *SHOP, "--path", "/pay", *DDOS)
    (found,) = listed(server)
    undo = f"ingress-slo exclusions remove {found['exclusion_id']}"
    assert done.err == (
        "shop.example.com/pay: 2026-11-27 14:00:00Z to 2026-11-27 15:10:00Z does not count. "
        f"To undo it: {undo}"
    )  # fmt: skip
    assert (found["reason"], found["set_by"], found["rule"]) == ("DDoS", "test", "")
    head, line = exclusions(server, "list").out.splitlines()
    assert head.split() == ["ID", "SUBJECT", "FROM", "TO", "RECURS", "BY", "REASON"]
    shown = "shop.example.com/pay 2026-11-27 14:00:00Z 2026-11-27 15:10:00Z once test DDoS"
    assert line.split()[1:] == shown.split()
    undone = exclusions(server, *undo.split()[2:])
    assert undone.err == f"The exclusion {found['exclusion_id']} is undone: its time counts again."
    assert listed(server) == []
    again = exclusions(server, *undo.split()[2:])
    assert (again.code, again.err.partition(":")[0]) == (1, "404")


def test_a_time_recurs_where_its_clocks_say(server: ApiServer) -> None:
    when = ("--from", "2026-11-29T02:00+01:00", "--to", "2026-11-29T04:00+01:00")
    made = json.loads(exclusions(server, "add", *when, *SUNDAYS, "--json").out)
    assert (made["domain"], made["from"], made["to"]) == (None, "2026-11-29T01:00:00Z", "2026-11-29T03:00:00Z")
    (line,) = exclusions(server).out.splitlines()[1:]
    assert "(cluster)" in line
    assert "FREQ=WEEKLY;BYDAY=SU (Europe/Berlin)" in line
    added = exclusions(server, "add", *SHOP, *when, *SUNDAYS)
    assert "does not count, and then FREQ=WEEKLY;BYDAY=SU (Europe/Berlin). To undo it" in added.err


def test_a_list_is_of_a_subject(server: ApiServer) -> None:
    for subject in ((), SHOP, (*SHOP, "--path", "/pay")):
        exclusions(server, "add", *subject, *DDOS)
    assert len(listed(server)) == 3
    assert [each["path_prefix"] for each in listed(server, "list", *SHOP)].count("/pay") == 1
    assert len(listed(server, "list", *SHOP)) == 2
    assert [each["path_prefix"] for each in listed(server, "list", *SHOP, "--path", "/pay")] == ["/pay"]


def test_a_time_may_be_a_while_ago(server: ApiServer) -> None:
    exclusions(server, "add", "--from", "2h", "--to", "30m", "--reason", "new racks")
    (found,) = listed(server)
    assert found["from"] < found["to"]


def test_a_wrong_time_is_refused_in_words(server: ApiServer) -> None:
    for wrong, code, said in (
        (("--from", "yesterday", "--to", "2026-11-27T15:10Z", "--reason", "a"), 2, "'yesterday' is not a time"),
        (("--from", "2026-11-27T15:10Z", "--to", "2026-11-27T14:00Z", "--reason", "a"), 1, "It ends before it begins"),
        ((*DDOS, "--rule", "on Sundays"), 1, "This is no recurrence rule of RFC 5545"),
        ((*DDOS, *SHOP, "--time-zone", "Mars/Olympus"), 1, "This is no time zone"),
        ((*DDOS, "--path", "/pay"), 1, "A path belongs to a domain"),
    ):
        done = exclusions(server, "add", *wrong)
        assert (done.code, said in " ".join(done.err.replace("│", "").split())) == (code, True), done.err
    refused = exclusions(server, "add", *DDOS, token=READER)
    assert (refused.code, refused.err.partition(":")[0]) == (1, "403")
    assert listed(server) == []


def test_changes_of_objectives_say_who_excluded_what(server: ApiServer) -> None:
    exclusions(server, "add", *SHOP, *DDOS)
    exclusions(server, "remove", listed(server)[0]["exclusion_id"])
    lines = exclusions(server, "changes", command="objectives").out.splitlines()[1:]
    what = "2026-11-27 14:00:00Z to 2026-11-27 15:10:00Z: DDoS"
    assert [line.split(maxsplit=5)[2:] for line in lines] == [
        ["test", "shop.example.com", "-", f"{how} {what}"] for how in ("included", "excluded")
    ]


def test_a_time_is_excluded_in_all_clusters(server: ApiServer) -> None:
    done = exclusions(server, "add", "--cluster", "*", *DDOS)
    (found,) = listed(server, "--cluster", "c1")
    undo = f"ingress-slo exclusions remove {found['exclusion_id']} --cluster '*'"
    assert done.err.startswith("(all clusters): 2026-11-27 14:00:00Z to 2026-11-27 15:10:00Z does not count.")
    assert done.err.endswith(undo)
    assert exclusions(server, "list").out.splitlines()[1].split()[1:3] == ["(all", "clusters)"]
    assert exclusions(server, "remove", found["exclusion_id"], "--cluster", "*").code == 0
    assert listed(server) == []
    refused = exclusions(server, "add", "--cluster", "*", *SHOP, *DDOS)
    assert (refused.code, "With cluster_id=* it is for every domain of all clusters" in refused.err) == (1, True)
