"""Mutes: adds, lists and ends them."""

import secrets

import msgspec

from slo.api import not_found
from slo.api.notification_answers import MuteAnswer, MutesAnswer
from slo.api.notification_parameters import MuteBody
from slo.api.parameters import invalid
from slo.api.tokens import Grant
from slo.app.notifications import may_see
from slo.app.settings_editor import SettingsEditor
from slo.app.stores import Stores
from slo.errors import BadRequestError, ForbiddenError
from slo.notifications.changes import Change, WhatChanged
from slo.notifications.settings import Mute, Settings
from slo.structs import like
from slo.times import DAY_SECONDS, utc

MAX_MUTES = 200
_LONGEST_SECONDS = 366 * DAY_SECONDS
_EVERYTHING = "*"


class Mutes:
    """Reads and changes mutes. A token for some clusters may mute these, and nothing else."""

    def __init__(self, stores: Stores) -> None:
        self._editor = SettingsEditor(stores)
        self._clock = stores.clock

    def seen_by(self, caller: Grant) -> MutesAnswer:
        """The mutes that hold now and concern a cluster that the caller may see; those that end first come first."""
        mutes = [mute for mute in self._editor.settings().mutes if may_see(caller, mute.cluster_id)]
        return MutesAnswer(mutes=tuple(map(_answer, sorted(mutes, key=lambda mute: (mute.until, mute.mute_id)))))

    def add(self, body: MuteBody, caller: Grant) -> MuteAnswer:
        """Mute a subject. Raises ForbiddenError or BadRequestError."""
        cluster_id = body.cluster_id or (caller.clusters[0] if len(caller.clusters) == 1 else _EVERYTHING)
        _require(caller, cluster_id)
        now, until = self._clock(), body.until.timestamp()
        if not now < until <= now + _LONGEST_SECONDS:
            raise invalid("until", "Give a time that is not over, at most a year from now.")
        mute = Mute(
            mute_id=secrets.token_hex(6),
            cluster_id=cluster_id,
            domain=body.domain,
            path_prefix=body.path_prefix or "",
            until=until,
            reason=body.reason.strip(),
            muted_by=caller.label,
            muted_at=now,
        )

        def edit(before: Settings) -> tuple[Settings, Change]:
            if len(before.mutes) >= MAX_MUTES:
                raise BadRequestError(f"{MAX_MUTES} mutes hold already, the most there can be. End one first.")
            return msgspec.structs.replace(before, mutes=(*before.mutes, mute)), self._change("muted", mute, caller)

        self._editor.edit(edit)
        return _answer(mute)

    def remove(self, mute_id: str, caller: Grant) -> None:
        """End a mute. Raises NotFoundError or ForbiddenError."""

        def edit(before: Settings) -> tuple[Settings, Change]:
            mute = next((mute for mute in before.mutes if mute.mute_id == mute_id), None)
            if mute is None or not may_see(caller, mute.cluster_id):
                raise not_found.mute(mute_id)
            _require(caller, mute.cluster_id)
            kept = tuple(each for each in before.mutes if each.mute_id != mute_id)
            return msgspec.structs.replace(before, mutes=kept), self._change("unmuted", mute, caller)

        self._editor.edit(edit)

    def _change(self, what: WhatChanged, mute: Mute, caller: Grant) -> Change:
        about = f"{mute.cluster_id} {mute.domain}{mute.path_prefix}: {mute.reason}"
        return Change(at=self._clock(), by=caller.label, what=what, about=about, cluster_id=mute.cluster_id)


def _require(caller: Grant, cluster_id: str) -> None:
    if caller.clusters and cluster_id not in caller.clusters:
        raise ForbiddenError(
            f"Your token is for {', '.join(caller.clusters)} only: it may mute one of these, not {cluster_id!r}."
        )


def _answer(mute: Mute) -> MuteAnswer:
    return like(
        MuteAnswer,
        mute,
        path_prefix=mute.path_prefix or None,
        until=utc(mute.until),
        muted_at=utc(mute.muted_at),
    )
