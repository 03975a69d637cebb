"""Makes promises of OpenSLO documents. What cannot be mapped is an error with its file and line, never dropped.

Names, labels, descriptions and annotations of others are for the readers of the files: they map to nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ingress_slo.openslo.alerts import Alerts
from ingress_slo.openslo.documents import DocumentError, Node, documents
from ingress_slo.openslo.joining import joined
from ingress_slo.openslo.promise import Promise, told
from ingress_slo.openslo.slo import Slo, name_of, read_slo
from ingress_slo.openslo.writing import API_VERSION
from slo.objectives.objective import Objectives

_GROUPS = ("openslo/", "openslo.com/")
_KINDS = ("SLO", "Service", "AlertPolicy", "AlertCondition", "AlertNotificationTarget")
_UNMAPPED = {
    "SLI": "write the indicator into the SLO, as `indicator`.",
    "DataSource": "the figures are those that ingress-slo counts.",
}


def read(files: Mapping[str, str], *, cluster_id: str = "") -> tuple[Promise, ...]:
    """The promises of these files, given as texts by name. `cluster_id` is the one that they are for, if it is known.

    Raises DocumentError with everything that is wrong, each with its file and line.
    """
    wrong: list[str] = []
    slos: list[Slo] = []
    alerts = Alerts()
    for file, text in sorted(files.items()):
        try:
            for document in documents(file, text):
                try:
                    _read_document(document, slos, alerts, cluster_id)
                except DocumentError as error:
                    wrong.append(str(error))
        except DocumentError as error:
            wrong.append(str(error))
    if wrong:
        raise DocumentError("\n".join(wrong))
    return _promises(slos, alerts)


def _read_document(document: Node, slos: list[Slo], alerts: Alerts, cluster_id: str) -> None:
    _check_version(document)
    fields = document.fields(("apiVersion", "kind", "metadata", "spec"))
    kind = fields["kind"].text()
    if kind in _UNMAPPED:
        raise fields["kind"].error(f"The kind {kind} cannot be mapped: {_UNMAPPED[kind]}")
    if kind not in _KINDS:
        raise fields["kind"].error(f"Expected a kind of {', '.join(_KINDS)}, not {kind!r}.")
    if kind == "SLO":
        slos.append(read_slo(document.place, fields["metadata"], fields["spec"], cluster_id))
    elif kind == "Service":
        name_of(fields["metadata"])
        fields["spec"].fields(optional=("description",))
    else:
        alerts.read(kind, name_of(fields["metadata"]), fields["spec"])


def _check_version(document: Node) -> None:
    version = document.entries().get("apiVersion")
    said = version.text() if version is not None and version.is_text else ""
    if version is None or not said.startswith(_GROUPS):
        raise document.error(
            f"This is no OpenSLO document: `apiVersion: {API_VERSION}` is missing. Give a folder of its own."
        )
    if said != API_VERSION:
        raise version.error(f"Documents of {said} are not read: write `apiVersion: {API_VERSION}`.")


def _promises(slos: Iterable[Slo], alerts: Alerts) -> tuple[Promise, ...]:
    """Puts the figures of each objective together."""
    by_key: dict[Any, dict[str, Slo]] = {}
    wrong = []
    for slo in slos:
        figures = by_key.setdefault((slo.subject, slo.objective), {})
        if slo.measure in figures:
            first = figures[slo.measure].place
            wrong.append(f"{slo.place}: The {slo.measure} of the objective {slo.objective} is in {first} already.")
        figures.setdefault(slo.measure, slo)
    promises = {}
    for key, figures in by_key.items():
        try:
            promises[key] = joined(figures)
        except DocumentError as error:
            wrong.append(str(error))
    wrong += _marked_twice(promises.values())
    if not wrong:
        wrong += _alerts(by_key, promises, alerts)
    if wrong:
        raise DocumentError("\n".join(wrong))
    return tuple(sorted(promises.values(), key=lambda promise: promise.key))


def _marked_twice(promises: Iterable[Promise]) -> list[str]:
    marked: dict[Any, Promise] = {}
    return [
        f"{promise.place}: One objective of a subject is followed: {other.name} in {other.place} is."
        for promise in promises
        if promise.body.is_followed and (other := marked.setdefault(promise.subject, promise)) is not promise
    ]


def _alerts(by_key: Mapping[Any, Mapping[str, Slo]], promises: dict[Any, Promise], alerts: Alerts) -> list[str]:
    """What documents about alerts say that does not hold. The channels that they name become those of the promises."""
    followed = Objectives(
        promise.objective(origin="file", is_followed=promise.body.is_followed) for promise in promises.values()
    )
    wrong = []
    for key, figures in by_key.items():
        is_followed = followed.follows(promises[key].objective(origin="file", is_followed=False))
        for slo in figures.values():
            try:
                channel = alerts.check(slo, channel=promises[key].body.channel, is_followed=is_followed)
                promises[key] = told(promises[key], channel)
            except DocumentError as error:
                wrong.append(str(error))
    return wrong
