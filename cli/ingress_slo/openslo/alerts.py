"""Checks that documents about alerts say what holds anyway. They set nothing but an objective's channel.

Burn-rate alerts follow from an objective's period, and channels with their secrets are kept by the deployment. So an
AlertCondition must be one of our pairs of windows: `lookbackWindow` is the long one, and `alertAfter`, how long it must
go on, is the short one. An AlertNotificationTarget is the name of the objective's channel, or `ingress-slo`: whom the
rules choose.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from ingress_slo.openslo.documents import Node
from ingress_slo.openslo.promise import ANNOTATION
from ingress_slo.openslo.slo import Slo, name_of
from ingress_slo.openslo.writing import SOURCE
from slo.objectives.burn_rates import BurnRatePair, Severity, pairs_of
from slo.times import DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS
from slo.traefik.snapshots import CHANNEL_NAME_PATTERN

_UNITS = {"w": 7 * DAY_SECONDS, "d": DAY_SECONDS, "h": HOUR_SECONDS, "m": MINUTE_SECONDS}
_CHANNELS = f"Write `target: {SOURCE}` for whom the rules choose, or the name of a channel."
_WHEN = {"alertWhenBreaching": True, "alertWhenResolved": True, "alertWhenNoData": False}


class _Condition(NamedTuple):
    place: Node
    pair: BurnRatePair


class _Policy(NamedTuple):
    conditions: list[Node]
    targets: list[Node]


class Alerts:
    """The documents about alerts of a set of files."""

    def __init__(self) -> None:
        self._policies: dict[str, _Policy] = {}
        self._conditions: dict[str, _Condition] = {}
        self._channels: dict[str, str] = {}
        """By AlertNotificationTarget; empty for whom the rules choose."""

    def read(self, kind: str, name: str, spec: Node) -> None:
        """Read an AlertPolicy, AlertCondition or AlertNotificationTarget. Raises DocumentError."""
        if kind == "AlertPolicy":
            self._policies[name] = _policy(spec)
        elif kind == "AlertCondition":
            self._conditions[name] = _condition(spec)
        else:
            target = spec.fields(("target",), ("description",))["target"]
            if re.match(CHANNEL_NAME_PATTERN, target.text()) is None:
                raise target.error(f"{target.text()!r} cannot be mapped. {_CHANNELS}")
            self._channels[name] = target.text()

    def check(self, slo: Slo, *, channel: str, is_followed: bool) -> str:
        """Check what an SLO says about alerts; returns the channel of its objective, which is `channel` if that is set.

        Raises DocumentError where it says something else than what holds.
        """
        told = channel or None
        for node in slo.policies:
            if slo.measure != "availability":
                raise node.error("Burn-rate alerts are for the availability: refer to them in its SLO.")
            if not is_followed:
                raise node.error("Alerts follow one objective of a subject, and this is another one of it.")
            policy = self._policy_of(node)
            for condition in self._conditions_of(policy):
                _check(condition, slo)
            for target in policy.targets:
                told = self._told(target, told)
        return channel or (told if told and told != SOURCE else "")

    def _told(self, target: Node, others: str | None) -> str:
        """Whom a target names, if it is whom the annotation or the others name. Raises DocumentError."""
        fields = target.fields((), ("targetRef", "kind", "metadata", "spec"))
        if "targetRef" not in fields:
            raise target.error(f"Refer to an AlertNotificationTarget by `targetRef`. {_CHANNELS}")
        name = fields["targetRef"].text()
        if (told := self._channels.get(name)) is None:
            raise fields["targetRef"].error(f"There is no AlertNotificationTarget {name!r}.")
        if others not in (None, told):
            raise fields["targetRef"].error(
                f"{name!r} is the target {told}, but the annotation `{ANNOTATION}channel` or another target of this "
                f"objective says {others}. An objective has one channel."
            )
        return told

    def _conditions_of(self, policy: _Policy) -> Iterator[_Condition]:
        for condition in policy.conditions:
            fields = condition.fields((), ("conditionRef", "kind", "metadata", "spec"))
            if "conditionRef" not in fields:
                yield _condition(_inlined(condition, "AlertCondition"))
            elif (found := self._conditions.get(fields["conditionRef"].text())) is None:
                raise fields["conditionRef"].error(f"There is no AlertCondition {fields['conditionRef'].text()!r}.")
            else:
                yield found

    def _policy_of(self, node: Node) -> _Policy:
        """A policy by its name, which the schema takes, or inlined, as the specification has it."""
        if not node.is_text:
            fields = node.fields((), ("alertPolicyRef", "kind", "metadata", "spec"))
            if "alertPolicyRef" not in fields:
                return _policy(_inlined(node, "AlertPolicy"))
            node = fields["alertPolicyRef"]
        if (found := self._policies.get(node.text())) is None:
            raise node.error(f"There is no AlertPolicy {node.text()!r}.")
        return found


def _policy(spec: Node) -> _Policy:
    """What is left out is false: OpenSLO's own SDK does not write what is false."""
    fields = spec.fields(("conditions", "notificationTargets"), ("description", *_WHEN))
    for name, holds in _WHEN.items():
        if (name in fields and fields[name].boolean()) is not holds:
            raise fields.get(name, spec).error(
                f"Write `{name}: {str(holds).lower()}`: a breach and its end are told. "
                "A cluster that is silent is an incident of its own."
            )
    return _Policy(fields["conditions"].items(), fields["notificationTargets"].items())


def _condition(spec: Node) -> _Condition:
    fields = spec.fields(("severity", "condition"), ("description",))
    condition = fields["condition"].fields(("op", "threshold", "lookbackWindow", "alertAfter"), ("kind",))
    if "kind" in condition:
        condition["kind"].choice("burnrate")
    condition["op"].choice("gt")
    severity: Severity = fields["severity"].choice("page", "ticket")
    long, short = (_seconds(condition[name]) for name in ("lookbackWindow", "alertAfter"))
    return _Condition(fields["condition"], BurnRatePair(float(condition["threshold"].number()), long, short, severity))


def _inlined(node: Node, kind: str) -> Node:
    fields = node.fields(("kind", "metadata", "spec"))
    fields["kind"].choice(kind)
    name_of(fields["metadata"])
    return fields["spec"]


def _check(condition: _Condition, slo: Slo) -> None:
    pairs = pairs_of(slo.period.days)
    if condition.pair not in pairs:
        known = "; ".join(
            f"{pair.severity} {pair.factor:g} {_text(pair.long_seconds)} {_text(pair.short_seconds)}" for pair in pairs
        )
        raise condition.place.error(
            f"This is no alert of a period of {slo.period.length} (SLO in {slo.place}). They follow from the period, "
            f"as severity, threshold, lookbackWindow and alertAfter: {known}."
        )


def _seconds(node: Node) -> int:
    text = node.text()
    number, unit = text[:-1], text[-1:]
    if unit not in _UNITS or not (number.isascii() and number.isdigit()) or len(number) > 6:
        raise node.error(f"Expected a duration such as 5m, 1h or 3d, not {text!r}.")
    return int(number) * _UNITS[unit]


def _text(seconds: int) -> str:
    unit = next(unit for unit, length in _UNITS.items() if seconds % length == 0)
    return f"{seconds // _UNITS[unit]}{unit}"
