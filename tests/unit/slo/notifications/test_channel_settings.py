import base64
import json
from typing import Any

import pytest

from slo.errors import UnprocessableError
from slo.notifications import channel_settings
from slo.notifications.channel_settings import KINDS, PAGERDUTY_URL, encode, read, signing_key

SECRET = f"whsec_{base64.b64encode(bytes(range(32))).decode()}"
KEY = "R0UT1NGKEY" + "a" * 22
TOKEN = "xoxb-123-abc"
VALID: list[tuple[Any, dict[str, Any]]] = [
    ("email", {}),
    ("email", {"from": "slo@example.com", "to": ["a@example.com", "b@example.com"]}),
    ("webhook", {"url": "https://hooks.example.com/x?y=z", "secrets": [SECRET, SECRET]}),
    ("eventbridge", {"bus": "mine"}),
    ("eventbridge", {}),
    ("pagerduty", {"routing_key": KEY}),
    ("slack", {"token": TOKEN, "channel": "C024BE91L"}),
    ("slack", {"url": "https://hooks.slack.com/services/T/B/x"}),
    ("apprise", {"urls": ["ntfy://topic", "discord://id/token"]}),
]


@pytest.mark.parametrize(("kind", "given"), VALID, ids=str)
def test_what_is_valid_is_kept_and_read_again(kind: Any, given: dict[str, Any]) -> None:
    settings = read(kind, given)
    assert isinstance(settings, KINDS[kind])
    kept = encode(settings)
    assert channel_settings.decode(kind, kept) == settings
    assert json.loads(kept) == {name: value for name, value in given.items() if value != "default"}


def test_the_address_of_pagerduty_is_known() -> None:
    assert getattr(read("pagerduty", {"routing_key": KEY}), "url", "") == PAGERDUTY_URL


WRONG: list[tuple[Any, Any, str, str]] = [
    ("email", {"to": ["a@example.com"]}, "settings.from", "verified address"),
    ("email", {"from": "a@example.com"}, "settings.to", "whom"),
    ("email", {"from": "a@example.com\n", "to": ["b@example.com"]}, "settings.from", "regex"),
    ("email", {"to": ["nobody"], "from": "a@example.com"}, "settings.to[0]", "regex"),
    ("webhook", {"url": "https://a.example"}, "settings", "secrets"),
    ("webhook", {"url": "https://a.example", "secrets": []}, "settings.secrets", "length"),
    ("webhook", {"url": "https://a.example", "secrets": ["hunter2"]}, "settings.secrets[0]", "whsec_"),
    ("webhook", {"url": "https://a.example", "secrets": ["whsec_c2hvcnQ="]}, "settings.secrets[0]", "24 to 64"),
    ("webhook", {"url": "https://a.example", "secrets": ["whsec_?"]}, "settings.secrets[0]", "base64"),
    ("webhook", {"url": "http://a.example", "secrets": [SECRET]}, "settings.url", "https://"),
    ("webhook", {"url": "ftp://a.example", "secrets": [SECRET]}, "settings.url", "https://"),
    ("webhook", {"url": "https://u:p@a.example", "secrets": [SECRET]}, "settings.url", "password"),
    ("webhook", {"url": "https://a.example:99999", "secrets": [SECRET]}, "settings.url", "valid"),
    ("webhook", {"url": "https://[::1", "secrets": [SECRET]}, "settings.url", "valid"),
    ("webhook", {"url": "https://a.example/\r\nX: y", "secrets": [SECRET]}, "settings.url", "valid"),
    ("webhook", {"url": "https://bücher.example", "secrets": [SECRET]}, "settings.url", "punycode"),
    ("webhook", {"url": "https://", "secrets": [SECRET]}, "settings.url", "valid"),
    ("webhook", {"url": "https://a.example", "secrets": [SECRET], "x": 1}, "settings", "unknown field"),
    ("eventbridge", {"bus": "not a bus"}, "settings.bus", "regex"),
    ("pagerduty", {"routing_key": "short"}, "settings.routing_key", "regex"),
    ("slack", {}, "settings.url", "incoming webhook"),
    ("slack", {"token": TOKEN}, "settings.channel", "channel"),
    ("slack", {"channel": "C024BE91L"}, "settings.token", "token"),
    ("slack", {"token": "xoxb-1\r\nX: y", "channel": "C024BE91L"}, "settings.token", "regex"),
    ("apprise", {"urls": []}, "settings.urls", "length"),
    ("apprise", {"urls": ["nonsense"]}, "settings.urls[0]", "ntfy://"),
    ("apprise", {"urls": ["dbus://x"]}, "settings.urls[0]", "machine itself"),
    ("apprise", {"urls": ["ntfy://" + "x" * 1900] * 3}, "settings", "4096 bytes"),
    ("webhook", None, "settings", "object"),
]


@pytest.mark.parametrize(("kind", "given", "field", "says"), WRONG, ids=str)
def test_what_is_wrong_is_named_with_what_to_do_and_never_repeated(
    kind: Any, given: Any, field: str, says: str
) -> None:
    with pytest.raises(UnprocessableError) as raised:
        read(kind, given)
    (error,) = raised.value.errors
    assert error.field == field
    assert says in error.message
    for secret in (SECRET, "hunter2", TOKEN, "u:p", "whsec_c2hvcnQ="):
        assert secret not in raised.value.detail


def test_http_is_taken_where_private_targets_are_allowed() -> None:
    given = {"url": "http://127.0.0.1:8080/hook", "secrets": [SECRET]}
    assert read("webhook", given, allow_private_targets=True)


def test_settings_of_another_kind_are_refused() -> None:
    with pytest.raises(UnprocessableError):
        channel_settings.decode("slack", encode(read("webhook", {"url": "https://a.example", "secrets": [SECRET]})))


def test_a_secret_is_bytes_in_base64() -> None:
    assert signing_key(SECRET) == bytes(range(32))
