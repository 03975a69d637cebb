"""The rules of Knative's Ingresses, as Traefik's provider `knative` (since 3.6) reads them."""

from collections.abc import Iterator

from ingress_slo_agent.declared import DeclaredRule
from ingress_slo_agent.objects import Object, annotations, name, namespace, one_of, spec
from ingress_slo_agent.serving import Serving
from ingress_slo_agent.traefik_options import KNATIVE
from slo.traefik import naming

_CLASS_ANNOTATION = "networking.knative.dev/ingress.class"
_CLASS = "traefik.ingress.networking.knative.dev"


def knative_rules(items: list[Object], serving: Serving) -> Iterator[DeclaredRule]:
    """The rules of every Knative Ingress of Traefik's class."""
    for item in items:
        if annotations(item).get(_CLASS_ANNOTATION) == _CLASS and serving.others(KNATIVE, item):
            yield from _rules(item)


def _rules(item: Object) -> Iterator[DeclaredRule]:
    space, title = namespace(item), name(item)
    for index, rule in enumerate(one_of(spec(item).get("rules"))):
        hosts = " || ".join(f"Host(`{host}`)" for host in one_of(rule.get("hosts")))
        for path_index, path in enumerate(one_of((rule.get("http") or {}).get("paths"))):
            backend: Object = next(iter(one_of(path.get("splits"))), {})
            routers = naming.knative_routers(space, title, index, path_index)
            match = f"PathPrefix(`{path.get('path') or '/'}`)"
            yield DeclaredRule(
                kind="KnativeIngress",
                namespace=space,
                name=title,
                match=f"({hosts}) && {match}" if hosts else match,
                router_keys=routers,
                service_key=routers[0],
                service_name=str(backend.get("serviceName") or ""),
                service_port=backend.get("servicePort") or 0,
                tls=bool(spec(item).get("tls")),
            )
