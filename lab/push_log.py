"""A push log: the snapshots that a cluster pushed, each with the server's time of its arrival.

A file of JSON lines. Line 1 may be the truth of Traefik's access log, `{"truth": {router: {code: requests}}}`. Each
other line is a push: `{"at": Unix seconds by the server's clock, "snapshot": {...}}`.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

Codes = Mapping[str, int]
"""Requests by status code."""

_GRPC = "grpc:"
_HTTP_STATUS_OF_GRPC = "200"
"""A gRPC call answers 200 over HTTP whatever its status, and the access log holds the HTTP status."""
_SUM = "(sum)"


class Push(NamedTuple):
    """One push."""

    at: float
    """When it arrives, Unix seconds by the server's clock."""
    taken_at: float
    body: bytes
    """The snapshot as JSON."""


class PushLog:
    """The pushes of one cluster, from a file."""

    def __init__(self, file: Path) -> None:
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        self.truth: dict[str, dict[str, int]] | None = next((line["truth"] for line in lines if "truth" in line), None)
        """Requests by router and code, from the access log; None if the file does not say."""
        self._lines = [line for line in lines if "snapshot" in line]
        if not self._lines:
            raise ValueError(f"{file} has no pushes: expected lines with `at` and `snapshot`.")
        self.cluster_id: str = self._lines[0]["snapshot"]["cluster_id"]

    def pushes(self) -> Iterator[Push]:
        """The pushes in the order of the file."""
        for line in self._lines:
            snapshot = line["snapshot"]
            yield Push(float(line["at"]), float(snapshot["taken_at"]), json.dumps(snapshot).encode())

    def differences(self, rules: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, dict[str, int]]]:
        """What was booked and differs from the truth: by router label (or service label) and code, and the sums.

        Empty if nothing differs.
        """
        truth = self._by_booked_label(rules)
        booked = {label: _by_http_status(rule["codes"]) for label, rule in rules.items()}
        found = {label: _difference(truth.get(label, {}), booked.get(label, {})) for label in {*truth, *booked}}
        found[_SUM] = _difference(_total(truth), _total(booked))
        return {label: codes for label, codes in sorted(found.items()) if codes}

    def _by_booked_label(self, rules: Mapping[str, Mapping[str, Any]]) -> dict[str, Counter[str]]:
        """The truth under the labels that Traefik's metrics have: without router labels, those of services."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for router, codes in (self.truth or {}).items():
            found[router if router in rules else self._service_of(router, rules)].update(codes)
        return dict(found)

    def _service_of(self, router: str, rules: Mapping[str, Any]) -> str:
        """The booked service of a router, which may have the name of an entry point before its own."""
        for line in reversed(self._lines):
            for route in line["snapshot"]["ingress_routes"]:
                if any(router == key or router.endswith(f"-{key}") for key in route["router_keys"]):
                    keys = (key for key in route.get("service_keys", ()) if key in rules)
                    return next((key for key in keys if rules[key]["measured_by"] == "service"), router)
        return router


def _by_http_status(codes: Codes) -> Counter[str]:
    found: Counter[str] = Counter()
    for code, count in codes.items():
        found[_HTTP_STATUS_OF_GRPC if code.startswith(_GRPC) else code] += count
    return found


def _total(by_label: Mapping[str, Codes]) -> Counter[str]:
    return sum((Counter(codes) for codes in by_label.values()), Counter[str]())


def _difference(truth: Codes, booked: Codes) -> dict[str, dict[str, int]]:
    codes = sorted({*truth, *booked})
    pairs = {code: {"truth": truth.get(code, 0), "booked": booked.get(code, 0)} for code in codes}
    return {code: pair for code, pair in pairs.items() if pair["truth"] != pair["booked"]}
