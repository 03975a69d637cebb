"""The wire contract across versions: what a stack does not know yet does not keep it from taking a push."""

from typing import Any

import msgspec
import pytest

from slo.traefik import snapshots
from slo.traefik.snapshots import Certificate, IngressMetrics, Snapshot
from slo.traefik.texts import with_printable_texts

CERTIFICATE = Certificate(common_name="a.example.com", alternative_names=("a.example.com",), not_after=2e9)


def snapshot(**changes: Any) -> Snapshot:
    given = {"cluster_id": "c1", "snapshot_id": "s1", "taken_at": 1e9, "sent_at": 1e9, "scope": "s"}
    return Snapshot(**{**given, "ingress_metrics": IngressMetrics(), **changes})


def test_certificates_arrive_as_they_were_sent() -> None:
    sent = snapshot(certificates=(CERTIFICATE,))
    assert snapshots.decode(snapshots.encode(sent)) == sent


@pytest.mark.parametrize("version", [1, 2])
def test_a_stack_that_does_not_know_certificates_takes_the_push(version: int) -> None:
    fields = {name: kind for name, kind in Snapshot.__annotations__.items() if name != "certificates"}
    optional = [(name, kind, getattr(snapshot(), name)) for name, kind in fields.items()]
    older: Any = msgspec.defstruct("Older", optional, kw_only=True)
    sent = snapshot(certificates=(CERTIFICATE,))
    body = snapshots.encode(sent if version == 2 else snapshots.as_version_1(sent))
    taken = msgspec.json.decode(body, type=older)
    assert (taken.version, taken.cluster_id) == (version, "c1")


def test_an_agent_that_does_not_know_certificates_sends_none() -> None:
    document = msgspec.json.decode(snapshots.encode(snapshot()))
    del document["certificates"]
    assert snapshots.decode(msgspec.json.encode(document)).certificates == ()


def test_the_names_of_certificates_are_printable() -> None:
    hostile = Certificate(common_name="a\x1b[2J", alternative_names=("b\u202e",), not_after=2e9)
    (shown,) = with_printable_texts(snapshot(certificates=(hostile,))).certificates
    assert (shown.common_name, shown.alternative_names) == (r"a\u001b[2J", (r"b\u202e",))
