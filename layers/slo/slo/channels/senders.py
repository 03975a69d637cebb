"""Sends a message by the channel that its settings are of."""

from slo.channels import apprise, email, eventbridge, pagerduty, slack, webhook
from slo.channels.aws import Clients
from slo.channels.outside import Outside
from slo.channels.slack import Threads
from slo.notifications.channel_settings import (
    AppriseSettings,
    ChannelSettings,
    EmailSettings,
    EventBridgeSettings,
    PagerDutySettings,
    SlackSettings,
    WebhookSettings,
)
from slo.notifications.message import Message


class Senders:
    """All kinds of channels of a deployment."""

    def __init__(
        self, outside: Outside, clients: Clients, *, alarm_topic: str = "", apprise_function: str = ""
    ) -> None:
        self._outside = outside
        self._clients = clients
        self._alarm_topic = alarm_topic
        self._apprise_function = apprise_function

    def send(self, settings: ChannelSettings, message: Message, threads: Threads) -> None:
        """Send a message. Raises TemporaryError, PermanentError or GoneError."""
        match settings:
            case EmailSettings():
                email.send(settings, message, self._alarm_topic, self._clients)
            case WebhookSettings():
                webhook.send(settings, message, self._outside)
            case EventBridgeSettings():
                eventbridge.send(settings, message, self._clients)
            case PagerDutySettings():
                pagerduty.send(settings, message, self._outside)
            case SlackSettings():
                slack.send(settings, message, self._outside, threads)
            case AppriseSettings():
                apprise.send(settings, message, self._apprise_function, self._clients)
