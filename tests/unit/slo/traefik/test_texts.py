"""No text of a snapshot, old or new, may hold what is not printable."""

import gzip
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import inspect

from slo.api.snapshot_reader import read
from slo.errors import UnprocessableError
from slo.traefik import snapshots
from slo.traefik.snapshots import Snapshot
from slo.traefik.texts import is_printable, with_printable_texts

NOW = 1_800_000_000.0
NOTHING: dict[str, Any] = {"methods": {}, "buckets": [], "duration_seconds_sum": 0.0}
EVIL = "\x1b]0;\u202e\U000e0041\x00"
NUMBERS: dict[type, float] = {inspect.BoolType: True, inspect.IntType: 1, inspect.FloatType: NOW}
SHOWN = "\\u001b]0;\\u202e\\U000e0041\\u0000"


def filled(kind: inspect.Type, text: str) -> Any:
    """A value of this type with the text wherever somebody else chooses it."""
    match kind:
        case inspect.StrType(pattern=None, max_length=length):
            return text[: length or len(text)]
        case inspect.StrType(pattern=pattern):
            known = {snapshots.CLUSTER_ID_PATTERN: "c1", snapshots.CODE_PATTERN: "200"}
            return {**known, snapshots.OBJECTIVE_CHANNEL_PATTERN: "on-call"}.get(pattern or "", "Ingress")
        case inspect.UnionType(types=types):
            named: list[inspect.Type] = [each for each in types if isinstance(each, inspect.StrType)]
            return filled((named or list(types))[0], text)
        case inspect.VarTupleType(item_type=item):
            return (filled(item, text),)
        case inspect.DictType(key_type=key, value_type=value):
            return {filled(key, text): filled(value, text)}
        case inspect.StructType(cls=cls, fields=fields):
            return cls(**{field.name: filled(field.type, text) for field in fields})
        case inspect.LiteralType(values=values):
            return values[0]
        case inspect.FloatType(le=most) if most is not None:
            return most
    return NUMBERS[type(kind)]


def hostile(text: str = EVIL) -> Snapshot:
    found: Snapshot = filled(inspect.type_info(Snapshot), text)
    (process,) = found.ingress_metrics.processes
    row = msgspec.structs.replace(process.rows[0], buckets=(1, 1))
    processes = (msgspec.structs.replace(process, rows=(row,)),)
    metrics = msgspec.structs.replace(found.ingress_metrics, processes=processes)
    return msgspec.structs.replace(found, ingress_metrics=metrics)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield key
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)


def test_every_text_of_a_snapshot_becomes_printable_and_stays_valid() -> None:
    rewritten = with_printable_texts(hostile())
    assert all(map(str.isprintable, texts(msgspec.to_builtins(rewritten))))
    assert rewritten.ingress_routes[0].domain == SHOWN
    assert rewritten.ingress_metrics.processes[0].rows[0].router == SHOWN
    assert rewritten.agent_version == SHOWN
    assert snapshots.decode(snapshots.encode(rewritten)) == rewritten


def test_a_text_that_grows_beyond_its_field_is_cut_and_valid() -> None:
    rewritten = with_printable_texts(hostile("\U000e0041" * 2_000))
    assert snapshots.decode(snapshots.encode(rewritten)) == rewritten


def test_the_agent_can_push_a_lone_surrogate() -> None:
    with pytest.raises(UnicodeEncodeError):
        snapshots.encode(hostile("\ud800"))
    assert b"\\\\ud800" in snapshots.encode(with_printable_texts(hostile("\ud800")))


def test_ingest_makes_them_printable_whatever_an_agent_sends() -> None:
    found = read(gzip.compress(snapshots.encode(hostile())), NOW)
    assert found == with_printable_texts(hostile())


def test_names_that_become_equal_are_refused_with_their_field() -> None:
    one, (process,) = hostile(), hostile().ingress_metrics.processes
    other = msgspec.structs.replace(process.rows[0], router=SHOWN, service=SHOWN)
    processes = (msgspec.structs.replace(process, rows=(*process.rows, other)),)
    metrics = msgspec.structs.replace(one.ingress_metrics, processes=processes)
    with pytest.raises(UnprocessableError) as refused:
        read(gzip.compress(snapshots.encode(msgspec.structs.replace(one, ingress_metrics=metrics))), NOW)
    assert "rows" in str(refused.value.errors)


@pytest.mark.parametrize("code", ["200\n", "grpc:1\n"])
def test_a_code_ends_where_its_pattern_ends(code: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"service": "s", "codes": {code: 1}, **NOTHING}, snapshots.SeriesRow)


@given(st.text())
def test_the_fast_look_never_takes_an_unprintable_text_for_a_printable_one(text: str) -> None:
    if any(0xD800 <= ord(character) < 0xE000 for character in text):
        return
    for json in (msgspec.json.encode(text), msgspec.json.encode({text: [text]})):
        assert not is_printable(json) or text.isprintable()


def test_the_fast_look_knows_ordinary_snapshots() -> None:
    assert is_printable(msgspec.json.encode({"domain": "{^.+\\.example$}", "path": '/a"b\\'}))
