"""Whether Traefik serves an object: by its class, its namespace and its labels, for each set of options."""

from collections.abc import Iterable
from typing import NamedTuple

from ingress_slo_agent.declared import Notes
from ingress_slo_agent.objects import Object, ObjectKey, annotations, key, name, namespace, spec, title
from ingress_slo_agent.traefik_options import CRD, INGRESS, NGINX, EntryPoint, Provider, TraefikOptions

CONTROLLER = "traefik.io/ingress-controller"
CLASS_ANNOTATION = "kubernetes.io/ingress.class"
_DEFAULT_CLASS = "traefik"
_CLASS_FIELD = (3, 7)


class Selected(NamedTuple):
    """The objects that a label selector chooses, as the Kubernetes API answered."""

    selector: str
    keys: frozenset[ObjectKey]


class Serving:
    """What Traefik's processes serve. An object is served if one of them serves it."""

    def __init__(
        self,
        options: Iterable[TraefikOptions],
        classes: Iterable[Object] = (),
        selected: Iterable[Selected] = (),
    ) -> None:
        self.options = tuple(options)
        self._controllers = {name(item): str(spec(item).get("controller") or "") for item in classes}
        self._selected = {each.selector: each.keys for each in selected}

    def by(self, provider: str) -> tuple[TraefikOptions, ...]:
        """The options of the processes that have this provider."""
        return tuple(options for options in self.options if provider in options.providers)

    def ingress_route(self, item: Object, notes: Notes) -> tuple[TraefikOptions, ...]:
        """The options of the processes that serve an IngressRoute. A note counts it if none does."""
        return self._served(CRD, item, _route_class(item, _CLASS_FIELD), notes)

    def ingress(self, item: Object, notes: Notes) -> tuple[TraefikOptions, ...]:
        """The same for an Ingress, without ingress-nginx' provider."""
        named = spec(item).get("ingressClassName")
        return self._served(
            INGRESS, item, annotations(item).get(CLASS_ANNOTATION, "") if named is None else named, notes
        )

    def nginx_ingress(self, item: Object) -> tuple[TraefikOptions, ...]:
        """The same for ingress-nginx' provider, without a note."""
        return self._matching(NGINX, item)

    def others(self, provider: str, item: Object) -> tuple[TraefikOptions, ...]:
        """The options of the processes that serve an object of a provider without classes."""
        return self._matching(provider, item)

    def entry_points(self, served: Iterable[TraefikOptions], named: Iterable[str]) -> tuple[EntryPoint, ...]:
        """The entry points of a router that names these ones, in any of the processes."""
        named = tuple(named)
        return tuple(point for options in served for point in options.entry_points_of(named))

    def _served(self, provider: str, item: Object, class_name: str, notes: Notes) -> tuple[TraefikOptions, ...]:
        found = self._matching(provider, item)
        if not found:
            is_class = any(self._has_class(provider, options, item) for options in self.by(provider))
            notes.add(_left_out("" if is_class else class_name), title(item))
        return found

    def _matching(self, provider: str, item: Object) -> tuple[TraefikOptions, ...]:
        return tuple(
            options
            for options in self.by(provider)
            if self._chooses(options.providers[provider], item) and self._has_class(provider, options, item)
        )

    def _chooses(self, provider: Provider, item: Object) -> bool:
        if provider.namespaces and namespace(item) not in provider.namespaces:
            return False
        return not provider.label_selector or key(item) in self._selected.get(provider.label_selector, frozenset())

    def _has_class(self, provider: str, options: TraefikOptions, item: Object) -> bool:
        chosen = options.providers[provider]
        match provider:
            case "kubernetescrd":
                return _is_class(_route_class(item, options.version), chosen.ingress_class)
            case "kubernetesingress":
                return self._is_ingress_class(item, chosen.ingress_class)
            case "kubernetesingressnginx":
                return self._is_nginx_class(item, chosen)
            case _:
                return True

    def _is_ingress_class(self, item: Object, wanted: str) -> bool:
        """Traefik's own rule: the IngressClass' controller decides; without `ingressClassName`, the old annotation."""
        named = spec(item).get("ingressClassName")
        if named is None:
            return _is_class(annotations(item).get(CLASS_ANNOTATION, ""), wanted)
        return self._controllers.get(named) == CONTROLLER and (not wanted or named == wanted)

    def _is_nginx_class(self, item: Object, chosen: Provider) -> bool:
        named = spec(item).get("ingressClassName")
        if named is not None and chosen.controller_class in self._controllers.values():
            return self._controllers.get(named) == chosen.controller_class
        annotated = annotations(item).get(CLASS_ANNOTATION)
        return chosen.without_class if annotated is None else annotated == chosen.ingress_class


def _route_class(item: Object, version: tuple[int, int]) -> str:
    """`spec.ingressClassName` decides before the annotation, since Traefik 3.7."""
    named = spec(item).get("ingressClassName") if version >= _CLASS_FIELD else None
    return annotations(item).get(CLASS_ANNOTATION, "") if named is None else str(named)


def _is_class(declared: str, wanted: str) -> bool:
    """Without the option `ingressClass`, Traefik serves objects with no class or the class `traefik`."""
    return declared == wanted if wanted else declared in ("", _DEFAULT_CLASS)


def _left_out(class_name: str) -> str:
    if not class_name:
        return "left out, because Traefik's options (class, namespaces, label selector) do not choose it."
    return (
        f"left out, because no Traefik that is scraped serves the class `{class_name}`. "
        "Set INGRESS_CLASS if Traefik's own arguments do not show its class."
    )


def tls_of(points: Iterable[EntryPoint]) -> bool:
    """Whether a router on these entry points serves TLS without asking for it."""
    return any(point.tls for point in points)


def silent_entry_points(points: Iterable[EntryPoint]) -> str:
    """Why no request is counted on these entry points; empty if one of them counts."""
    points = tuple(points)
    reason = "" if any(point.is_counted for point in points) else _silent(points)
    return f"{reason[:1].upper()}{reason[1:]}"


def partly_silent_entry_points(points: Iterable[EntryPoint]) -> str:
    """What is not counted of a router on these entry points; empty if all of them count, or none."""
    points = tuple(points)
    return _silent(points) if any(point.is_counted for point in points) else ""


def _silent(points: tuple[EntryPoint, ...]) -> str:
    names = ", ".join(sorted({point.name for point in points if not point.is_counted}))
    if not names:
        return ""
    return (
        f"requests over the entry point {names} are not counted, because it has observability.metrics=false. "
        "Set it to true, or set observability.metrics to true on this router."
    )
