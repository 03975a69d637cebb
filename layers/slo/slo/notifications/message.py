"""What an order says, whatever the channel: texts in its language, figures and a link. Channels only give it a form."""

from urllib.parse import quote

import msgspec

from slo.incidents.incident import Incident, Kind, Notice, RouteChange, Subject
from slo.notifications.delivery import Order, Told
from slo.notifications.settings import Language
from slo.notifications.weekly import RouteNews, WeekIncident, WeeklyReport
from slo.notifications.wording import Wording, budget, count, day, moment, name, names, percent, share, times_spent
from slo.objectives.burn_rates import Severity

_FAILURES: tuple[Kind, ...] = ("outage", "burn", "trickle", "latency")
"""Kinds of which failed requests are counted."""


class Fact(msgspec.Struct, frozen=True):
    """One line of figures."""

    label: str
    value: str


class Section(msgspec.Struct, frozen=True):
    """A list under a title."""

    title: str
    lines: tuple[str, ...]


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What to tell. All texts are of one line and printable; each channel escapes them for its own format."""

    id: str
    """The same for each attempt, so that a receiver can tell repetitions."""
    what: Told
    at: float | None
    """When it happened, Unix seconds; null for a test."""
    language: Language
    title: str
    plain_title: str
    """In English, for what knows ASCII only. Names may have other characters."""
    sentence: str
    """What happened."""
    facts: tuple[Fact, ...] = ()
    sections: tuple[Section, ...] = ()
    link: str
    link_text: str
    incident_id: str | None = None
    """What belongs together: the same for all messages about an incident."""
    cluster_id: str | None = None
    kind: Kind | None = None
    severity: Severity | None = None
    subject: str = ""
    """The domain and path, the pod, the certificate or the cluster."""
    incident: Incident | None = None
    digest: WeeklyReport | None = None


def message_of(order: Order, dashboard_url: str) -> Message:
    """The message of an order. `dashboard_url` ends in a slash."""
    if order.notice is not None:
        return _of_notice(order, order.notice, dashboard_url)
    if order.digest is not None:
        return _of_digest(order, order.digest, dashboard_url)
    words = Wording(order.language)
    return Message(
        id=order.order_id,
        what="test",
        at=None,
        language=order.language,
        title=words.say("test_title", channel=order.channel),
        plain_title=Wording("en").say("test_title", channel=order.channel),
        sentence=words.say("test_sentence"),
        link=f"{dashboard_url}#/notifications",
        link_text=words.say("open_page"),
    )


def as_text(message: Message) -> str:
    """The whole message as plain text."""
    parts = [message.sentence]
    if message.facts:
        parts.append("\n".join(f"{fact.label}: {fact.value}" for fact in message.facts))
    parts += [
        "\n".join((f"{section.title}:", *(f"- {line}" for line in section.lines))) for section in message.sections
    ]
    return "\n\n".join((*parts, f"{message.link_text}: {message.link}")) + "\n"


def incident_link(dashboard_url: str, cluster_id: str, incident_id: str) -> str:
    """The page of an incident."""
    return f"{_cluster_link(dashboard_url, cluster_id)}/incidents/{quote(incident_id, safe='')}"


def _cluster_link(dashboard_url: str, cluster_id: str) -> str:
    return f"{dashboard_url}#/clusters/{quote(cluster_id, safe='')}"


def _of_notice(order: Order, notice: Notice, dashboard_url: str) -> Message:
    words, incident = Wording(order.language), notice.incident
    return Message(
        id=order.order_id,
        what=notice.what,
        at=notice.at,
        language=order.language,
        title=_title(words, notice),
        plain_title=_title(Wording("en"), notice),
        sentence=_sentence(words, notice),
        facts=_facts(words, incident),
        sections=_sections(words, incident),
        link=incident_link(dashboard_url, incident.cluster_id, incident.incident_id),
        link_text=words.say("open"),
        incident_id=incident.incident_id,
        cluster_id=incident.cluster_id,
        kind=incident.kind,
        severity=incident.severity,
        subject=_subject(incident.cluster_id, incident.subject, incident.path_prefix),
        incident=incident,
    )


def _title(words: Wording, notice: Notice) -> str:
    incident = notice.incident
    step = f"opened_{incident.severity}" if notice.what == "opened" else notice.what
    return words.say(
        "title",
        step=words.say(step),
        kind=words.say(incident.kind),
        subject=_subject(incident.cluster_id, incident.subject, incident.path_prefix),
    )


def _subject(cluster_id: str, subject: Subject, path_prefix: str = "") -> str:
    if subject.domain:
        return name(f"{subject.domain}{path_prefix}")
    return name(subject.pod or subject.certificate or cluster_id)


def _sentence(words: Wording, notice: Notice) -> str:
    incident, happened = notice.incident, _happened(words, notice)
    values = {"duration": words.duration(notice.at - incident.since), "by": name(incident.acknowledged_by) or "?"}
    if notice.what == "opened":
        return happened
    if notice.what == "resolved" and incident.kind not in _FAILURES:
        happened = ""
    return words.join(words.say(f"{notice.what}_sentence", **values), happened)


def _happened(words: Wording, notice: Notice) -> str:
    incident = notice.incident
    match incident.kind:
        case "silent":
            return _silence(words, incident)
        case "certificate":
            return _expiry(words, incident, notice.at)
        case "budget":
            used = percent(incident.threshold or 0.0)
            return words.say("budget_sentence", used=used, period=_period(words, incident))
        case kind:
            return words.say(
                f"{kind}_sentence",
                errors=count(incident.errors),
                requests=count(incident.requests),
                share=share(incident.errors, incident.requests),
                threshold=f"{incident.latency_threshold or 0:g}",
            )


def _silence(words: Wording, incident: Incident) -> str:
    subject = incident.subject
    of = "pod" if subject.pod else "domain" if subject.domain else "cluster"
    values = {"pod": name(subject.pod), "domain": name(subject.domain), "cluster": name(incident.cluster_id)}
    return words.say(f"silent_{of}_sentence", **values)


def _expiry(words: Wording, incident: Incident, now: float) -> str:
    expires_at = incident.expires_at or now
    key = "certificate_sentence" if expires_at > now else "expired_sentence"
    return words.say(
        key,
        certificate=name(incident.subject.certificate),
        time=moment(expires_at),
        duration=words.duration(expires_at - now),
    )


def _facts(words: Wording, incident: Incident) -> tuple[Fact, ...]:
    subject = _subject(incident.cluster_id, incident.subject, incident.path_prefix)
    found = [("cluster", name(incident.cluster_id)), ("subject", subject), ("since", moment(incident.since))]
    if incident.resolved_at is not None:
        found.append(("until", moment(incident.resolved_at)))
    if incident.kind in _FAILURES:
        failed = f"{count(incident.errors)} ({share(incident.errors, incident.requests)})"
        found.append(("requests", count(incident.requests)))
        found.append(("slow" if incident.kind == "latency" else "errors", failed))
    found += _budget_facts(words, incident)
    if incident.acknowledged_at is not None:
        found.append(("acknowledged_by", f"{name(incident.acknowledged_by)}, {moment(incident.acknowledged_at)}"))
    if incident.expires_at is not None:
        found.append(("expires", moment(incident.expires_at)))
    return tuple(Fact(words.say(key), value) for key, value in found)


def _budget_facts(words: Wording, incident: Incident) -> list[tuple[str, str]]:
    found = []
    if incident.availability is not None and incident.period_days is not None:
        values = {"availability": percent(incident.availability), "period": _period(words, incident)}
        value = words.say("target_value", **values)
        found.append(("target", words.say("preset_value", value=value) if incident.objective == "" else value))
    if incident.budget_remaining is not None:
        times = times_spent(incident.budget_remaining)
        left = budget(incident.budget_remaining) if times is None else words.say("overspent", times=times)
        found.append(("budget_left", left))
    if incident.budget_spent is not None:
        found.append(("budget_spent", budget(incident.budget_spent)))
    return found


def _period(words: Wording, incident: Incident) -> str:
    if incident.period in ("week", "month", "quarter"):
        return words.say(f"period_{incident.period}")
    return words.say("period_days", days=incident.period_days or 30)


def _sections(words: Wording, incident: Incident) -> tuple[Section, ...]:
    failing = max(incident.failing_routes, len(incident.routes))
    title = "routes_title" if failing <= len(incident.routes) else "worst_routes_title"
    routes = [_failed(words, route.path_prefix, route.errors, route.requests) for route in incident.routes]
    found = [
        Section(words.say(title, count=count(failing)), tuple(routes[:5])),
        Section(words.say("changes_title"), words.lines([_change(words, one) for one in incident.changes])),
        Section(words.say("domains_title"), words.lines(names(incident.domains))),
    ]
    return tuple(section for section in found if section.lines)


def _failed(words: Wording, what: str, errors: int, requests: int) -> str:
    values = {"errors": count(errors), "requests": count(requests), "share": share(errors, requests)}
    return words.say("failed_line", name=name(what), **values)


def _change(words: Wording, change: RouteChange | RouteNews) -> str:
    domain = change.domain if isinstance(change, RouteNews) else ""
    return words.say(
        f"{change.what}_line",
        name=name(f"{domain}{change.path_prefix}"),
        service=name(change.service),
        before=name(change.before),
    )


def _of_digest(order: Order, digest: WeeklyReport, dashboard_url: str) -> Message:
    words, values = Wording(order.language), {"cluster": name(digest.cluster_id)}
    return Message(
        id=order.order_id,
        what="digest",
        at=digest.end,
        language=order.language,
        title=words.say("digest_title", **values),
        plain_title=Wording("en").say("digest_title", **values),
        sentence=words.say(
            "digest_sentence",
            start=day(digest.start),
            end=day(digest.end),
            opened=count(digest.opened),
            resolved=count(digest.resolved),
        ),
        sections=_digest_sections(words, digest),
        link=_cluster_link(dashboard_url, digest.cluster_id),
        link_text=words.say("open_cluster"),
        cluster_id=digest.cluster_id,
        subject=name(digest.cluster_id),
        digest=digest,
    )


def _digest_sections(words: Wording, digest: WeeklyReport) -> tuple[Section, ...]:
    domains = [
        _budget_line(words, one.domain, one.budget_remaining, one.errors, one.requests) for one in digest.domains
    ]
    paths = [_failed(words, f"{one.domain}{one.path_prefix}", one.errors, one.requests) for one in digest.paths]
    found = [
        Section(words.say("budgets_title"), words.lines(domains)),
        Section(words.say("paths_title"), words.lines(paths)),
        Section(
            words.say("incidents_title"),
            words.lines([_incident_line(words, digest.cluster_id, one) for one in digest.incidents]),
        ),
        Section(words.say("news_title"), words.lines([_change(words, one) for one in digest.routes])),
    ]
    return tuple(section for section in found if section.lines)


def _budget_line(words: Wording, domain: str, left: float | None, errors: int, requests: int) -> str:
    if left is None:
        return words.say("no_budget_line", name=name(domain))
    values = {"errors": count(errors), "requests": count(requests)}
    times = times_spent(left)
    if times is not None:
        return words.say("overspent_line", name=name(domain), times=times, **values)
    return words.say("budget_line", name=name(domain), left=budget(left), **values)


def _incident_line(words: Wording, cluster_id: str, incident: WeekIncident) -> str:
    values = {
        "severity": words.say(incident.severity),
        "kind": words.say(incident.kind),
        "subject": _subject(cluster_id, incident.subject),
        "since": moment(incident.since),
    }
    if incident.resolved_at is None:
        return words.say("open_incident_line", **values)
    duration = words.duration(incident.resolved_at - incident.since)
    return words.say("resolved_incident_line", duration=duration, **values)
