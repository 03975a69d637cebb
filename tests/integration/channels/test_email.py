from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends
from moto.sns.models import sns_backends
from unit.slo.notifications.orders import LANGUAGES, URL, everything, hostile, notice, order

from slo.channels.aws import Clients
from slo.channels.email import plain_subject, send
from slo.channels.failures import PermanentError
from slo.notifications.channel_settings import EmailSettings
from slo.notifications.message import message_of

REGION = "eu-central-1"
BY_SES = EmailSettings(from_="slo@example.com", to=("a@example.com", "b@example.com"))


@pytest.fixture(autouse=True)
def topic(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        arn: str = boto3.client("sns").create_topic(Name="alarms")["TopicArn"]
        yield arn


def published(topic: str) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = sns_backends[DEFAULT_ACCOUNT_ID][REGION].topics[topic].sent_notifications
    return found


def test_without_addresses_the_stacks_topic_gets_it(topic: str) -> None:
    send(EmailSettings(), message_of(order(notice(), language="ja"), URL), topic, Clients())
    ((_, text, subject, *_),) = published(topic)
    assert subject == "Page: Outage: shop.example.com"
    assert text.startswith("緊急：障害：shop.example.com\n\n12,345 件中 6,789 件")
    assert f"{URL}#/clusters/production/incidents/" in text


def test_every_message_has_a_subject_that_sns_takes(topic: str) -> None:
    for told in [*everything(), *hostile()]:
        send(EmailSettings(), message_of(order(told), URL), topic, Clients())
    subjects = [subject for _, _, subject, *_ in published(topic)]
    assert all(subject.isascii() and subject.isprintable() and 0 < len(subject) < 100 for subject in subjects)
    assert len(subjects) == len(everything()) + len(hostile())


def test_other_characters_of_a_name_are_question_marks_in_the_subject_only() -> None:
    assert plain_subject("Page: bücher.example") == "Page: b?cher.example"


def test_without_the_stacks_topic_it_is_said_what_to_do() -> None:
    with pytest.raises(PermanentError, match="AlarmEmail"):
        send(EmailSettings(), message_of(order(), URL), "", Clients())


def test_with_addresses_ses_sends_it_in_any_language() -> None:
    boto3.client("ses").verify_email_identity(EmailAddress="slo@example.com")
    for language in LANGUAGES:
        send(BY_SES, message_of(order(notice(), language=language), URL), "", Clients())
    mails = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
    assert [mail.subject for mail in mails] == [
        "Page: Outage: shop.example.com",
        "紧急：中断：shop.example.com",
        "緊急：障害：shop.example.com",
    ]
    assert {tuple(mail.destinations["ToAddresses"]) for mail in mails} == {("a@example.com", "b@example.com")}
    assert "12,345" in mails[0].body


def test_an_address_that_is_not_verified_is_said_without_the_address() -> None:
    with pytest.raises(PermanentError, match=r"SES says: MessageRejected\. Verify") as raised:
        send(BY_SES, message_of(order(), URL), "", Clients())
    assert "@" not in raised.value.words
