"""The long tail: a function of its own sends by apprise. Nothing of apprise is loaded here.

That function gets the message and the addresses of one channel, and its role may do nothing but write logs. So no code
of a hundred services is where other secrets or tables are (docs/decisions/0016).
"""

import re

import msgspec

from slo.channels.apprise_request import AppriseAnswer, AppriseRequest, NotifyType
from slo.channels.aws import Clients, failures_of
from slo.channels.failures import PermanentError, TemporaryError
from slo.notifications.channel_settings import AppriseSettings
from slo.notifications.message import Message, as_text

_MASS_MENTION = re.compile(r"@(?=everyone|here|channel|all|room|team)", re.IGNORECASE)


def send(settings: AppriseSettings, message: Message, function: str, clients: Clients) -> None:
    """Have all addresses told. Raises TemporaryError or PermanentError."""
    with failures_of("Lambda"):
        answer = clients("lambda").invoke(
            FunctionName=function,
            InvocationType="RequestResponse",
            Payload=msgspec.json.encode(request(settings, message)),
        )
        payload = answer["Payload"].read()
    if "FunctionError" in answer:
        raise TemporaryError("The function for apprise failed. Its log says why.")
    _check(msgspec.json.decode(payload, type=AppriseAnswer))


def request(settings: AppriseSettings, message: Message) -> AppriseRequest:
    """The request for a message, in which no name calls everybody in a room."""
    return AppriseRequest(
        urls=settings.urls,
        title=without_mentions(message.title),
        body=without_mentions(as_text(message)),
        notify_type=_notify_type(message),
    )


def without_mentions(text: str) -> str:
    """The text with an invisible space in what calls everybody."""
    return _MASS_MENTION.sub("@\u200b", text)


def _notify_type(message: Message) -> NotifyType:
    if message.what == "resolved":
        return "success"
    if message.severity is None:
        return "info"
    return "failure" if message.severity == "page" else "warning"


def _check(answer: AppriseAnswer) -> None:
    if answer.unknown:
        raise PermanentError(f"apprise does not understand {answer.unknown} of the addresses.")
    if answer.refused:
        raise PermanentError(
            f"{answer.refused} of the addresses are private, loopback, link-local or reserved. "
            "Such targets are allowed with the parameter AllowPrivateTargets=true."
        )
    if answer.failed:
        raise TemporaryError(f"{answer.failed} of the services did not take the message.")
