"""Orders to tell a channel something, what became of them, and when a failed one is tried again."""

import secrets
from typing import Literal

import msgspec

from slo.incidents.incident import Notice, What
from slo.notifications.settings import ChannelKind, Language
from slo.notifications.weekly import WeeklyReport
from slo.times import DAY_SECONDS, HOUR_SECONDS
from slo.traefik.snapshots import ChannelName

MAX_ATTEMPTS = 30
"""Of one order: about a day (template.yaml has the same number as the queue's `maxReceiveCount`)."""
REMINDERS = 100_000
"""More than there are reminders, or steps, of one incident."""
_FIRST_WAIT_SECONDS = 30
_LONGEST_WAIT_SECONDS = HOUR_SECONDS
DELIVERIES_KEPT_SECONDS = 30 * DAY_SECONDS
THREADS_KEPT_SECONDS = 35 * DAY_SECONDS

Told = What | Literal["digest", "test"]
"""What an order tells: a step of an incident, the weekly digest, or that the channel works."""
DeliveryStatus = Literal["delivered", "retrying", "failed"]


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One message for one channel. Without a notice and a digest it is a test."""

    channel: ChannelName
    kind: ChannelKind
    language: Language = "en"
    order_id: str
    """The notice's id, `digest.{cluster}.{date}` or `test.{random}`. With the channel's name it is sent once."""
    notice: Notice | None = None
    digest: WeeklyReport | None = None

    @property
    def what(self) -> Told:
        """What it tells."""
        if self.notice is not None:
            return self.notice.what
        return "test" if self.digest is None else "digest"

    @property
    def cluster_id(self) -> str | None:
        """The cluster that it is about."""
        if self.notice is not None:
            return self.notice.incident.cluster_id
        return self.digest.cluster_id if self.digest is not None else None

    @property
    def incident_id(self) -> str | None:
        """The incident that it is about."""
        return self.notice.incident.incident_id if self.notice is not None else None


def new_test(channel: str, kind: ChannelKind, language: Language) -> Order:
    """An order of a test message."""
    return Order(channel=channel, kind=kind, language=language, order_id=f"test.{secrets.token_hex(8)}")


def encode(order: Order) -> str:
    """The text of the queue's message."""
    return msgspec.json.encode(order).decode()


def decode(text: str) -> Order:
    """The order of a message. Raises `msgspec.MsgspecError`."""
    return msgspec.json.decode(text, type=Order)


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an order. Times are Unix seconds."""

    order_id: str
    channel: str
    incident_id: str | None = None
    cluster_id: str | None = None
    what: Told
    attempts: int
    status: DeliveryStatus
    first_attempt_at: float
    delivered_at: float | None = None
    last_error: str | None = None
    """In words; never contains an address or a secret."""


class ChannelHealth(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a channel works. Times are Unix seconds."""

    channel: str
    last_delivered_at: float | None = None
    last_failed_at: float | None = None
    last_error: str | None = None
    failing_since: float | None = None
    """The first failure since the last delivery; null if the last attempt succeeded."""


def wait_seconds(attempts: int, asked_seconds: float | None = None) -> int:
    """Until the next attempt: 30 s, doubled each time, at most an hour; longer if the receiver asks for it.

    More than an hour is not waited for, whatever a receiver asks.
    """
    doubled: int = _FIRST_WAIT_SECONDS * 2 ** min(attempts - 1, 7)
    return min(_LONGEST_WAIT_SECONDS, max(doubled, round(asked_seconds or 0)))


def number_of(order_id: str) -> int:
    """The place of a notice among those of its incident, in the order of their steps; 0 for other orders.

    A reminder has the number of the step before it, times REMINDERS, and its own: it comes after that step, and before
    the next one.
    """
    number = order_id.rpartition(".")[2]
    if not (number.isdecimal() and number.isascii()):
        return 0
    return int(number) if int(number) > REMINDERS else int(number) * REMINDERS
