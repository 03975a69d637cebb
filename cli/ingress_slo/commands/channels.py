"""`ingress-slo channels`: lists, sets, tests and removes the channels that incidents are told on."""

import json
import sys
import time
from typing import Annotated, Any, get_args
from urllib.parse import quote

import typer

from ingress_slo import options
from ingress_slo.api import Api
from ingress_slo.failures import OperatorError
from ingress_slo.output import note, show_json, show_table
from ingress_slo.telling import time_text
from slo.notifications.settings import ChannelKind, Language

app = typer.Typer(cls=options.WithList, help="Manage the channels that incidents are told on; by default list them.")

_LOOK_SECONDS = 1
_NO_SECRETS: dict[ChannelKind, tuple[str, ...]] = {
    "email": ("to", "from"),
    "webhook": ("url",),
    "eventbridge": ("bus",),
    "pagerduty": ("url",),
    "slack": ("channel",),
    "apprise": (),
}
"""Settings that may stand on the command line, which every user of the machine sees."""
_LISTS = ("to",)
Name = Annotated[str, typer.Argument(help="Name of the channel, such as on-call.")]


@app.command("list")
def list_channels(
    url: options.Url = "",
    token: options.ApiToken = "",
    as_json: options.AsJson = False,
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """List the channels and whether they work."""
    found = options.api(url, token, stack, region).get("channels")["channels"]
    if as_json:
        show_json(found)
        return
    show_table(
        ("NAME", "KIND", "LANGUAGE", "STATE", "LAST DELIVERED", "LAST ERROR"),
        (
            (
                channel["name"],
                channel["kind"],
                channel["language"],
                _state(channel),
                time_text(channel["last_delivered_at"]),
                channel["last_error"] or "-",
            )
            for channel in found
        ),
        empty="There are no channels yet, so nobody is told anything: add one with `ingress-slo channels set`.",
    )


def _state(channel: dict[str, Any]) -> str:
    if not channel["is_enabled"]:
        return f"disabled: {channel['disabled_because']}" if channel["disabled_because"] else "disabled"
    return "works" if channel["failing_since"] is None else f"fails since {time_text(channel['failing_since'])}"


@app.command("set")
def set_channel(
    name: Name,
    kind: Annotated[ChannelKind | None, typer.Option(help="Of a new channel; by default it stays as it is.")] = None,
    language: Annotated[Language | None, typer.Option(help="Of its messages.")] = None,
    enable: Annotated[bool | None, typer.Option("--enable/--disable", help="Whether it is told anything.")] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="A setting that is no secret; may be repeated."),
    ] = None,
    stdin: Annotated[bool, typer.Option("--stdin", help="Read the settings as JSON from standard input.")] = False,
    url: options.Url = "",
    token: options.ApiToken = "",
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Add a channel, or change it. Without settings, the address and the secrets stay as they are."""
    api = options.api(url, token, stack, region)
    known = next((each for each in api.get("channels")["channels"] if each["name"] == name), None)
    chosen: ChannelKind | None = kind or (known["kind"] if known else None)
    if chosen is None:
        raise typer.BadParameter(f"a new channel needs --kind: one of {', '.join(get_args(ChannelKind))}")
    settings = {**(_read() if stdin else {}), **_given(chosen, setting or [])}
    stored = known or {"language": "en", "is_enabled": True}
    body = {
        "kind": chosen,
        "language": language or stored["language"],
        "is_enabled": stored["is_enabled"] if enable is None else enable,
        "settings": settings or None,
    }
    api.send("PUT", _path(name), body)
    note(f"The channel {name} is {'changed' if known else 'added'}. Try it: ingress-slo channels test {name}")


def _given(kind: ChannelKind, settings: list[str]) -> dict[str, Any]:
    """The settings on the command line. Raises typer.BadParameter for one that may be a secret."""
    given: dict[str, Any] = {}
    for text in settings:
        key, is_pair, value = text.partition("=")
        if not is_pair:
            raise typer.BadParameter("write --setting KEY=VALUE")
        if key not in _NO_SECRETS[kind]:
            raise typer.BadParameter(
                f"{key} of a channel of kind {kind} may be a secret, and every user of this machine sees the command "
                f'line: give it as JSON on standard input, {{"{key}": ...}}, with --stdin'
            )
        if key in _LISTS:
            given.setdefault(key, []).append(value)
        else:
            given[key] = value
    return given


def _read() -> dict[str, Any]:
    try:
        read = json.loads(sys.stdin.read())
    except ValueError as error:
        raise typer.BadParameter("standard input is not JSON") from error
    if not isinstance(read, dict):
        raise typer.BadParameter("standard input is no JSON object of settings")
    return read


@app.command("test")
def send_test(
    name: Name,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for the outcome; 0 for not at all.")] = 30,
    url: options.Url = "",
    token: options.ApiToken = "",
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Send a test message, and say whether it arrived."""
    api = options.api(url, token, stack, region)
    order_id, until = api.send("POST", f"{_path(name)}/test")["order_id"], time.time() + wait
    note(f"Test message {order_id} is on its way to {name}.")
    while time.time() < until:
        time.sleep(_LOOK_SECONDS)
        delivery = _delivery(api, name, order_id)
        if delivery and delivery["status"] == "delivered":
            note(f"{name} took it at {time_text(delivery['delivered_at'])}.")
            return
        if delivery and delivery["last_error"]:
            more = " It is tried again." if delivery["status"] == "retrying" else ""
            raise OperatorError(f"{name} did not take it: {delivery['last_error']}{more}")
    if wait:
        raise OperatorError(f"It has not arrived within {wait:g} s: see `ingress-slo channels list` later.")


def _path(name: str) -> str:
    return f"channels/{quote(name, safe='')}"


def _delivery(api: Api, name: str, order_id: str) -> dict[str, Any] | None:
    found: list[dict[str, Any]] = api.get("deliveries", channel=name)["deliveries"]
    return next((each for each in found if each["order_id"] == order_id), None)


@app.command()
def remove(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    url: options.Url = "",
    token: options.ApiToken = "",
    stack: options.StackName = options.STACK,
    region: options.Region = "",
) -> None:
    """Remove a channel with its address and secrets."""
    api = options.api(url, token, stack, region)
    if not yes:
        typer.confirm(f"Remove the channel {name!r} and its secrets for good?", abort=True, err=True)
    api.send("DELETE", _path(name))
    note(f"The channel {name} is removed.")
