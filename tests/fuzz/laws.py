"""The laws for any input, however hostile: it is refused with one of our errors, or its meaning is sound.

Each law takes bytes and raises only if it is broken. Hypothesis (`make test`), the corpus of earlier findings
(tests/corpus/LAW/*) and the fuzzer (`make fuzz`) all run the same laws.
"""

import base64
import gzip
from collections.abc import Callable
from urllib.parse import parse_qsl

import msgspec

from ingress_slo_agent.answers import certificates
from ingress_slo_agent.certificates import expiring
from ingress_slo_agent.exposition import CONTENT_TYPE as TEXT
from ingress_slo_agent.exposition import parse
from ingress_slo_agent.protobuf import CONTENT_TYPE as PROTOBUF
from ingress_slo_agent.protobuf import only
from ingress_slo_agent.protobuf import parse as parse_protobuf
from ingress_slo_agent.routes import routes_from
from ingress_slo_agent.rows import ExpositionError
from slo.api import snapshot_reader
from slo.api.pages import Cursor
from slo.api.parameters import (
    DomainsParameters,
    HistoryParameters,
    ObjectiveBody,
    ObjectiveParameters,
    Parameters,
    StatusHistoryParameters,
    read_body,
    read_parameters,
    statuses,
)
from slo.api.tokens import PREFIX, bearer, token_hash
from slo.app.ingest import samples_of
from slo.counting.catalogue import Catalogue, resolve
from slo.counting.ledger import Ledger
from slo.counting.rollup import Sample, roll_up
from slo.errors import BadRequestError, CallerError, UnauthorizedError
from slo.store.codec import pack_ledger, unpack_ledger
from slo.store.samples import WholeSample
from slo.traefik import snapshots
from slo.traefik.rules import MAX_PLACES, RuleSyntaxError, placement
from slo.traefik.snapshots import Certificate, IngressMetrics, IngressRouteInfo, ProcessMetrics, Snapshot
from slo.traefik.texts import with_printable_texts

NOW = 1_795_454_100.0
_PARAMETERS: tuple[type[Parameters], ...] = (
    DomainsParameters,
    HistoryParameters,
    StatusHistoryParameters,
    ObjectiveParameters,
)


def exposition(data: bytes) -> None:
    """A text is refused, or parses to a process that ingest accepts."""
    try:
        process = parse(data, pod="traefik/a", date=NOW)
        found = expiring([certificates(data, TEXT, now=NOW)])
    except ExpositionError:
        return
    _ingest_takes(_snapshot(processes=(process,), certificates=found))


def protobuf(data: bytes) -> None:
    """A body is refused, or parses to a process that ingest accepts, also from a recording that keeps all of it."""
    try:
        process = parse_protobuf(data, pod="traefik/a", date=NOW)
        found = expiring([certificates(data, PROTOBUF, now=NOW)])
    except ExpositionError:
        return
    assert parse_protobuf(only(data, bool), pod="traefik/a", date=NOW) == process
    _ingest_takes(_snapshot(processes=(process,), certificates=found))


def rule(data: bytes) -> None:
    """A match rule gives places, or is refused at one of its characters. Ingest accepts the snapshot in both cases."""
    match = data.decode(errors="replace")
    try:
        assert len(placement(match).places) <= MAX_PLACES
    except RuleSyntaxError as error:
        assert 0 <= error.position <= len(match)
    services = [{"name": "web", "port": 80}]
    spec = {"entryPoints": ["web"], "routes": [{"kind": "Rule", "match": match, "services": services}]}
    metadata = {"name": "shop", "namespace": "shop"}
    routes = routes_from([{"kind": "IngressRoute", "metadata": metadata, "spec": spec}])
    assert routes.infos or routes.warnings or not match
    _ingest_takes(_snapshot(routes=routes.infos))


def snapshot(data: bytes) -> None:
    """A JSON document is refused with an error for the caller, or can be stored and booked."""
    body(gzip.compress(data, 1))


def body(data: bytes) -> None:
    """A body is refused with an error for the caller, or is a snapshot that can be stored and booked."""
    try:
        read = snapshot_reader.read(data, NOW)
    except CallerError as error:
        assert error.detail
        return
    _can_be_booked(read)


def parameters(data: bytes) -> None:
    """A query string is read, or refused with the name of the parameter. A JSON body is read or refused."""
    text = data.decode(errors="replace")
    query = dict(parse_qsl(text, keep_blank_values=True))
    for kind in _PARAMETERS:
        try:
            read = read_parameters(kind, query)
            statuses(getattr(read, "status", ""))
            cursor(getattr(read, "cursor", "").encode())
        except BadRequestError as error:
            assert all(item.field for item in error.errors)
    try:
        read_body(ObjectiveBody, data)
    except BadRequestError as error:
        assert error.detail


def cursor(data: bytes) -> None:
    """A cursor is refused, or holds a time and a key and stays the same when it is written and read again."""
    try:
        read = Cursor.read(data.decode(errors="replace"))
    except BadRequestError:
        return
    assert read is None or (0 <= read.as_of < 1e11 and Cursor.read(read.text()) == read)


def cursor_content(data: bytes) -> None:
    """The same law for valid base64 with any content."""
    cursor(base64.urlsafe_b64encode(data))


def authorization(data: bytes) -> None:
    """A header is refused, or has a token whose hash can be looked up."""
    try:
        token = bearer(data.decode(errors="surrogateescape"))
    except UnauthorizedError:
        return
    assert token.startswith(PREFIX)
    assert len(token_hash(token)) == 64


LAWS: dict[str, Callable[[bytes], None]] = {
    law.__name__: law
    for law in (exposition, protobuf, rule, snapshot, body, parameters, cursor, cursor_content, authorization)
}
"""The laws by name."""


def _snapshot(
    processes: tuple[ProcessMetrics, ...] = (),
    routes: tuple[IngressRouteInfo, ...] = (),
    certificates: tuple[Certificate, ...] = (),
) -> Snapshot:
    return Snapshot(
        cluster_id="c1",
        snapshot_id="s1",
        taken_at=NOW,
        sent_at=NOW,
        scope="scope",
        ingress_routes=routes,
        ingress_metrics=IngressMetrics(processes=processes),
        certificates=certificates,
    )


def _ingest_takes(wanted: Snapshot) -> None:
    wanted = with_printable_texts(wanted)
    read = snapshot_reader.read(gzip.compress(snapshots.encode(wanted), 1), NOW)
    assert read == wanted
    _can_be_booked(read)


def _can_be_booked(read: Snapshot) -> None:
    """Its samples and the ledgers of a rollup keep their rows in storage. Every process counts as new."""
    resolved = resolve(Catalogue(), read)
    samples = samples_of(read, resolved, NOW)
    kept = [WholeSample.unpacked(WholeSample(sample).packed(), sample.sample_key).sample for sample in samples]
    assert [sample.rows for sample in kept] == [sample.rows for sample in samples]
    cutoff = int(max(sample.taken_at for sample in kept) // 300 + 2) * 300
    for booked in roll_up(
        Ledger(), resolved.catalogue, {}, [_watched(kept[0]), *kept], watermark=0, cutoff=cutoff, slot_seconds=300
    ):
        assert unpack_ledger(pack_ledger(booked)).rows == booked.rows


def _watched(sample: Sample) -> Sample:
    """An empty sample of the same scope, long before: every process is then new, and all its values count."""
    return msgspec.structs.replace(sample, pod="", rows={}, observed_at=sample.observed_at - 170_000, sample_key="0|")
