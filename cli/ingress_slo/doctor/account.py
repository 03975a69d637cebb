"""Checks of the stack in its AWS account. They need an operator's credentials, and only read."""

from collections.abc import Callable, Iterator
from itertools import batched
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from ingress_slo.doctor.findings import Finding, failed, ok, warning
from ingress_slo.doctor.remote import EXPIRES_SOON_SECONDS
from ingress_slo.failures import OperatorError, explain
from ingress_slo.stack import Stack
from ingress_slo.times import duration_text, utc_text
from slo.api.tokens import Token
from slo.store.tokens import TokenStore

_FEW_EXECUTIONS = 100
"""New accounts have 10; established ones start at 1,000. A deployment needs a few at each minute's push."""
_ALARMS_PER_REQUEST = 100


def check_account(stack: Stack, url: str, cluster_id: str, now: float) -> Iterator[Finding]:
    """Check the stack that the command would operate. A check that AWS denies says so, and the others go on."""
    try:
        own_url = stack.output("ApiUrl")
    except (OperatorError, ClientError, BotoCoreError) as error:
        yield warning("AWS", explain(error), "Without AWS neither the agent's token nor alarms and limits are checked.")
        return
    yield _address(stack, own_url, url)
    yield from _allowed("agent's token", lambda: _agent_tokens(_tokens(stack), cluster_id, now))
    yield from _allowed("executions", lambda: _executions(stack.client("lambda").get_account_settings()))
    yield from _allowed("alarms", lambda: _alarms(stack))


def _allowed(check: str, work: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from list(work())
    except (ClientError, BotoCoreError, PynamoDBException) as error:
        yield warning(check, f"not checked. {explain(error)}", "")


def _address(stack: Stack, own_url: str, url: str) -> Finding:
    says = f"stack {stack.name!r} in {stack.region}"
    if urlsplit(own_url).netloc == urlsplit(url).netloc or _is_own(stack, url):
        return ok("AWS", says)
    return failed(
        "AWS",
        f"{says} has the address {own_url}, not {url}",
        "Tokens are made in this stack, and are unknown there. Check INGRESS_SLO_URL, --stack and AWS_DEFAULT_REGION.",
    )


def _is_own(stack: Stack, url: str) -> bool:
    """Whether an address without a custom domain is of this stack: it has the API's id."""
    try:
        return stack.output("ApiId") in url
    except OperatorError:
        return False


def _tokens(stack: Stack) -> list[Token]:
    return list(stack.stores.of(TokenStore).all())


def _agent_tokens(tokens: list[Token], cluster_id: str, now: float) -> Iterator[Finding]:
    """Check that some token lets this cluster's agent in, and for how long."""
    valid = [each for each in tokens if each.scope == "ingest" and cluster_id in each.clusters and each.is_valid(now)]
    if not valid:
        todo = (
            f"Create one, and give it to the agent: `ingress-slo tokens create --scope ingest --cluster {cluster_id}`."
        )
        yield failed("agent's token", f"no valid token has the scope ingest for {cluster_id!r}", todo)
        return
    last = max(token.expires_at or float("inf") for token in valid)
    if last - now < EXPIRES_SOON_SECONDS:
        says = f"the last one expires {utc_text(last)}, in {duration_text(last - now)}"
        yield warning("agent's token", says, "Rotate it before then: `ingress-slo tokens rotate`.")
    else:
        yield ok("agent's token", f"{len(valid)} valid for {cluster_id!r}")


def _executions(settings: dict[str, Any]) -> Iterator[Finding]:
    """Compare Lambda's limit of the account with what pushes, rollups and readers need at once."""
    limit = int(settings["AccountLimit"]["ConcurrentExecutions"])
    says = f"this account may run {limit:,} functions at once"
    if limit < _FEW_EXECUTIONS:
        todo = "Enough for a few clusters. For more, request a higher quota `Concurrent executions` of Lambda from AWS."
        yield warning("executions", says, todo)
    else:
        yield ok("executions", says)


def _alarms(stack: Stack) -> Iterator[Finding]:
    """Check that alarms have a reader, and name those that fire."""
    names = stack.resources("Alarm")
    logical = {physical: name for name, physical in names.items()}
    found = []
    for some in batched(logical, _ALARMS_PER_REQUEST, strict=False):
        found += stack.client("cloudwatch").describe_alarms(AlarmNames=list(some))["MetricAlarms"]
    for alarm in found:
        if alarm["StateValue"] == "ALARM":
            name = logical[alarm["AlarmName"]]
            says = f"in alarm since {utc_text(alarm['StateUpdatedTimestamp'].timestamp())}"
            yield warning(name, says, f"See docs/operations.md#{name.lower()}.")
    yield _readers(stack, sorted({action for alarm in found for action in alarm.get("AlarmActions", ())}))


def _readers(stack: Stack, topics: list[str]) -> Finding:
    todo = "Deploy with AlarmEmail=you@example.com, or subscribe to the alarms yourself."
    if not topics:
        return warning("alarms", "nobody is told when one fires", todo)
    subscribed: list[str] = []
    for topic in topics:
        answer = stack.client("sns").list_subscriptions_by_topic(TopicArn=topic)
        subscribed += [each["SubscriptionArn"] for each in answer["Subscriptions"]]
    if not subscribed:
        return warning("alarms", "nobody subscribed to their topic", todo)
    waiting = subscribed.count("PendingConfirmation")
    if waiting == len(subscribed):
        return warning("alarms", "their reader has not confirmed", "Follow the link in AWS' mail to AlarmEmail.")
    return ok("alarms", f"{len(subscribed) - waiting} told when one fires")
