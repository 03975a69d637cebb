"""Rules, quiet hours, the digest and thresholds: reads and replaces them, and lists who changed what."""

from collections.abc import Iterable, Iterator

import msgspec

from slo.api import preconditions
from slo.api.notification_answers import (
    ChangeAnswer,
    ChangesAnswer,
    DigestAnswer,
    NotificationsAnswer,
    QuietHoursAnswer,
    RuleAnswer,
    ThresholdsAnswer,
)
from slo.api.notification_parameters import ChangesParameters, NotificationsBody
from slo.api.tokens import Grant
from slo.app.settings_editor import SettingsEditor
from slo.app.stores import Stores
from slo.errors import BadRequestError, FieldError
from slo.notifications.changes import Change
from slo.notifications.settings import Rule, Settings, matches
from slo.store.notifications import NotificationStore
from slo.structs import like
from slo.times import is_time_zone, utc

_WHAT = "This document"
_PARTS = NotificationsBody.__struct_fields__


class Notifications:
    """Reads and replaces what decides who is told, except channels and mutes."""

    def __init__(self, stores: Stores) -> None:
        self._editor = SettingsEditor(stores)
        self._store = stores.of(NotificationStore)
        self._clock = stores.clock

    def seen_by(self, caller: Grant) -> NotificationsAnswer:
        """What a caller may see: of the rules, those that can apply to its clusters."""
        settings = self._editor.settings()
        rules = settings.rules if not caller.clusters else tuple(_rules_of(settings.rules, caller.clusters))
        return _answer(settings, rules)

    def set(self, body: NotificationsBody, caller: Grant, *, if_match: str) -> NotificationsAnswer:
        """Replace everything. Raises ForbiddenError, BadRequestError and the errors of `slo.api.preconditions`."""
        caller.require_all_clusters()

        def edit(before: Settings) -> tuple[Settings, Change]:
            preconditions.check(before.rules_version, if_match, _WHAT)
            _check(body, {channel.name for channel in before.channels})
            changed = [part for part in _PARTS if getattr(body, part) != getattr(before, part)]
            given = {part: getattr(body, part) for part in _PARTS}
            after = msgspec.structs.replace(before, **given, rules_version=before.version + 1)
            about = ", ".join(changed)
            return after, Change(at=self._clock(), by=caller.label, what="rules_set", about=about)

        after = self._editor.edit(edit)
        return _answer(after, after.rules)

    def changes(self, asked: ChangesParameters, caller: Grant) -> ChangesAnswer:
        """The latest changes. A token for some clusters does not see those of other clusters' mutes."""
        found = self._store.changes(asked.limit)
        seen = [change for change in found if not change.cluster_id or may_see(caller, change.cluster_id)]
        return ChangesAnswer(
            changes=tuple(like(ChangeAnswer, change, at=utc(change.at), by=change.by or None) for change in seen)
        )


def etag(answer: NotificationsAnswer) -> str:
    """The ETag of the settings, for `If-Match`."""
    return preconditions.etag(answer.version)


def may_see(caller: Grant, cluster_pattern: str) -> bool:
    """Whether this pattern of clusters concerns a cluster that the caller may see."""
    return not caller.clusters or any(matches(cluster_pattern, cluster_id) for cluster_id in caller.clusters)


def _rules_of(rules: Iterable[Rule], clusters: tuple[str, ...]) -> Iterator[Rule]:
    """The rules that can apply to these clusters, without the names of others."""
    for rule in rules:
        kept = tuple(each for each in rule.clusters if any(matches(each, cluster_id) for cluster_id in clusters))
        if kept or not rule.clusters:
            yield msgspec.structs.replace(rule, clusters=kept)


def _check(body: NotificationsBody, channels: set[str]) -> None:
    """Raises BadRequestError, which names each field that is wrong."""
    if errors := [*_unknown_channels(body, channels), *_wrong_times(body)]:
        raise BadRequestError("The body is not valid.", errors=errors)


def _unknown_channels(body: NotificationsBody, channels: set[str]) -> Iterator[FieldError]:
    named = [(f"rules[{number}].channels", rule.channels) for number, rule in enumerate(body.rules)]
    for field, names in [*named, ("digest.channels", body.digest.channels)]:
        for name in names:
            if name not in channels:
                yield FieldError(field, f"There is no channel {name!r}. Add it first, or name one that exists.")


def _wrong_times(body: NotificationsBody) -> Iterator[FieldError]:
    hours = body.quiet_hours
    zones = {"digest.time_zone": body.digest.time_zone, **({"quiet_hours.time_zone": hours.time_zone} if hours else {})}
    for field, zone in zones.items():
        if not is_time_zone(zone):
            yield FieldError(field, f"There is no time zone {zone!r}. Give a name such as Europe/Berlin, or UTC.")
    if hours and hours.start == hours.end:
        yield FieldError("quiet_hours.end", "Start and end are the same. Send null for no quiet hours.")


def _answer(settings: Settings, rules: Iterable[Rule]) -> NotificationsAnswer:
    hours = settings.quiet_hours
    return NotificationsAnswer(
        version=settings.rules_version,
        rules=tuple(like(RuleAnswer, rule) for rule in rules),
        quiet_hours=like(QuietHoursAnswer, hours) if hours else None,
        digest=like(DigestAnswer, settings.digest),
        thresholds=like(ThresholdsAnswer, settings.thresholds),
    )
