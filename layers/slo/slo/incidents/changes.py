"""What changed in a cluster before an incident: routes that appeared, vanished or got another service."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from slo.counting.catalogue import Catalogue, Entry, Route
from slo.counting.ledger import LedgerRow
from slo.incidents.incident import RouteChange
from slo.times import HOUR_SECONDS
from slo.traefik.naming import display_name

LATELY_SECONDS = HOUR_SECONDS
_MOST = 10


class DatedChange(NamedTuple):
    """A change of a domain's route, and when it was first seen (Unix seconds)."""

    at: float
    domain: str
    change: RouteChange


def lately(
    catalogue: Catalogue, rows: Mapping[int, LedgerRow], domains: set[str], now: float
) -> dict[str, tuple[RouteChange, ...]]:
    """By domain, the newest changes of the last hour first, at most ten."""
    found: dict[str, list[DatedChange]] = {}
    for dated in changes(catalogue, rows, now - LATELY_SECONDS):
        if dated.domain in domains:
            found.setdefault(dated.domain, []).append(dated)
    return {
        domain: tuple(each.change for each in sorted(dated, key=lambda each: -each.at)[:_MOST])
        for domain, dated in found.items()
    }


def changes(catalogue: Catalogue, rows: Mapping[int, LedgerRow], after: float) -> Iterator[DatedChange]:
    """All changes after a time. `rows` are those of the ledger: a series with another service begins a new row."""
    for domain, paths in catalogue.declarations.items():
        for path, declaration in paths.items():
            if (dated := _of_path(domain, path, declaration.routes, after)) is not None:
                yield dated
    yield from _other_services(catalogue, rows, after)


def _of_path(domain: str, path: str, routes: tuple[Route, ...], after: float) -> DatedChange | None:
    """A path whose routes are all new appeared; one whose routes are all retired vanished."""
    current = [route for route in routes if route.retired_at is None]
    retired = [route for route in routes if route.retired_at is not None]
    if not current:
        at = max(route.retired_at or 0.0 for route in retired)
        change = RouteChange(what="vanished", path_prefix=path, service=retired[0].info.service_name)
        return DatedChange(at, domain, change) if at > after else None
    at = min(route.created_at for route in current)
    if at <= after:
        return None
    before = [route for route in retired if (route.retired_at or 0.0) > after]
    if not before:
        return DatedChange(at, domain, RouteChange(what="appeared", path_prefix=path, service=_service(current[0])))
    if _service(before[-1]) == _service(current[0]):
        return None
    change = RouteChange(what="changed", path_prefix=path, service=_service(current[0]), before=_service(before[-1]))
    return DatedChange(at, domain, change)


def _other_services(catalogue: Catalogue, rows: Mapping[int, LedgerRow], after: float) -> Iterator[DatedChange]:
    """Routers that count for another service than before."""
    known: dict[str, Entry] = {}
    for entry in catalogue.entries:
        before = known.get(entry.router)
        if entry.router:
            known[entry.router] = entry
        if before is None or before.service == entry.service or before.routes != entry.routes:
            continue
        row = rows.get(entry.id)
        if row is None or row.since <= after:
            continue
        for domain, path in entry.routes:
            change = RouteChange(
                what="changed",
                path_prefix=path,
                service=display_name(entry.service),
                before=display_name(before.service),
            )
            yield DatedChange(row.since, domain, change)


def _service(route: Route) -> str:
    return route.info.service_name
