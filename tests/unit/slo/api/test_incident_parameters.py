"""Parameters and bodies of incidents and notifications name the field that is wrong."""

import json
from typing import Any

import msgspec
import pytest

from slo.api.notification_parameters import MAX_RULES, ChannelBody, DeliveriesParameters, MuteBody, NotificationsBody
from slo.api.parameters import IncidentsParameters, chosen, read_body, read_parameters
from slo.errors import BadRequestError
from slo.incidents.incident import KINDS

WHOLE: dict[str, Any] = {"rules": [], "quiet_hours": None, "digest": {}, "thresholds": {}}
MUTE = {"until": "2027-01-15T10:00:00Z", "reason": "new racks"}


def wrong(kind: type[msgspec.Struct], body: Any) -> str:
    """The field that is wrong in a body."""
    with pytest.raises(BadRequestError) as refused:
        read_body(kind, json.dumps(body).encode())
    return refused.value.errors[0].field


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", set()), ("burn", {"burn"}), (" burn , outage ,", {"burn", "outage"}), (",".join(KINDS), set(KINDS))],
    ids=["none", "one", "two", "all"],
)
def test_a_list_has_some_of_its_choices(text: str, expected: set[str]) -> None:
    assert chosen("kind", text, KINDS) == expected


@pytest.mark.parametrize("text", ["flames", "burn,flames", "Burn", "burn outage"])
def test_an_unknown_choice_is_answered_with_those_there_are(text: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        chosen("kind", text, KINDS)
    [error] = refused.value.errors
    assert error.field == "kind"
    assert all(kind in error.message for kind in KINDS)


@pytest.mark.parametrize(
    ("name", "value"),
    [("limit", "0"), ("limit", "201"), ("from", "2027-01-15"), ("from", "2027-01-15T10:00:00"), ("colour", "red")],
)
def test_a_parameter_of_incidents_that_is_wrong_is_named(name: str, value: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        read_parameters(IncidentsParameters, {name: value})
    assert refused.value.errors[0].field == name


@pytest.mark.parametrize(("name", "value"), [("limit", "201"), ("channel", "On Call"), ("channel", "ops\n")])
def test_a_parameter_of_deliveries_that_is_wrong_is_named(name: str, value: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        read_parameters(DeliveriesParameters, {name: value})
    assert refused.value.errors[0].field == name


def test_a_document_says_everything_so_that_nothing_is_lost_by_what_is_left_out() -> None:
    for name in WHOLE:
        assert wrong(NotificationsBody, {key: value for key, value in WHOLE.items() if key != name}) == name


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rules": [{}] * (MAX_RULES + 1)}, "rules"),
        ({"rules": [{"channel": ["ops"]}]}, "rules[0].channel"),
        ({"rules": [{"kinds": ["flames"]}]}, "rules[0].kinds[0]"),
        ({"rules": [{"severities": ["critical"]}]}, "rules[0].severities[0]"),
        ({"rules": [{"clusters": ["c"] * 21}]}, "rules[0].clusters"),
        ({"quiet_hours": {"start": "22:00"}}, "quiet_hours.end"),
        ({"quiet_hours": {"start": "24:00", "end": "07:00"}}, "quiet_hours.start"),
        ({"quiet_hours": {"start": 1320, "end": "07:00"}}, "quiet_hours.start"),
        ({"digest": {"day": "Monday"}}, "digest.day"),
        ({"thresholds": {"outage_share": 0}}, "thresholds.outage_share"),
        ({"thresholds": {"calm_seconds": -1}}, "thresholds.calm_seconds"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_in_a_document_is_named(changes: dict[str, Any], field: str) -> None:
    assert wrong(NotificationsBody, {**WHOLE, **changes}) == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"until": "tomorrow"}, "until"),
        ({"until": "2027-01-15T10:00:00"}, "until"),
        ({"reason": " "}, "reason"),
        ({"reason": ""}, "reason"),
        ({"reason": "x" * 501}, "reason"),
        ({"path_prefix": "pay"}, "path_prefix"),
        ({"cluster_id": ""}, "cluster_id"),
        ({"forever": True}, "forever"),
    ],
    ids=["word", "no zone", "blank", "empty", "long", "path", "cluster", "unknown"],
)
def test_what_is_wrong_in_a_mute_is_named(changes: dict[str, Any], field: str) -> None:
    assert wrong(MuteBody, {**MUTE, **changes}) == field


def test_what_is_wrong_in_a_channel_is_named() -> None:
    assert wrong(ChannelBody, {}) == "kind"
    assert wrong(ChannelBody, {"kind": "pigeon"}) == "kind"
    assert wrong(ChannelBody, {"kind": "slack", "language": "de"}) == "language"
    assert wrong(ChannelBody, {"kind": "slack", "settings": ["x"]}) == "settings"
    assert wrong(ChannelBody, {"kind": "slack", "secrets": ["x"]}) == "secrets"
