"""AWS's list prices that the cost page uses, as data: dollars, us-east-1, without free tiers.

`AS_OF` is the day they were looked up. DynamoDB's are those since 2024-11-01, when on-demand requests became half as
expensive. Check them against the pages named here before you budget: other regions differ by a few per cent.
"""

from typing import NamedTuple

REGION = "us-east-1"
AS_OF = "2026-11-24"


class Price(NamedTuple):
    """The price of `per` units, in dollars."""

    dollars: float
    per: float
    unit: str
    source: str

    def of(self, amount: float) -> float:
        """Dollars for an amount."""
        return amount / self.per * self.dollars


_DYNAMODB = "https://aws.amazon.com/dynamodb/pricing/on-demand/"
_GATEWAY = "https://aws.amazon.com/api-gateway/pricing/"
_LAMBDA = "https://aws.amazon.com/lambda/pricing/"
_CLOUDWATCH = "https://aws.amazon.com/cloudwatch/pricing/"
_PROMETHEUS = "https://aws.amazon.com/prometheus/pricing/"
_MILLION = 1e6

WRITE_UNITS = Price(0.625, _MILLION, "DynamoDB write request units", _DYNAMODB)
READ_UNITS = Price(0.125, _MILLION, "DynamoDB read request units", _DYNAMODB)
STORAGE = Price(0.25, 1, "GB-months in DynamoDB", _DYNAMODB)
RECOVERY = Price(0.20, 1, "GB-months of point-in-time recovery", _DYNAMODB)
REST_API_REQUESTS = Price(3.50, _MILLION, "REST API requests", _GATEWAY)
HTTP_API_REQUESTS = Price(1.00, _MILLION, "HTTP API requests, of up to 512 KB", _GATEWAY)
LAMBDA_REQUESTS = Price(0.20, _MILLION, "Lambda requests", _LAMBDA)
LAMBDA_SECONDS = Price(0.0000133334, 1, "Lambda GB-seconds, arm64", _LAMBDA)
QUEUE_REQUESTS = Price(0.40, _MILLION, "SQS requests", "https://aws.amazon.com/sqs/pricing/")
LOGS = Price(0.50, 1, "GB of logs taken in", _CLOUDWATCH)
LOG_STORAGE = Price(0.03, 1, "GB-months of logs kept", _CLOUDWATCH)
TRANSFER = Price(0.09, 1, "GB sent to readers", "https://aws.amazon.com/ec2/pricing/on-demand/")
METRICS = Price(0.30, 1, "custom metrics", _CLOUDWATCH)
ALARMS = Price(0.10, 1, "alarms", _CLOUDWATCH)
DASHBOARDS = Price(3.00, 1, "dashboards", _CLOUDWATCH)
PROMETHEUS_FREE_SAMPLES = 40e6
"""Ingested in a month."""
PROMETHEUS_FREE_GIGABYTES = 10
PROMETHEUS_FREE_QUERIES = 200e9
"""Samples that queries looked at in a month. All three are on Managed Prometheus' page of prices."""
GRAFANA_FREE_SERIES = 10_000
"""Active series in Grafana Cloud's free plan, kept for 14 days, for three users (https://grafana.com/pricing/)."""
PROMETHEUS_STORAGE = Price(0.03, 1, "GB-months in Managed Prometheus", _PROMETHEUS)
PROMETHEUS_QUERIES = Price(0.10, 1e9, "samples that queries looked at", _PROMETHEUS)
_PROMETHEUS_TIERS = ((2e9, 0.90), (250e9, 0.35), (float("inf"), 0.16))
"""(samples a month in this tier, dollars for ten million samples)."""

ALWAYS_FREE: dict[Price, float] = {
    STORAGE: 25,
    LAMBDA_REQUESTS: 1e6,
    LAMBDA_SECONDS: 400_000,
    QUEUE_REQUESTS: 1e6,
    LOGS: 5,
    LOG_STORAGE: 5,
    TRANSFER: 100,
    ALARMS: 10,
    METRICS: 10,
    DASHBOARDS: 3,
}
"""What each account gets free every month, not only in its first year."""

ALL = tuple(value for value in list(globals().values()) if isinstance(value, Price))


def prometheus_ingestion(samples: float) -> float:
    """Dollars for the samples that Managed Prometheus ingests in a month, by its tiers, before its free tier."""
    dollars = 0.0
    for size, per_ten_million in _PROMETHEUS_TIERS:
        part = min(samples, size)
        dollars += part / 1e7 * per_ten_million
        samples -= part
    return dollars
