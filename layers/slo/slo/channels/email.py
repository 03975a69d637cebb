"""Mail: by the SNS topic of the stack, whose subscription AlarmEmail makes, or by SES."""

from slo.channels.aws import Clients, failures_of
from slo.channels.failures import PermanentError
from slo.notifications.channel_settings import EmailSettings
from slo.notifications.message import Message, as_text

_SUBJECT_LENGTH = 99
"""https://docs.aws.amazon.com/sns/latest/api/API_Publish.html: less than 100 characters of ASCII."""


def send(settings: EmailSettings, message: Message, topic: str, clients: Clients) -> None:
    """Send a mail. Raises TemporaryError or PermanentError."""
    text = f"{message.title}\n\n{as_text(message)}"
    if settings.from_ is None:
        _publish(topic, message, text, clients)
    else:
        _send(settings, message, text, clients)


def _publish(topic: str, message: Message, text: str, clients: Clients) -> None:
    if not topic:
        raise PermanentError("The stack has no address for mail. Deploy it with AlarmEmail, or set `from` and `to`.")
    with failures_of("SNS"):
        clients("sns").publish(TopicArn=topic, Subject=plain_subject(message.plain_title), Message=text)


def _send(settings: EmailSettings, message: Message, text: str, clients: Clients) -> None:
    content = {"Subject": _utf8(message.title), "Body": {"Text": _utf8(text)}}
    with failures_of("SES"):
        clients("sesv2").send_email(
            FromEmailAddress=settings.from_,
            Destination={"ToAddresses": list(settings.to)},
            Content={"Simple": content},
        )


def plain_subject(title: str) -> str:
    """A subject as SNS takes it: printable ASCII."""
    return title.encode("ascii", "replace").decode()[:_SUBJECT_LENGTH]


def _utf8(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}
