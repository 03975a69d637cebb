"""Targets: listed, set and deleted, so that two people who edit do not overwrite each other."""

from slo.api.answers import TargetAnswer, TargetsAnswer
from slo.api.parameters import TargetBody, TargetParameters, invalid
from slo.app.stores import Stores
from slo.errors import NotFoundError, PreconditionFailedError, PreconditionRequiredError
from slo.objectives.targets import DEFAULT_TARGET, SavedTarget, Subject
from slo.store.errors import WriteConflictError
from slo.store.targets import MAX_SUBJECT_BYTES, TargetStore
from slo.times import utc
from slo.traefik.domains import canonical

_ANY_VERSION = "*"


class TargetEditor:
    """What readers see and managers change."""

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
        """Set a target; whether it is new. `if_match` is the ETag of the version that the caller has seen, if any.

        Raises PreconditionRequiredError where there is one and the caller does not say which it has seen,
        PreconditionFailedError where it is another one, BadRequestError.
        """
        subject = _subject(asked)
        there = self._targets.get(cluster_id, asked.time_range, subject)
        _check(there, if_match)
        now = self._clock()
        target = SavedTarget(
            subject=subject,
            time_range=asked.time_range,
            availability=body.availability,
            p95_latency=body.p95_latency,
            latency_objective=body.latency_objective,
            minimum_requests=body.minimum_requests,
            version=max(int(now * 1000), there.version + 1 if there else 0),
            set_by=set_by,
            set_at=now,
        )
        try:
            self._targets.put(cluster_id, target, there.version if there else None)
        except WriteConflictError as error:
            raise _changed() from error
        return _answer(cluster_id, target), there is None

    def delete(self, cluster_id: str, asked: TargetParameters, *, if_match: str) -> None:
        """Delete a target; the next one up holds again. Raises as `set`, and NotFoundError."""
        subject = _subject(asked)
        there = self._targets.get(cluster_id, asked.time_range, subject)
        if there is None:
            raise NotFoundError("No target is set for this; GET /api/v2/slo/targets lists those that are.")
        _check(there, if_match)
        try:
            self._targets.delete(cluster_id, asked.time_range, subject, there.version)
        except WriteConflictError as error:
            raise _changed() from error


def etag(target: TargetAnswer) -> str:
    """What `If-Match` must say."""
    return f'"{target.version}"'


def _subject(asked: TargetParameters) -> Subject:
    if asked.path_prefix is not None and asked.domain is None:
        raise invalid("path_prefix", "A path belongs to a domain: say `domain`, too.")
    subject = Subject(canonical(asked.domain or ""), asked.path_prefix or "")
    if len(f"{subject.domain}{subject.path_prefix}".encode()) > MAX_SUBJECT_BYTES:
        raise invalid("path_prefix", f"Domain and path may have {MAX_SUBJECT_BYTES} bytes together; set a shorter one.")
    return subject


def _check(there: SavedTarget | None, if_match: str) -> None:
    if there is None:
        if if_match:
            raise _changed()
        return
    if not if_match:
        raise PreconditionRequiredError(
            f'A target is set already: send its version, If-Match: "{there.version}", so that nobody\'s change is lost.'
        )
    seen = [tag.strip().removeprefix("W/").strip('"') for tag in if_match.split(",")]
    if str(there.version) not in seen and _ANY_VERSION not in seen:
        raise _changed()


def _changed() -> PreconditionFailedError:
    return PreconditionFailedError("Somebody has changed this target since: read it again, and then decide.")


def _order(subject: Subject) -> tuple[str, str]:
    return (subject.domain, subject.path_prefix)


def _answer(cluster_id: str, target: SavedTarget) -> TargetAnswer:
    return TargetAnswer(
        cluster_id=cluster_id,
        domain=target.subject.domain or None,
        path_prefix=target.subject.path_prefix or None,
        time_range=target.time_range,
        availability=target.availability,
        p95_latency=target.p95_latency,
        latency_objective=target.latency_objective,
        minimum_requests=target.minimum_requests,
        version=target.version,
        set_by=target.set_by,
        set_at=utc(target.set_at),
    )
