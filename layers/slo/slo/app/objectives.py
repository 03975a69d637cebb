"""Objectives: lists, sets and deletes them. ETags keep two people from overwriting each other's changes."""

from itertools import islice

from slo.api import not_found, preconditions
from slo.api.objective_answers import ObjectiveAnswer, ObjectiveChangeAnswer, ObjectiveChangesAnswer, ObjectivesAnswer
from slo.api.pages import Cursor
from slo.api.parameters import ObjectiveBody, ObjectiveChangesParameters, ObjectiveParameters, invalid
from slo.app.annotated_objectives import KUBERNETES
from slo.app.exclusions import exclusion_answer, subject_of
from slo.app.stores import Stores
from slo.errors import BadRequestError, ConflictError, FieldError
from slo.objectives.objective import Objective, ObjectiveChange, Objectives, check_name
from slo.objectives.periods import Period
from slo.objectives.targets import PRESET, Subject
from slo.store.errors import WriteConflictError
from slo.store.keys import MAX_SORT_KEY_BYTES
from slo.store.notifications import NotificationStore
from slo.store.objectives import ObjectiveStore
from slo.structs import like
from slo.times import is_time_zone, utc
from slo.traefik.domains import canonical

_WHAT = "This objective"
MOST_PER_SUBJECT = 20


class ObjectiveEditor:
    """Reads and changes objectives."""

    def __init__(self, stores: Stores) -> None:
        self._objectives = stores.of(ObjectiveStore)
        self._notifications = stores.of(NotificationStore)
        self._clock = stores.clock

    def all(self, cluster_id: str) -> ObjectivesAnswer:
        """Every objective that holds in a cluster: those of all clusters, the cluster's, then by domain and path."""
        objectives = Objectives(self._objectives.kept(cluster_id).objectives)
        return ObjectivesAnswer(
            cluster_id=cluster_id,
            preset=PRESET,
            objectives=tuple(
                _answer(cluster_id, each, is_followed=objectives.follows(each))
                for each in sorted(objectives.all, key=_place)
            ),
        )

    def changes(self, cluster_id: str, asked: ObjectiveChangesParameters) -> ObjectiveChangesAnswer:
        """A page of who set what, newest first. Raises BadRequestError for an invalid cursor."""
        since = 0.0 if asked.start is None else asked.start.timestamp()
        cursor = Cursor.read(asked.cursor)
        kept = self._objectives.changes(cluster_id, since=since, before=cursor.sort_key if cursor else "")
        found = list(islice((each for each in kept if _is_asked_for(each.change, asked)), asked.limit + 1))
        shown = found[: asked.limit]
        return ObjectiveChangesAnswer(
            cluster_id=cluster_id,
            changes=tuple(_change(cluster_id, each.change) for each in shown),
            next_cursor=Cursor(0, shown[-1].key).text() if len(found) > asked.limit else None,
        )

    def set(
        self, cluster_id: str, name: str, asked: ObjectiveParameters, body: ObjectiveBody, *, if_match: str, set_by: str
    ) -> tuple[ObjectiveAnswer, bool]:
        """Set an objective; returns it and whether it is new. `if_match` is the ETag that the caller read, if any.

        An objective that is marked as followed takes the mark from the subject's other ones.

        Raises PreconditionRequiredError if it exists and `if_match` is empty, PreconditionFailedError if the stored
        version differs, ConflictError if annotations in Kubernetes set it, BadRequestError if the subject, the name or
        the body is not valid, or if there is no such channel.
        """
        subject = subject_of(cluster_id, asked)
        stored = self._stored(cluster_id, name, subject)
        if stored is None and name == KUBERNETES:
            raise invalid("name", "Annotations in Kubernetes set the objectives of this name. Choose another name.")
        _check(stored, if_match)
        if body.channel and (stored is None or stored.channel != body.channel):
            self._check_channel(body.channel)
        others = [each for each in self._objectives.of(cluster_id) if each.subject == subject and each.name != name]
        if stored is None and len(others) >= MOST_PER_SUBJECT:
            raise invalid("name", f"A subject may have at most {MOST_PER_SUBJECT} objectives. Delete one first.")
        now = self._clock()
        objective = Objective(
            subject=subject,
            name=name,
            period=_period(body),
            availability=body.availability,
            p95_latency=body.p95_latency,
            latency_objective=body.latency_objective,
            minimum_requests=body.minimum_requests,
            owner=body.owner,
            channel=body.channel,
            is_followed=body.is_followed,
            origin=body.origin,
            version=_next_version(now, stored),
            set_by=set_by,
            set_at=now,
        )
        try:
            self._objectives.put(cluster_id, objective, stored)
            if objective.is_followed:
                self._unmark(cluster_id, others, now, set_by)
        except WriteConflictError as error:
            raise preconditions.changed(_WHAT) from error
        return _answer(cluster_id, objective, is_followed=Objectives([*others, objective]).follows(objective)), (
            stored is None
        )

    def delete(self, cluster_id: str, name: str, asked: ObjectiveParameters, *, if_match: str, set_by: str) -> None:
        """Delete an objective; another one of the subject, or of the next more general one, is followed then.

        Raises the errors of `set`, and NotFoundError.
        """
        subject = subject_of(cluster_id, asked)
        stored = self._stored(cluster_id, name, subject)
        if stored is None:
            raise not_found.objective()
        _check(stored, if_match)
        try:
            self._objectives.delete(cluster_id, stored, at=self._clock(), by=set_by)
        except WriteConflictError as error:
            raise preconditions.changed(_WHAT) from error

    def _stored(self, cluster_id: str, name: str, subject: Subject) -> Objective | None:
        if (problem := check_name(name)) is not None:
            raise BadRequestError("The name is not valid.", errors=[FieldError("name", problem)])
        if len(subject.key(name).encode()) > MAX_SORT_KEY_BYTES:
            raise invalid("path_prefix", f"Name, domain and path together may have {MAX_SORT_KEY_BYTES - 2} bytes.")
        return self._objectives.get(cluster_id, name, subject)

    def _check_channel(self, name: str) -> None:
        """Of an objective that is there already, a channel that was removed since is left alone."""
        known = [channel.name for channel in self._notifications.settings(consistent=True).channels]
        if name not in known:
            there_are = f"Known are {', '.join(known)}." if known else "There is none yet: add one first."
            raise invalid("channel", f"There is no channel {name}. {there_are}")

    def _unmark(self, cluster_id: str, others: list[Objective], now: float, set_by: str) -> None:
        for other in others:
            if other.is_followed:
                version = _next_version(now, other)
                changed = like(Objective, other, is_followed=False, version=version, set_by=set_by, set_at=now)
                self._objectives.put(cluster_id, changed, other)


def _place(objective: Objective) -> tuple[bool, Subject, str]:
    return (not objective.subject.is_everything, objective.subject, objective.name)


def etag(objective: ObjectiveAnswer) -> str:
    """The ETag of an objective, for `If-Match`."""
    return preconditions.etag(objective.version)


def _next_version(now: float, stored: Objective | None) -> int:
    return max(int(now * 1000), stored.version + 1 if stored else 0)


def _period(body: ObjectiveBody) -> Period:
    if not is_time_zone(body.time_zone):
        raise invalid("time_zone", "This is no time zone. Give an IANA name, such as Europe/Berlin.")
    period = Period(body.period, body.time_zone)
    if not period.is_calendar and period.time_zone != "UTC":
        raise invalid("time_zone", "Only week, month and quarter have one; rolling days are the same everywhere.")
    return period


def _check(stored: Objective | None, if_match: str) -> None:
    if stored is not None and stored.origin == "annotation":
        raise ConflictError(
            f"Annotations of {stored.set_by} in Kubernetes set this objective. Change or remove its annotations "
            "ingress-slo.io/...; they are in force with the agent's next push."
        )
    if stored is not None:
        preconditions.check(stored.version, if_match, _WHAT)
    elif if_match:
        raise preconditions.changed(_WHAT)


def _is_asked_for(change: ObjectiveChange, asked: ObjectiveChangesParameters) -> bool:
    about = change.after or change.before or change.excluded or change.included
    if about is None:
        return False
    # As it is shown: a time in Unix seconds is finer than a datetime, which would not find what it names.
    is_before = asked.end is None or utc(change.at) <= asked.end
    is_domain = asked.domain is None or canonical(about.subject.domain) in {"", canonical(asked.domain)}
    is_path = asked.path_prefix is None or about.subject.path_prefix in {"", asked.path_prefix}
    is_level = asked.level is None or about.subject.level == asked.level
    return is_before and is_domain and is_path and is_level


def _change(cluster_id: str, change: ObjectiveChange) -> ObjectiveChangeAnswer:
    before, after = (
        None if each is None else _answer(cluster_id, each, is_followed=each.is_followed)
        for each in (change.before, change.after)
    )
    excluded, included = (
        None if each is None else exclusion_answer(cluster_id, each) for each in (change.excluded, change.included)
    )
    return ObjectiveChangeAnswer(
        at=utc(change.at), by=change.by, before=before, after=after, excluded=excluded, included=included
    )


def _answer(cluster_id: str, objective: Objective, *, is_followed: bool) -> ObjectiveAnswer:
    return like(
        ObjectiveAnswer,
        objective,
        cluster_id=objective.subject.cluster_of(cluster_id),
        domain=objective.subject.domain or None,
        path_prefix=objective.subject.path_prefix or None,
        period=objective.period.length,
        time_zone=objective.period.time_zone,
        is_followed=is_followed,
        set_at=utc(objective.set_at),
    )
