"""The statement of a month, from closed books: asked for again, it is the same to the byte unless it is corrected."""

from collections.abc import Iterator, Sequence, Set
from typing import NamedTuple

from slo.api import not_found
from slo.api.answers import StatementAnswer
from slo.api.pages import Cursor, page
from slo.api.parameters import StatementParameters, WindowParameters
from slo.app.corrected_ledgers import excluded_between, excluded_ids
from slo.app.month_books import MonthBooks
from slo.app.stores import Stores
from slo.app.views import View, Views
from slo.counting.catalogue import Catalogue, Entry, RouteId
from slo.counting.corrections import Excluded
from slo.counting.retention import HOURS_KEPT_SECONDS
from slo.counting.windows import Window, snap
from slo.errors import BadRequestError, TryAgainError
from slo.incidents.incident import Incident
from slo.objectives.exclusions import Exclusion
from slo.objectives.metrics import figures
from slo.objectives.objective import ObjectiveChange, canonical_subject
from slo.objectives.statement import (
    Held,
    StatementIncident,
    StatementLine,
    Verification,
    held_in,
    line,
    month_bounds,
)
from slo.objectives.targets import CLUSTER, EVERYTHING, Subject
from slo.store.books import DailyBooks
from slo.store.catalogues import CatalogueStore
from slo.store.clusters import ClusterState
from slo.store.incidents import IncidentStore
from slo.store.objectives import ObjectiveStore
from slo.store.owed_books import OwedBooks
from slo.structs import like
from slo.times import DAY_SECONDS, HOUR_SECONDS, ceil_to, floor_to, utc
from slo.traefik.domains import canonical

_READ_AT_ONCE = 200
_WAIT_SECONDS = 300
"""Until the next rollup, which writes what DynamoDB refused."""


class Statements:
    """Answers queries for the statement of a month."""

    def __init__(self, stores: Stores, views: Views) -> None:
        self._stores, self._views = stores, views
        self._catalogues = stores.of(CatalogueStore)
        self._objectives = stores.of(ObjectiveStore)
        self._incidents = stores.of(IncidentStore)
        self._owed = stores.of(OwedBooks)
        self._kept_seconds = stores.of(DailyBooks).kept_seconds
        self._clock = stores.clock
        self._delay_seconds = stores.cutoff_delay_seconds

    def statement(self, cluster_id: str, asked: StatementParameters) -> StatementAnswer:
        """A page of the statement. Raises NotFoundError, BadRequestError, and TryAgainError while books are owed."""
        state = self._views.state(cluster_id)
        catalogue = self._catalogues.of_version(cluster_id, state.catalogue_version)
        kept = self._objectives.kept(cluster_id)
        changes = [each.change for each in self._objectives.changes(cluster_id)]
        subjects = _Subjects(catalogue)
        held = held_in(asked.month, kept.objectives, changes)
        self._check(state, asked.month, [month_bounds(asked.month, "UTC"), *((each.start, each.end) for each in held)])
        promised = list(_promised(held, subjects))
        if asked.domain is not None:
            name = canonical(asked.domain)
            promised = [each for each in promised if each.subject.domain == name]
            if not promised and name not in subjects.domains:
                raise not_found.domain(asked.domain)
        keys = [each.subject.key(each.held.objective.name) for each in promised]
        first = month_bounds(asked.month, "UTC")[0]
        chosen, following = page(promised, keys, Cursor.read(asked.cursor), asked.limit, first)
        of_month = _Month(
            MonthBooks(self._stores, cluster_id, state.watermark),
            subjects,
            kept.exclusions,
            changes,
            list(self._opened(cluster_id, chosen)),
        )
        lines = [found for each in chosen if (found := of_month.line(each)) is not None]
        if asked.verify == "true":
            view = self._views.of(cluster_id, WindowParameters())
            lines = [like(StatementLine, each, verification=self._verified(view, each, subjects)) for each in lines]
        return StatementAnswer(cluster_id=cluster_id, month=asked.month, lines=tuple(lines), next_cursor=following)

    def _check(self, state: ClusterState, month: str, bounds: Sequence[tuple[int, int]]) -> None:
        """Raise the error that says from when on there is a statement, or since when there is none any more."""
        start, end = min(first for first, _ in bounds), ceil_to(max(last for _, last in bounds), DAY_SECONDS)
        now = self._clock()
        is_silent = not state.has_open_books and now >= end + HOUR_SECONDS
        if state.watermark < end and not is_silent:
            ready = utc(end + self._delay_seconds + self._views.slot_seconds)
            late = (
                ""
                if now < ready.timestamp()
                else f" Rollup is behind: it has booked up to {utc(state.watermark):%Y-%m-%d %H:%M} UTC."
            )
            raise BadRequestError(
                f"{month} is not closed yet: its statement can be had from {ready:%Y-%m-%d %H:%M} UTC on.{late}"
            )
        if floor_to(start, DAY_SECONDS) < now - self._kept_seconds:
            days = self._kept_seconds // DAY_SECONDS
            raise BadRequestError(f"{month} is too long ago: closed days are kept for {days} days.")
        owed = self._owed.of(state.cluster_id) if state.owes_books else []
        if any(start - DAY_SECONDS < each.starts_at < end for each in owed):
            raise TryAgainError(
                f"Some books of {month} could not be written yet. The next rollup tries again.",
                retry_after_seconds=_WAIT_SECONDS,
            )

    def _opened(self, cluster_id: str, chosen: Sequence["_Promised"]) -> Iterator[Incident]:
        """The incidents that were opened in the months of these lines, newest first."""
        if not chosen:
            return
        start, end = min(each.held.start for each in chosen), max(each.held.end for each in chosen)
        before = f"{end * 1000:013d}"
        while found := self._incidents.newest_first(cluster_id, before, _READ_AT_ONCE):
            for incident in found:
                if incident.opened_at < start:
                    return
                yield incident
            before = found[-1].incident_id

    def _verified(self, view: View, found: StatementLine, subjects: "_Subjects") -> Verification | None:
        """The figures of a line by the ledgers of the month's ends; None if ledgers that it takes are kept no more."""
        window = Window(int(found.start.timestamp()), int(found.end.timestamp()))
        watermark = view.state.watermark
        if any(snap(time, watermark, self._views.slot_seconds) != time for time in (window.start, window.end)):
            return None
        if found.exclusions and watermark - window.start > HOURS_KEPT_SECONDS:
            return None
        (difference,) = self._views.differences(view, [window])
        entries = subjects.entries(Subject(found.domain, found.path_prefix or ""))
        seen = [each for _, each in figures(entries, difference)]
        requests, errors = sum(each.requests for each in seen), sum(each.errors for each in seen)
        is_equal = (requests, errors) == (found.total_requests, found.total_errors)
        return Verification(total_requests=requests, total_errors=errors, is_equal=is_equal)


class _Promised(NamedTuple):
    """An objective, and the domain or route that a line is about."""

    subject: Subject
    held: Held


class _Subjects:
    """The routes and entries of domains, however they are spelled. Retired ones stay as long as their books."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.domains: dict[str, list[RouteId]] = {}
        for route in catalogue.entries_of:
            self.domains.setdefault(canonical(route[0]), []).append(route)

    def routes(self, subject: Subject) -> frozenset[RouteId]:
        """The routes of a domain, or the spellings of one of its routes."""
        every = self.domains.get(subject.domain, ())
        return frozenset(route for route in every if subject.path_prefix in ("", route[1]))

    def entries(self, subject: Subject) -> list[Entry]:
        """Their entries by id, each once."""
        found = {each.id: each for route in self.routes(subject) for each in self.catalogue.entries_of[route]}
        return [found[entry_id] for entry_id in sorted(found)]


def _promised(held: Sequence[Held], subjects: _Subjects) -> Iterator[_Promised]:
    """What lines are about, by domain, path and name."""
    found = [_Promised(canonical_subject(each.objective.subject), each) for each in held if _is_of_a_domain(each)]
    own = {each.subject.domain for each in found if not each.subject.path_prefix}
    general = [each for each in held if each.objective.subject == CLUSTER]
    for each in general or [each for each in held if each.objective.subject == EVERYTHING]:
        found += [_Promised(Subject(domain), each) for domain in subjects.domains if domain not in own]
    yield from sorted(found, key=lambda each: (each.subject, each.held.objective.name))


def _is_of_a_domain(held: Held) -> bool:
    return bool(held.objective.subject.domain)


class _Month:
    """What lines are made of."""

    def __init__(
        self,
        books: MonthBooks,
        subjects: _Subjects,
        exclusions: Sequence[Exclusion],
        changes: Sequence[ObjectiveChange],
        incidents: Sequence[Incident],
    ) -> None:
        self._books, self._subjects = books, subjects
        self._exclusions, self._changes = exclusions, changes
        self._incidents = sorted(incidents, key=lambda each: each.incident_id)
        self._known: dict[tuple[int, int], tuple[Excluded, ...]] = {}

    def line(self, promised: _Promised) -> StatementLine | None:
        """The line; None for a domain that only a general objective is about and that had no requests."""
        subject, held = promised
        entries = self._subjects.entries(subject)
        excluded = self._excluded(held.start, held.end)
        routes = self._subjects.routes(subject)
        counted = self._books.counted(routes, entries, held.start, held.end, excluded)
        if not counted.requests and not _is_of_a_domain(held):
            return None
        ids = {entry.id for entry in entries}
        return line(
            held,
            subject.domain,
            counted,
            [_incident(each, held.end) for each in self._incidents if _is_of(each, subject, held.start, held.end)],
            [each for each in self._exclusions if self._concerns(each, subject, ids)],
            [each for each in self._changes if each.included and self._concerns(each.included, subject, ids)],
        )

    def _excluded(self, start: int, end: int) -> tuple[Excluded, ...]:
        if (start, end) not in self._known:
            step_seconds, catalogue = self._books.step_seconds, self._subjects.catalogue
            self._known[start, end] = excluded_between(self._exclusions, catalogue, start, end, step_seconds)
        return self._known[start, end]

    def _concerns(self, exclusion: Exclusion, subject: Subject, entry_ids: Set[int]) -> bool:
        """Whether it leaves out anything that a line counts: also of one route of a domain, or of a shared series."""
        is_covered = exclusion.covers(subject.domain, subject.path_prefix)
        return is_covered or bool(excluded_ids(exclusion, self._subjects.catalogue) & entry_ids)


def _is_of(incident: Incident, subject: Subject, start: int, end: int) -> bool:
    """Whether it was opened in these times for this domain, or for this route of it."""
    if not start <= incident.opened_at < end or canonical(incident.subject.domain) != subject.domain:
        return False
    paths = {incident.path_prefix, *(route.path_prefix for route in incident.routes)}
    return subject.path_prefix in ("", *paths)


def _incident(incident: Incident, end: int) -> StatementIncident:
    """An incident as it was known at the end of the month: what becomes of it later does not change the statement."""
    until = incident.resolved_at
    is_over = until is not None and until < end
    told = [step for step in incident.steps if step.at < end]
    counted = incident if is_over or not told else told[-1]
    return StatementIncident(
        incident_id=incident.incident_id,
        kind=incident.kind,
        severity=counted.severity,
        path_prefix=incident.path_prefix or None,
        since=utc(incident.since),
        until=utc(until) if until is not None and is_over else None,
        requests=counted.requests,
        errors=counted.errors,
    )
