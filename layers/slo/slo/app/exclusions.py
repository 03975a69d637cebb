"""Exclusions: lists, makes and undoes them."""

import secrets

from slo.api import not_found
from slo.api.objective_answers import ExclusionAnswer, ExclusionsAnswer
from slo.api.parameters import ExclusionBody, ObjectiveParameters, invalid
from slo.app.stores import Stores
from slo.objectives.exclusions import LONGEST_SECONDS, Exclusion, check_rule
from slo.objectives.targets import ALL_CLUSTERS, EVERYTHING, Subject
from slo.store.errors import WriteConflictError
from slo.store.objectives import ObjectiveStore
from slo.structs import like
from slo.times import DAY_SECONDS, is_time_zone, utc
from slo.traefik.domains import canonical

MOST_EXCLUSIONS = 200


class ExclusionEditor:
    """Reads and changes exclusions."""

    def __init__(self, stores: Stores) -> None:
        self._objectives = stores.of(ObjectiveStore)
        self._clock = stores.clock

    def all(self, cluster_id: str) -> ExclusionsAnswer:
        """Every exclusion that holds in a cluster, the one that begins last first."""
        found = sorted(self._objectives.kept(cluster_id).exclusions, key=lambda each: -each.start)
        return ExclusionsAnswer(
            cluster_id=cluster_id, exclusions=tuple(exclusion_answer(cluster_id, each) for each in found)
        )

    def add(self, cluster_id: str, asked: ObjectiveParameters, body: ExclusionBody, *, set_by: str) -> ExclusionAnswer:
        """Exclude a time. Raises BadRequestError if the subject or the time is not valid."""
        start, end = body.start.timestamp(), body.end.timestamp()
        _check(body, start, end)
        if len(self._objectives.own(cluster_id).exclusions) >= MOST_EXCLUSIONS:
            raise invalid("from", f"A cluster may have at most {MOST_EXCLUSIONS} exclusions. Undo one first.")
        now = self._clock()
        exclusion = Exclusion(
            exclusion_id=f"{int(now):x}-{secrets.token_hex(4)}",
            subject=subject_of(cluster_id, asked),
            start=start,
            end=end,
            rule=body.rule.strip().removeprefix("RRULE:"),
            time_zone=body.time_zone,
            reason=body.reason,
            set_by=set_by,
            set_at=now,
        )
        self._objectives.exclude(cluster_id, exclusion)
        return exclusion_answer(cluster_id, exclusion)

    def delete(self, cluster_id: str, exclusion_id: str, *, set_by: str) -> None:
        """Undo an exclusion: the figures are what they were before. Raises NotFoundError."""
        known = self._objectives.own(cluster_id).exclusions
        seen = next((each for each in known if each.exclusion_id == exclusion_id), None)
        if seen is None:
            raise not_found.exclusion()
        try:
            self._objectives.include(cluster_id, seen, at=self._clock(), by=set_by)
        except WriteConflictError as error:
            raise not_found.exclusion() from error


def subject_of(cluster_id: str, asked: ObjectiveParameters) -> Subject:
    """The subject that was asked for. Raises BadRequestError if it is none."""
    if cluster_id == ALL_CLUSTERS:
        if asked.domain is not None or asked.path_prefix is not None:
            raise invalid("domain", "With cluster_id=* it is for every domain of all clusters. Give one cluster's id.")
        return EVERYTHING
    if asked.path_prefix is not None and asked.domain is None:
        raise invalid("path_prefix", "A path belongs to a domain. Give `domain` as well.")
    subject = Subject(canonical(asked.domain or ""), asked.path_prefix or "")
    if asked.domain is not None and not subject.domain:
        raise invalid("domain", "This is no domain. Leave it out to set an objective of the whole cluster.")
    return subject


def exclusion_answer(cluster_id: str, exclusion: Exclusion) -> ExclusionAnswer:
    """An exclusion as readers see it."""
    return like(
        ExclusionAnswer,
        exclusion,
        cluster_id=exclusion.subject.cluster_of(cluster_id),
        domain=exclusion.subject.domain or None,
        path_prefix=exclusion.subject.path_prefix or None,
        start=utc(exclusion.start),
        end=utc(exclusion.end),
        set_at=utc(exclusion.set_at),
    )


def _check(body: ExclusionBody, start: float, end: float) -> None:
    if end <= start:
        raise invalid("to", "It ends before it begins: give a `to` that is later than `from`.")
    if end - start > LONGEST_SECONDS:
        raise invalid("to", f"An exclusion may be at most {LONGEST_SECONDS // DAY_SECONDS} days long.")
    if not is_time_zone(body.time_zone):
        raise invalid("time_zone", "This is no time zone. Give an IANA name, such as Europe/Berlin.")
    if body.rule and (problem := check_rule(body.rule.strip().removeprefix("RRULE:"), start)) is not None:
        raise invalid("rule", problem)
