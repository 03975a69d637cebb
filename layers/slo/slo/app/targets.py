"""Targets: lists, sets and deletes them. ETags keep two people from overwriting each other's changes."""

from slo.api import not_found, preconditions
from slo.api.answers import TargetAnswer, TargetsAnswer
from slo.api.parameters import TargetBody, TargetParameters, invalid
from slo.app.stores import Stores
from slo.objectives.targets import DEFAULT_TARGET, SavedTarget, Subject
from slo.store.errors import WriteConflictError
from slo.store.targets import MAX_SUBJECT_BYTES, TargetStore
from slo.structs import like
from slo.times import utc
from slo.traefik.domains import canonical

_WHAT = "This target"


class TargetEditor:
    """Reads and changes targets."""

    def __init__(self, stores: Stores) -> None:
        self._targets = stores.of(TargetStore)
        self._clock = stores.clock

    def all(self, cluster_id: str) -> TargetsAnswer:
        """Every target of a cluster, the cluster's first, then by domain and path."""
        found = sorted(self._targets.of(cluster_id), key=lambda target: (*_order(target.subject), target.time_range))
        return TargetsAnswer(
            cluster_id=cluster_id,
            default=DEFAULT_TARGET,
            targets=tuple(_answer(cluster_id, target) for target in found),
        )

    def set(
        self, cluster_id: str, asked: TargetParameters, body: TargetBody, *, if_match: str, set_by: str
    ) -> tuple[TargetAnswer, bool]:
        """Set a target; returns it and whether it is new. `if_match` is the ETag that the caller read, if any.

        Raises PreconditionRequiredError if a target exists and `if_match` is empty, PreconditionFailedError if the
        stored version differs, BadRequestError if the subject is not valid.
        """
        subject = _subject(asked)
        stored = self._targets.get(cluster_id, asked.time_range, subject)
        _check(stored, if_match)
        now = self._clock()
        target = SavedTarget(
            subject=subject,
            time_range=asked.time_range,
            availability=body.availability,
            p95_latency=body.p95_latency,
            latency_objective=body.latency_objective,
            minimum_requests=body.minimum_requests,
            version=max(int(now * 1000), stored.version + 1 if stored else 0),
            set_by=set_by,
            set_at=now,
        )
        try:
            self._targets.put(cluster_id, target, stored.version if stored else None)
        except WriteConflictError as error:
            raise preconditions.changed(_WHAT) from error
        return _answer(cluster_id, target), stored is None

    def delete(self, cluster_id: str, asked: TargetParameters, *, if_match: str) -> None:
        """Delete a target; the next more general one applies again. Raises the errors of `set`, and NotFoundError."""
        subject = _subject(asked)
        stored = self._targets.get(cluster_id, asked.time_range, subject)
        if stored is None:
            raise not_found.target()
        _check(stored, if_match)
        try:
            self._targets.delete(cluster_id, asked.time_range, subject, stored.version)
        except WriteConflictError as error:
            raise preconditions.changed(_WHAT) from error


def etag(target: TargetAnswer) -> str:
    """The ETag of a target, for `If-Match`."""
    return preconditions.etag(target.version)


def _subject(asked: TargetParameters) -> Subject:
    if asked.path_prefix is not None and asked.domain is None:
        raise invalid("path_prefix", "A path belongs to a domain. Give `domain` as well.")
    subject = Subject(canonical(asked.domain or ""), asked.path_prefix or "")
    if asked.domain is not None and not subject.domain:
        raise invalid("domain", "This is no domain. Leave it out to set the target of the whole cluster.")
    if len(f"{subject.domain}{subject.path_prefix}".encode()) > MAX_SUBJECT_BYTES:
        raise invalid("path_prefix", f"Domain and path together may have at most {MAX_SUBJECT_BYTES} bytes.")
    return subject


def _check(stored: SavedTarget | None, if_match: str) -> None:
    if stored is not None:
        preconditions.check(stored.version, if_match, _WHAT)
    elif if_match:
        raise preconditions.changed(_WHAT)


def _order(subject: Subject) -> tuple[str, str]:
    return (subject.domain, subject.path_prefix)


def _answer(cluster_id: str, target: SavedTarget) -> TargetAnswer:
    subject = {"domain": target.subject.domain or None, "path_prefix": target.subject.path_prefix or None}
    return like(TargetAnswer, target, cluster_id=cluster_id, **subject, set_at=utc(target.set_at))
