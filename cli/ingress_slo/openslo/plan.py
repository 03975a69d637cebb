"""What the API has to change so that the promises of the files hold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ingress_slo.figures import latency_text, milliseconds_text, percent_text, period_text
from ingress_slo.openslo.promise import Promise, Stored, marked, subject_of
from slo.api.parameters import ObjectiveBody
from slo.objectives.objective import Objectives
from slo.objectives.targets import Subject


@dataclass(frozen=True)
class Step:
    """One change."""

    action: Literal["set", "delete"]
    promise: Promise
    before: Stored | None
    """None if it is new."""
    what: tuple[str, ...]
    """What differs."""


@dataclass(frozen=True)
class Plan:
    """All changes, in the order in which they are made, and what else the operator should know."""

    steps: tuple[Step, ...]
    notes: tuple[str, ...]


def plan(wanted: Sequence[Promise], kept: Sequence[Stored], *, prune: bool = False) -> Plan:
    """What has to change. With `prune`, objectives that came from a file and are in none any more are deleted.

    Within a subject, the objective with the mark is set last: it takes the mark from others, which changes their
    versions.
    """
    files = _Files(wanted, kept, prune=prune)
    steps = [*files.changes(), *files.deletions()]
    return Plan(tuple(sorted(steps, key=_order)), tuple(files.notes()))


def _order(step: Step) -> tuple[Any, ...]:
    rank = 1 if step.action == "delete" else 2 if step.promise.body.is_followed else 0
    return step.promise.subject, rank, step.promise.name


class _Files:
    """The promises of the files beside the objectives of a deployment."""

    def __init__(self, wanted: Sequence[Promise], kept: Sequence[Stored], *, prune: bool) -> None:
        self._wanted = {promise.key: promise for promise in wanted}
        self._kept = {each.promise.key: each for each in kept}
        self._left = [each for key, each in self._kept.items() if key not in self._wanted and each.origin == "file"]
        self._prune = prune
        self._annotated = {each.promise.subject for each in kept if each.origin == "annotation"}
        self._marked = {promise.subject for promise in wanted if promise.body.is_followed}
        self._with_mark = marked_ones(kept)
        self._after_unmarked = Objectives(self._expected(with_marks=False))
        self._after = Objectives(self._expected(with_marks=True))

    def changes(self) -> Iterator[Step]:
        """What is set."""
        for key, promise in self._wanted.items():
            before = self._kept.get(key)
            if before is None:
                yield Step("set", promise, None, tuple(promised(promise.body)))
            elif before.origin != "annotation" and (what := tuple(self._what(promise, before))):
                yield Step("set", promise, before, what)

    def deletions(self) -> Iterator[Step]:
        """What is deleted."""
        if self._prune:
            for each in self._left:
                yield Step("delete", each.promise, each, ())

    def notes(self) -> Iterator[str]:
        """Where an annotation holds before a file, and what is in no file any more."""
        by_subject: dict[Subject, list[str]] = {}
        for each in self._kept.values():
            if each.origin == "annotation":
                by_subject.setdefault(each.promise.subject, []).append(each.promise.name)
        for subject in sorted({promise.subject for promise in self._wanted.values()} & by_subject.keys()):
            names = ", ".join(sorted(by_subject[subject]))
            yield f"{subject_of(subject)}: the annotation in Kubernetes ({names}) holds before the file."
        if not self._prune:
            for each in self._left:
                name = f"{subject_of(each.promise.subject)} {each.promise.name}"
                yield f"{name} came from a file and is in none any more. With --prune it is deleted."

    def _expected(self, *, with_marks: bool) -> Iterator[Any]:
        """The objectives that there will be. The mark of one that is left in place is known by its effect only."""
        for promise in self._wanted.values():
            yield promise.objective(origin="file", is_followed=with_marks and promise.body.is_followed)
        for key, each in self._kept.items():
            if key not in self._wanted and not (self._prune and each.origin == "file"):
                is_marked = with_marks and each.is_followed and each.promise.subject not in self._marked
                yield each.promise.objective(origin=each.origin, is_followed=is_marked)

    def _what(self, promise: Promise, before: Stored) -> Iterator[str]:
        """What differs between a promise and the objective that is stored."""
        yield from differences(before.promise.body, promise.body)
        if before.origin != "file":
            yield f"origin {before.origin} -> file"
        yield from self._mark(promise, before)

    def _mark(self, promise: Promise, before: Stored) -> Iterator[str]:
        """Whether the mark has to be set or taken. The API says which objective is followed, not which is marked."""
        if promise.subject in self._annotated:
            return
        about = promise.objective(origin="file", is_followed=False)
        if promise.body.is_followed:
            if promise.key not in self._with_mark and not self._after_unmarked.follows(about):
                yield "is marked to be followed"
        elif before.is_followed and promise.subject not in self._marked and not self._after.follows(about):
            yield "is followed no longer"


def differences(before: ObjectiveBody, after: ObjectiveBody) -> Iterator[str]:
    """What differs, in words."""
    for (name, now), (_, then) in zip(_words(after), _words(before), strict=True):
        if now != then:
            yield f"{name} {then} -> {now}"


def _words(body: ObjectiveBody) -> Iterator[tuple[str, str]]:
    yield "period", period_text(body.period, body.time_zone)
    yield "availability", percent_text(body.availability)
    yield "p95", "-" if body.p95_latency is None else milliseconds_text(body.p95_latency)
    yield "latency", latency_text(body.latency_objective)
    yield "owner", body.owner or "-"
    yield "channel", body.channel or "-"
    yield "minimum requests", str(body.minimum_requests)


def promised(body: ObjectiveBody) -> Iterator[str]:
    """What an objective promises, in words."""
    for name, words in _words(body):
        if words != "-" and name != "minimum requests":
            yield f"{name} {words}"


def marked_ones(kept: Sequence[Stored]) -> set[tuple[Subject, str]]:
    """The objectives that are followed only because of their mark. Of others the API does not say if they have one."""
    unmarked = Objectives(each.promise.objective(origin=each.origin, is_followed=False) for each in kept)
    return {
        each.promise.key
        for each in kept
        if each.is_followed and not unmarked.follows(each.promise.objective(origin=each.origin, is_followed=False))
    }


def exported(kept: Sequence[Stored]) -> tuple[tuple[Promise, ...], tuple[str, ...]]:
    """The promises to write into files, and what is left out and why.

    The followed one of several is marked, so that it stays the followed one.
    """
    promises, notes = [], []
    several = {each.promise.subject for each in kept if _has_others(each, kept)}
    for each in kept:
        name = f"{subject_of(each.promise.subject)} {each.promise.name}"
        if each.origin == "annotation":
            notes.append(f"{name} is left out: it is an annotation in Kubernetes.")
        elif each.promise.body.period not in ("7d", "28d", "30d", "week", "month", "quarter"):
            notes.append(f"{name} is left out: {each.promise.body.period} is no period of an objective any more.")
        else:
            promises.append(marked(each.promise, each.is_followed and each.promise.subject in several))
    return tuple(promises), tuple(notes)


def _has_others(one: Stored, kept: Sequence[Stored]) -> bool:
    return any(other is not one and other.promise.subject == one.promise.subject for other in kept)
