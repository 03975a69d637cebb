"""Routes: lists the routes behind the service keys of Traefik's metrics."""

from slo.api import answers
from slo.api.pages import Cursor
from slo.api.parameters import RoutesParameters
from slo.app.stores import Stores
from slo.store.route_map import RouteMap, RouteMapping
from slo.structs import like
from slo.times import utc
from slo.traefik.domains import canonical, spellings


class RouteLookup:
    """Reads the route map."""

    def __init__(self, stores: Stores) -> None:
        self._map = stores.of(RouteMap)

    def listed(self, cluster_id: str, asked: RoutesParameters) -> answers.RoutesAnswer:
        """A page of mappings, sorted by service key, then by route. Raises BadRequestError for an invalid cursor."""
        cursor = Cursor.read(asked.cursor)
        after = cursor.sort_key if cursor else ""
        found = [mapping for mapping in self._found(cluster_id, asked, after) if mapping.route_key > after]
        shown = sorted(found, key=lambda mapping: mapping.route_key)[: asked.limit]
        following = Cursor(0, shown[-1].route_key).text() if len(found) > asked.limit else None
        return answers.RoutesAnswer(cluster_id=cluster_id, routes=tuple(map(_answer, shown)), next_cursor=following)

    def _found(self, cluster_id: str, asked: RoutesParameters, after: str) -> list[RouteMapping]:
        domain = asked.domain
        if asked.service_key is not None:
            found = self._map.by_service_key(cluster_id, asked.service_key)
            return [each for each in found if domain is None or canonical(each.domain) == canonical(domain)]
        if domain is not None:
            return [each for name in spellings(domain) for each in self._map.by_domain(cluster_id, name)]
        return self._map.all(cluster_id, after=after, limit=asked.limit + 1)


def _answer(mapping: RouteMapping) -> answers.MappedRoute:
    written = {"created_at": utc(mapping.created_at), "updated_at": utc(mapping.updated_at)}
    return like(answers.MappedRoute, mapping, **written)
