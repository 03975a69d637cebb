"""Compares the counts of the agent, ingest, rollup and report with the access log of each Traefik version.

    python -m lab.traefik.compatibility [--write FILE] [VERSION ...]

Each version runs a small stage under load, with and without router labels, and with `safeNaming` if it has that option.
The stage has rules of every kind, restarts a pod, and adds and removes a path. Each rule's status codes in the replay
must equal those in the access log. Exits with 1 if one differs.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from lab.cluster.builders import ingress, ingress_route, path, route, traefik_object
from lab.cluster.objects import Object
from lab.replay import Recording, replay
from lab.traefik.backends import Backend, Temper
from lab.traefik.profiles import TraefikOptions
from lab.traefik.recording import Recorder
from lab.traefik.stage import Play, Stage
from lab.traefik.traffic import Flow
from lab.traefik.versions import binary, has_safe_naming, versions

_AT_ONCE = 3
"""Stages that run in parallel; they mostly wait."""
_FAST = Temper(latency_seconds=0.005)
_FAILING = Temper(latency_seconds=0.005, failure_share=0.2)
_SHOP, _TEAM, _BLOG = "shop.example.com", "team_one.example.com", "blog.example.com"
_FLOWS = (
    (_SHOP, "/"),
    (_SHOP, "/api"),
    (_SHOP, "/new"),
    (f"www.{_SHOP}", "/"),
    (f"m.{_SHOP}", "/"),
    (_TEAM, "/weighted"),
    (_TEAM, "/nested"),
    (_BLOG, "/"),
    (_BLOG, "/feed"),
    (_BLOG, "/admin"),
)
_INTRODUCTION = """\
# Traefik versions

`make compatibility` wrote this table. It runs each of these versions under load, with routes of every kind: rules with
several hosts, with several services, with a TraefikService, and Ingress paths that share a service. It kills and
restarts a pod, and adds and removes a path. Then it compares the counts of the agent, ingest, rollup and report with
Traefik's own access log: every status code of every rule, or of every service where the router labels are off.

| Traefik | router labels | names | counted apart | requests | of them 5xx | differences |
|---|---|---|---|---|---|---|
"""


class Mode(NamedTuple):
    """A version of Traefik and the options that shape its metrics."""

    version: str
    router_labels: bool
    safe_naming: bool = False


class Result(NamedTuple):
    """The counts of one mode, and their differences from the access log."""

    mode: Mode
    measures: int
    """Rules, or services where the router labels are off."""
    requests: int
    errors: int
    differences: tuple[str, ...]


def modes(chosen: Iterable[str]) -> Iterator[Mode]:
    """All modes of these versions. Installs the versions."""
    for version in chosen:
        naming = (False, True) if has_safe_naming(binary(version)) else (False,)
        for safe_naming in naming:
            yield from (Mode(version, router_labels, safe_naming) for router_labels in (True, False))


def check(chosen: Iterable[Mode], folder: Path) -> Iterator[Result]:
    """Record each mode into a folder of its own below `folder`, and compare its replay with its access log."""

    def recorded(mode: Mode) -> tuple[Mode, Path]:
        to = folder / "-".join(map(str, mode))
        _record(mode, to)
        return mode, to

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        done = list(pool.map(recorded, chosen))
    for mode, to in done:  # A replay patches the clock of the whole process, so every recording must have ended.
        yield _compare(mode, to)


def _record(mode: Mode, folder: Path) -> None:
    options = TraefikOptions(mode.router_labels, mode.safe_naming, binary=binary(mode.version))
    services = [Backend("shop", name, _FAILING) for name in ("api", "red", "blue")]
    backends = [Backend("shop", "web", _FAST), *services, Backend("blog", "web", _FAILING)]
    flows = [Flow(host, path, 8) for host, path in _FLOWS]
    objects = [_shop(), _nested(), _blog()]
    with Stage(Play(objects, backends, flows, options=options)) as stage:
        recorder = Recorder(stage, folder)
        recorder.scrape(2)
        recorder.restart(stage.pods[0])
        recorder.scrape(1)
        recorder.change(_shop(with_new=True))
        recorder.scrape(1)
        recorder.change(_shop())
        recorder.scrape(1)
        stage.traffic.pause()
        recorder.finish(folder.name)


def _shop(*, with_new: bool = False) -> Object:
    rules = [
        route(f"Host(`{_SHOP}`)", "web"),
        route(f"Host(`m.{_SHOP}`) || Host(`www.{_SHOP}`)", "api"),
        route(f"Host(`{_SHOP}`) && PathPrefix(`/api`)", "api"),
        route(f"Host(`{_TEAM}`) && PathPrefix(`/weighted`)", *_weighted()),
        route(f"Host(`{_TEAM}`) && (PathPrefix(`/nested`))", {"kind": "TraefikService", "name": "nested"}),
    ]
    new = [route(f"Host(`{_SHOP}`) && PathPrefix(`/new`)", "web")] if with_new else []
    return ingress_route("shop", "shop.main", *rules, *new)


def _weighted() -> list[dict[str, Any]]:
    return [{"name": "red", "port": 80, "weight": 1}, {"name": "blue", "port": 80, "weight": 2}]


def _nested() -> Object:
    return traefik_object("TraefikService", "shop", "nested", {"weighted": {"services": _weighted()}})


def _blog() -> Object:
    return ingress("blog", "blog", {_BLOG: [path(prefix, "web") for prefix in ("/", "/feed", "/admin")]})


def _compare(mode: Mode, folder: Path) -> Result:
    truth = json.loads((folder / "truth.json").read_text())["rules" if mode.router_labels else "services"]
    replayed = replay(Recording(folder))
    counted = {name: rule["codes"] for name, rule in replayed["rules"].items()}
    expected = {name: rule["codes"] for name, rule in truth.items()}
    codes: Counter[str] = Counter()
    for rule_codes in expected.values():
        codes.update(rule_codes)
    errors = sum(number for code, number in codes.items() if code.startswith("5"))
    differences = (*_differences(expected, counted), *_leaks(codes.total(), replayed))
    return Result(mode, len(expected), codes.total(), errors, differences)


def _differences(expected: dict[str, dict[str, int]], counted: dict[str, dict[str, int]]) -> Iterator[str]:
    for name in sorted(expected.keys() | counted.keys()):
        if expected.get(name) != counted.get(name):
            yield f"{name}: access log {expected.get(name)}, counted {counted.get(name)}"


def _leaks(requests: int, replayed: dict[str, Any]) -> Iterator[str]:
    """Sums that differ from the access log's, and rules without a route."""
    for name, total in replayed["conservation"].items():
        if total != requests:
            yield f"{name}: {total} of {requests} requests"
    for name, rule in replayed["rules"].items():
        if not rule["routes"]:
            yield f"{name} belongs to no route"


def table(results: Iterable[Result]) -> str:
    """The results as a page."""
    return _INTRODUCTION + "".join(_line(result) for result in results)


def _line(result: Result) -> str:
    mode = result.mode
    measures = f"{result.measures} {'rules' if mode.router_labels else 'services'}"
    columns = (
        mode.version,
        "on" if mode.router_labels else "off",
        "`safeNaming`" if mode.safe_naming else "usual",
        measures,
        f"{result.requests:,}",
        f"{result.errors:,}",
        "<br>".join(result.differences) or "none",
    )
    return f"| {' | '.join(columns)} |\n"


def main(arguments: list[str]) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(
        prog="lab.traefik.compatibility", description="Compare the counts with the access log."
    )
    parser.add_argument("--write", type=Path, metavar="FILE", help="also write the table as a page")
    parser.add_argument("version", nargs="*", help=f"some of {', '.join(versions())} (default: all)")
    options = parser.parse_args(arguments)
    results = []
    with tempfile.TemporaryDirectory(prefix="ingress-slo-compatibility-") as folder:
        for result in check(modes(options.version or versions()), Path(folder)):
            results.append(result)
            sys.stdout.write(_line(result))
            sys.stdout.flush()
    if options.write:
        options.write.write_text(table(results))
    return 1 if any(result.differences for result in results) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
