"""A promise: an objective as a file keeps it, without what only a deployment knows (version, who, when)."""

from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from slo.api.parameters import ObjectiveBody
from slo.objectives.objective import Objective, Origin
from slo.objectives.periods import Period
from slo.objectives.targets import ALL_CLUSTERS, LatencyObjective, Subject
from slo.structs import like
from slo.traefik.domains import canonical

ANNOTATION = "ingress-slo.io/"
"""Prefix of the annotations that hold what OpenSLO has no field for."""
SAME_CLOCK = {"Etc/UTC": "UTC"}
"""OpenSLO's schema takes no time zone without a slash."""


@dataclass(frozen=True)
class Promise:
    """An objective of a file. Its subject and its name identify it."""

    subject: Subject
    name: str
    body: ObjectiveBody
    """What the API is sent."""
    place: str = field(default="", compare=False)
    """`file:line`, if it was read."""

    @property
    def key(self) -> tuple[Subject, str]:
        """What identifies it."""
        return self.subject, self.name

    @property
    def sent(self) -> dict[str, Any]:
        """The body of the request that sets it."""
        body: dict[str, Any] = msgspec.to_builtins(self.body)
        return body

    def objective(self, *, origin: Origin, is_followed: bool) -> Objective:
        """As the model has it, to ask which one is followed."""
        period = Period(self.body.period, self.body.time_zone)
        return like(
            Objective,
            self.body,
            subject=self.subject,
            name=self.name,
            period=period,
            origin=origin,
            is_followed=is_followed,
            version=0,
            set_by="",
            set_at=0.0,
        )


@dataclass(frozen=True)
class Stored:
    """An objective of a deployment."""

    promise: Promise
    """`is_followed` of its body is false: the API says whether it is followed, not whether it is marked."""
    origin: Origin
    version: int
    is_followed: bool


def stored(answer: dict[str, Any]) -> Stored:
    """An objective of the API's answer."""
    subject = subject_key(answer["cluster_id"], answer["domain"] or "", answer["path_prefix"] or "")
    given = {name: answer[name] for name in ObjectiveBody.__struct_fields__ if name in answer}
    given["latency_objective"] = msgspec.convert(answer["latency_objective"], LatencyObjective | None)
    given["time_zone"] = SAME_CLOCK.get(answer["time_zone"], answer["time_zone"])
    body = ObjectiveBody(**{**given, "is_followed": False, "origin": "file"})
    return Stored(Promise(subject, answer["name"], body), answer["origin"], answer["version"], answer["is_followed"])


def subject_key(cluster_id: str, domain: str, path_prefix: str) -> Subject:
    """A subject of a cluster or, for `*`, of all of them, in the spelling that the API keeps."""
    return Subject(canonical(domain), path_prefix, cluster_id == ALL_CLUSTERS)


def marked(promise: Promise, is_followed: bool) -> Promise:
    """The promise with or without the mark."""
    return Promise(
        promise.subject, promise.name, msgspec.structs.replace(promise.body, is_followed=is_followed), promise.place
    )


def told(promise: Promise, channel: str) -> Promise:
    """The promise with this channel."""
    return replace(promise, body=msgspec.structs.replace(promise.body, channel=channel))


def subject_of(subject: Subject) -> str:
    """A subject in words."""
    if subject.is_everything:
        return "(all clusters)"
    return f"{subject.domain}{subject.path_prefix}" if subject.domain else "(cluster)"
