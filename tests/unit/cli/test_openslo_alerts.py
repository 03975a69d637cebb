"""What OpenSLO documents say about alerts."""

from dataclasses import replace

import msgspec
import pytest
from unit.cli.openslo_documents import MEASURE, SLO, WINDOW, annotated, latency_slo
from unit.cli.promises import promise

from ingress_slo.openslo.documents import DocumentError
from ingress_slo.openslo.reading import read
from ingress_slo.openslo.writing import write
from slo.objectives.targets import LatencyObjective

POLICY = """
---
apiVersion: openslo/v1
kind: AlertPolicy
metadata: {name: fast}
spec:
  alertWhenBreaching: true
  alertWhenResolved: true
  alertWhenNoData: false
  conditions:
  - conditionRef: hour
  notificationTargets:
  - targetRef: rules
---
apiVersion: openslo/v1
kind: AlertCondition
metadata: {name: hour}
spec:
  severity: page
  condition: {kind: burnrate, op: gt, threshold: 14.4, lookbackWindow: 1h, alertAfter: 5m}
---
apiVersion: openslo/v1
kind: AlertNotificationTarget
metadata: {name: rules}
spec: {target: ingress-slo}
---
apiVersion: openslo/v1
kind: Service
metadata: {name: shop}
spec: {description: The shop.}
"""
INLINE = """- kind: AlertPolicy
    metadata: {name: x}
    spec:
      alertWhenBreaching: true
      alertWhenResolved: true
      alertWhenNoData: false
      conditions: [{conditionRef: hour}]
      notificationTargets: [{targetRef: rules}]"""
DAY = """- kind: AlertCondition
    metadata: {name: x}
    spec:
      severity: ticket
      condition: {op: gt, threshold: 3, lookbackWindow: 24h, alertAfter: 2h}"""
REFERRING = f"{SLO}  alertPolicies:\n  - fast\n{POLICY}"


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        ("- fast", "- {alertPolicyRef: fast}"),
        ("- fast", INLINE),
        ("- conditionRef: hour", DAY),
        ("  alertWhenNoData: false\n", ""),
        ("", ""),
    ],
)
def test_alerts_that_hold_anyway_are_accepted(part: str, instead: str) -> None:
    assert read({"a.yaml": REFERRING.replace(part, instead, 1)}) == read({"a.yaml": SLO})


@pytest.mark.parametrize(
    ("part", "instead", "said"),
    [
        ("- fast", "- slow", "There is no AlertPolicy 'slow'"),
        ("conditionRef: hour", "conditionRef: day", "There is no AlertCondition 'day'"),
        ("targetRef: rules", "targetRef: mail", "There is no AlertNotificationTarget 'mail'"),
        ("target: ingress-slo", "target: '#ops'", "'#ops' cannot be mapped. Write `target: ingress-slo` for whom"),
        ("alertWhenNoData: false", "alertWhenNoData: true", "Write `alertWhenNoData: false`"),
        ("  alertWhenResolved: true\n", "", "Write `alertWhenResolved: true`"),
        ("threshold: 14.4", "threshold: 2", "This is no alert of a period of month"),
        ("alertAfter: 5m", "alertAfter: 5x", "Expected a duration"),
        ("op: gt", "op: lte", "Expected gt"),
        ("severity: page", "severity: sev1", "Expected page or ticket"),
        (WINDOW, "  - {duration: 7d, isRolling: true}\n", "page 14.4 15m 5m"),
        (MEASURE, "measure: latency, threshold_ms: 300}", "has no availability"),
    ],
)
def test_other_alerts_are_refused(part: str, instead: str, said: str) -> None:
    assert part in REFERRING
    with pytest.raises(DocumentError, match=r"^a.yaml:\d+: ") as caught:
        read({"a.yaml": REFERRING.replace(part, instead, 1)})
    assert said in str(caught.value)


TARGET = """---
apiVersion: openslo/v1
kind: AlertNotificationTarget
metadata: {name: other}
spec: {target: on-call}
"""
BOTH = "notificationTargets:\n  - targetRef: rules\n  - targetRef: other"
MONTHLY = promise(period="month", time_zone="Europe/Berlin", channel="on-call")


@pytest.mark.parametrize(
    "text",
    [
        REFERRING.replace("target: ingress-slo", "target: on-call"),
        annotated("ingress-slo.io/channel: on-call", REFERRING.replace("target: ingress-slo", "target: on-call")),
        annotated("ingress-slo.io/channel: on-call", REFERRING.replace("\n  - targetRef: rules", " []")),
        (REFERRING + TARGET)
        .replace("notificationTargets:\n  - targetRef: rules", BOTH)
        .replace("target: ingress-slo", "target: on-call"),
    ],
)
def test_a_target_of_a_policy_is_the_channel_of_the_objective(text: str) -> None:
    found = read({"a.yaml": text, "b.yaml": latency_slo()})
    with_latency = msgspec.structs.replace(MONTHLY.body, latency_objective=LatencyObjective(0.999, 300.0))
    assert found == (replace(MONTHLY, body=with_latency),)
    assert "AlertNotificationTarget" not in "".join(write(found).values())
    assert read(write(found)) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (annotated("ingress-slo.io/channel: mail", REFERRING), "'rules' is the target ingress-slo, but the annotation"),
        (
            annotated("ingress-slo.io/channel: mail", REFERRING.replace("target: ingress-slo", "target: on-call")),
            "'rules' is the target on-call, but the annotation `ingress-slo.io/channel` or another target of this "
            "objective says mail. An objective has one channel.",
        ),
        (
            (REFERRING + TARGET).replace("notificationTargets:\n  - targetRef: rules", BOTH),
            "'other' is the target on-call, but",
        ),
    ],
)
def test_a_target_that_is_not_the_objectives_channel_is_an_error_with_its_line(text: str, said: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read({"a.yaml": text})
    place, _, message = str(caught.value).partition(": ")
    line = int(place.removeprefix("a.yaml:"))
    assert "targetRef: " in text.splitlines()[line - 1]
    assert said in message


def test_alerts_follow_only_one_objective_of_a_subject() -> None:
    longer = SLO.replace("name: monthly", "name: longer").replace("1M", "1Q")
    with pytest.raises(DocumentError, match="Alerts follow one objective of a subject"):
        read({"a.yaml": REFERRING, "b.yaml": longer})
    referring = latency_slo() + "  alertPolicies: [fast]\n"
    with pytest.raises(DocumentError, match="Burn-rate alerts are for the availability"):
        read({"a.yaml": REFERRING, "b.yaml": referring})
