"""`make routes` tries manifests on a real Traefik and shows where each request is booked."""

import json
from pathlib import Path
from typing import Any

import pytest

from lab.routes import main

MANIFESTS = Path(__file__).parent / "manifests"


def tried(capsys: pytest.CaptureFixture[str], name: str, *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main([str(MANIFESTS / name), *arguments])
    return code, json.loads(capsys.readouterr().out)


def booked(answer: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (item["host"], item["path"], item["tls"], item["code"], item["count"], item["booked_under"])
        for item in answer["requests"]
    ]


@pytest.mark.parametrize("version", ["3.0.4", "3.7.15"])
def test_requests_to_both_entry_points_of_the_chart_are_under_their_domains(
    version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = tried(capsys, "two-entry-points.yaml", "--traefik", version)
    assert (code, answer["traefik"], answer["unplaced_requests"], answer["listed_but_not_served"]) == (
        0,
        version,
        0,
        [],
    )
    assert booked(answer) == [
        ("books.example.org", "/", False, 200, 2, ["books.example.org", "/"]),
        ("books.example.org", "/cart/7", True, 502, 3, ["books.example.org", "/cart"]),
        ("nobody.example.org", "/", False, 404, 1, None),
        ("news.example.org", "/", True, 200, 2, ["news.example.org", "/"]),
    ]
    routers = [item["router"] for item in answer["requests"]]
    assert routers[1].startswith("websecure-library-books-")
    assert routers[2] is None


def test_a_gateway_serves_http_https_and_grpc(capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = tried(capsys, "gateway.yaml")
    assert code == 0
    assert booked(answer) == [
        ("edge.example.org", "/", False, 200, 2, ["edge.example.org", "/"]),
        ("edge.example.org", "/v1", True, 200, 2, ["edge.example.org", "/v1"]),
        ("calls.example.org", "/pkg.Greeter/Hello", True, 200, 3, ["calls.example.org", "/"]),
    ]


@pytest.mark.parametrize("api", ["auto", "off"])
def test_without_a_header_each_router_gets_a_request_over_each_of_its_entry_points(
    api: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = tried(capsys, "without-header.yaml", "--api", api)
    assert code == 0
    served = {(item["host"], item["tls"]) for item in answer["requests"]}
    assert served == {(host, tls) for host in ("shop-a.example.org", "hushed.example.org") for tls in (False, True)}
    assert {item["host"] for item in answer["requests"] if item.get("not_counted")} == {"hushed.example.org"}
    refused = [router for router in answer["routers"] if router["status"] == "disabled"]
    assert refused
    assert all("unexpected number of parameters" in router["errors"][0] for router in refused)
    assert any("Host" in warning for warning in answer["warnings"])


@pytest.mark.parametrize(
    ("text", "arguments", "told"),
    [
        ("a: [", (), "not YAML"),
        ("", (), "no object"),
        ("{apiVersion: v1, kind: Service, metadata: {name: a}}", ("--profile", "swarm"), "only chart, k3s"),
        ("{apiVersion: v1, kind: Service, metadata: {name: a}}", ("--traefik", "2.11"), "there is no Traefik 2.11"),
    ],
)
def test_bad_input_is_explained(
    text: str, arguments: tuple[str, ...], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.yaml").write_text(text)
    assert main([str(tmp_path / "a.yaml"), *arguments]) == 2
    assert told in capsys.readouterr().err


def test_an_entry_point_that_the_profile_lacks_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (MANIFESTS / "two-entry-points.yaml").read_text()
    (tmp_path / "a.yaml").write_text(text)
    assert main([str(tmp_path / "a.yaml"), "--profile", "lab"]) == 2
    assert "choose another profile" in capsys.readouterr().err
