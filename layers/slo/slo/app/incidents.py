"""Incidents: lists them, what is not resolved first."""

from collections.abc import Iterator

from slo.api import not_found
from slo.api.incident_answers import IncidentAnswer, IncidentsAnswer, incident_answer
from slo.api.pages import Cursor
from slo.api.parameters import INCIDENT_STATUSES, SEVERITIES, IncidentsParameters, chosen
from slo.app.stores import Stores
from slo.incidents.incident import KINDS, Incident
from slo.store.clusters import ClusterStore
from slo.store.incidents import IncidentStore
from slo.traefik.domains import canonical

_MAX_ID_LENGTH = 200
_READ_AT_MOST = 1000
"""Stored incidents that one request looks at. A filter that few match gets short pages rather than long waits."""
_OPEN, _OTHERS = 0, 1
"""The parts of the list. A cursor's `as_of` says in which of them its page ended."""
_LATEST = 10**13


class Incidents:
    """Reads incidents."""

    def __init__(self, stores: Stores) -> None:
        self._incidents = stores.of(IncidentStore)
        self._clusters = stores.of(ClusterStore)

    def get(self, cluster_id: str, incident_id: str) -> IncidentAnswer:
        """One incident, as of now if it is not resolved. Raises NotFoundError."""
        is_open = (each for each in self._incidents.open(cluster_id) if each.incident_id == incident_id)
        found = next(is_open, None)
        if found is None and is_incident_id(incident_id):
            found = self._incidents.get(cluster_id, incident_id)
        if found is None:
            raise not_found.incident(incident_id)
        return incident_answer(found)

    def listed(self, cluster_id: str, asked: IncidentsParameters) -> IncidentsAnswer:
        """A page of incidents. Raises NotFoundError or BadRequestError."""
        if self._clusters.get(cluster_id) is None:
            raise not_found.cluster(cluster_id)
        wanted, cursor = _Wanted(asked), Cursor.read(asked.cursor) or Cursor(_OPEN, "")
        all_open = self._incidents.open(cluster_id)
        shown, end = [], cursor
        if cursor.as_of == _OPEN:
            rest = sorted((each for each in all_open if wanted.has(each) and _place(each) > cursor.after), key=_place)
            shown = rest[: asked.limit]
            end = Cursor(_OPEN, _place(shown[-1])) if len(rest) > asked.limit else Cursor(_OTHERS, "")
        following: Cursor | None = end
        if end.as_of == _OTHERS and not wanted.may_be_resolved:
            following = None
        elif end.as_of == _OTHERS:
            open_ids = {each.incident_id for each in all_open}
            following = self._fill(shown, cluster_id, asked.limit, wanted, open_ids, end.sort_key)
        return IncidentsAnswer(
            cluster_id=cluster_id,
            open=len(all_open),
            incidents=tuple(map(incident_answer, shown)),
            next_cursor=following.text() if following else None,
        )

    def _fill(
        self, shown: list[Incident], cluster_id: str, limit: int, wanted: "_Wanted", open_ids: set[str], before: str
    ) -> Cursor | None:
        """Add those that are not open to a page, and return where it ends; None if it is the last."""
        for number, incident in enumerate(self._newest_first(cluster_id, before, limit + 1)):
            if len(shown) == limit or number == _READ_AT_MOST:
                return Cursor(_OTHERS, before)
            before = incident.incident_id
            if before not in open_ids and wanted.has(incident):
                shown.append(incident)
        return None

    def _newest_first(self, cluster_id: str, before: str, at_once: int) -> Iterator[Incident]:
        while found := self._incidents.newest_first(cluster_id, before or None, at_once):
            yield from found
            if len(found) < at_once:
                return
            before = found[-1].incident_id


class _Wanted:
    """The filters of a request. Raises BadRequestError."""

    def __init__(self, asked: IncidentsParameters) -> None:
        self._asked = asked
        self._statuses = chosen("status", asked.status, INCIDENT_STATUSES)
        self._kinds = chosen("kind", asked.kind, KINDS)
        self._severities = chosen("severity", asked.severity, SEVERITIES)

    @property
    def may_be_resolved(self) -> bool:
        """Whether resolved incidents are asked for. All others are in the watch, so nothing else is read."""
        return not self._statuses or "resolved" in self._statuses

    def has(self, incident: Incident) -> bool:
        """Whether all filters let an incident pass."""
        return (
            (not self._statuses or incident.status in self._statuses)
            and (not self._kinds or incident.kind in self._kinds)
            and (not self._severities or incident.severity in self._severities)
            and self._is_of_domain(incident)
            and self._is_of_time(incident)
        )

    def _is_of_domain(self, incident: Incident) -> bool:
        if self._asked.domain is None:
            return True
        wanted = canonical(self._asked.domain)
        return any(canonical(name) == wanted for name in (incident.subject.domain, *incident.domains))

    def _is_of_time(self, incident: Incident) -> bool:
        start, end = self._asked.start, self._asked.end
        is_over = start is not None and incident.resolved_at is not None and incident.resolved_at <= start.timestamp()
        return not is_over and (end is None or incident.since <= end.timestamp())


def is_incident_id(text: str) -> bool:
    """Whether this can be an incident's id. The table has other items of a cluster, whose keys begin with `#`."""
    return not text.startswith("#") and len(text) <= _MAX_ID_LENGTH


def _place(incident: Incident) -> str:
    """Sorts pages before tickets, and the newest first."""
    return f"{incident.severity}|{_LATEST - round(incident.opened_at * 1000):013d}|{incident.incident_id}"
