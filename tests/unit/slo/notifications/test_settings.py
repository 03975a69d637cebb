"""Whom the settings tell of an incident: the channels of its objectives, else those that the rules choose."""

import msgspec
import pytest

from slo.incidents.incident import Incident, Subject
from slo.notifications.settings import Channel, Mute, Rule, Settings

OFF = Channel(name="off", kind="email", is_enabled=False)
CHANNELS = (*(Channel(name=name, kind="email") for name in ("a", "b", "c")), OFF)
TO_A, TO_NOBODY = Rule(channels=("a",)), Rule()


def incident(*channels: str) -> Incident:
    return Incident(
        incident_id="1",
        cluster_id="c1",
        kind="outage",
        severity="page",
        subject=Subject(domain="shop.example.com"),
        since=0.0,
        opened_at=0.0,
        channels=channels,
    )


@pytest.mark.parametrize(
    ("channels", "rules", "told"),
    [
        ((), (), "abc"),
        ((), (TO_A,), "a"),
        ((), (TO_NOBODY,), ""),
        (("",), (TO_A,), "a"),
        (("b",), (), "b"),
        (("b",), (TO_A,), "b"),
        (("b",), (TO_NOBODY,), "b"),
        (("b", "c"), (TO_A,), "bc"),
        (("", "b"), (TO_A,), "ab"),
        (("off",), (TO_A,), "a"),
        (("gone",), (TO_A,), "a"),
        (("gone",), (TO_NOBODY,), ""),
        (("b", "gone"), (TO_A,), "ab"),
        (("b", "off"), (), "abc"),
    ],
)
def test_the_channel_of_an_objective_goes_before_the_rules(
    channels: tuple[str, ...], rules: tuple[Rule, ...], told: str
) -> None:
    settings = Settings(channels=CHANNELS, rules=rules)
    assert "".join(each.name for each in settings.channels_of(incident(*channels))) == told


def test_a_mute_holds_whatever_channel_the_objective_has() -> None:
    mute = Mute(mute_id="1", domain="shop.*", until=60.0, reason="work")
    assert Settings(channels=CHANNELS, mutes=(mute,)).mute_of(incident("b"), 0.0) == mute


def test_an_incident_of_an_earlier_version_lets_the_rules_choose() -> None:
    document = msgspec.to_builtins(incident("b"))
    del document["channels"]
    assert Settings(channels=CHANNELS, rules=(TO_A,)).channels_of(msgspec.convert(document, Incident)) == CHANNELS[:1]
