"""Raw items: samples as the agent scraped them, written once and never changed.

Each process' first sample of a slot is stored whole, and the others of the slot as differences (`slo.store.samples`).
A function remembers the whole samples that it stored itself. If it has none of a process and slot, because it has just
started or another one stored it, it stores the sample whole. A sample of many series or bounds has parts
(`slo.store.bodies`).
"""

import secrets
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from pynamodb.attributes import BinaryAttribute, ListAttribute, NumberAttribute, UnicodeAttribute

from slo.counting.retention import RAW_KEPT_SECONDS
from slo.counting.rollup import Sample
from slo.store.bodies import Bodies, Key, LargeItem
from slo.store.errors import WriteConflictError, refusal_as
from slo.store.keys import sort_key
from slo.store.samples import WholeSample
from slo.store.tables import Tables
from slo.times import ceil_to

_SLOT_SECONDS = 300
_KEPT_LONGER_SECONDS = 2 * _SLOT_SECONDS
"""A whole sample outlives the differences to it."""
_REMEMBERED_VALUES = 2_000_000
"""Of all whole samples that a function remembers; about 70 MB, for those that it stored and again for those it read."""


class RawItem(LargeItem):
    """One sample, or (under the hash `{cluster_id}#parts`) a part of one.

    Under the hash `{cluster_id}#late` it is a late sample's marker, which has no body.
    """

    cluster_id = UnicodeAttribute(hash_key=True)
    sample_key = UnicodeAttribute(range_key=True)
    whole_at = NumberAttribute(null=True)
    """When the whole sample was taken that `body` differs from, Unix milliseconds; None if `body` is whole itself."""
    body = BinaryAttribute(legacy_encoding=False, null=True)
    parts = ListAttribute(of=UnicodeAttribute, null=True)
    """Range keys of the parts. They end in random digits, so a push that is sent again has parts of its own."""
    expires_at = NumberAttribute()

    shared_with_parts = ("expires_at",)

    def name_parts(self, count: int) -> None:
        """Choose random keys, which sort by time like those of samples."""
        milliseconds = self.sample_key.partition("|")[0]
        keys: list[Any] = [f"{milliseconds}|{secrets.token_hex(8)}" for _ in range(count)]
        self.parts = keys or None

    def part_keys(self) -> list[Key]:
        """Under a hash key of their own."""
        return [(f"{self.cluster_id}#parts", str(key)) for key in self.parts or ()]

    @property
    def whole_key(self) -> str:
        """The key of the whole sample that this item needs."""
        return _key_at(self.whole_at, self.sample_key)


def sample_key(taken_at: float, pod: str) -> str:
    """A key that sorts by time. A process has one sample at a time, so a retried push has the same key."""
    return sort_key(f"{_milliseconds(taken_at):013d}", pod)


def _key_at(milliseconds: float, key: str) -> str:
    """The key of the sample that the pod of another one has at a time, unless that key was cut."""
    return f"{int(milliseconds):013d}|{key.partition('|')[2]}"


def taken_at(key: str) -> float:
    """When the sample of this key was taken, Unix seconds."""
    return int(key.partition("|")[0]) / 1000


def _milliseconds(time: float) -> int:
    return round(time * 1000)


class RawStore:
    """Samples of all clusters."""

    def __init__(self, tables: Tables) -> None:
        self._items = tables.bind(RawItem, "RAW_TABLE")
        self._bodies = Bodies(self._items)
        self._remembered: dict[tuple[str, str], _Remembered] = {}
        """The last whole sample that was stored of each pod, by cluster and pod."""
        self._read_wholes: dict[tuple[str, str], WholeSample] = {}
        """The whole samples that were read last, by cluster and key: differences need them. Raw items never change."""

    def put(self, cluster_id: str, sample: Sample, now: float, *, version: int = 0) -> bool:
        """Store a sample for 48 hours from now; False if it is stored already.

        `version` is that of the catalogue. What was stored under another one is not differed from: the cluster may have
        been removed in between.
        """
        pod = (cluster_id, sample.pod)
        known = self._remembered.get(pod)
        whole = WholeSample(sample)
        if known is not None and known.is_near(sample, version):
            kept_seconds, whole_at = RAW_KEPT_SECONDS, known.milliseconds
            body = known.whole.packed_difference(sample)
        else:
            kept_seconds, whole_at = RAW_KEPT_SECONDS + _KEPT_LONGER_SECONDS, None
            body = whole.packed()
        head = self._items(cluster_id, sample.sample_key, whole_at=whole_at, expires_at=int(now) + kept_seconds)
        try:
            self._bodies.put(head, body, self._save)
        except WriteConflictError:
            return False
        if whole_at is None and sample.rows:
            self._remember(pod, _Remembered(whole.by_column(), version))
        return True

    def _save(self, head: RawItem) -> None:
        with refusal_as(WriteConflictError(head.cluster_id)):
            head.save(condition=self._items.sample_key.does_not_exist())

    def _remember(self, pod: tuple[str, str], whole: "_Remembered") -> None:
        self._remembered.pop(pod, None)
        self._remembered[pod] = whole
        while sum(known.values for known in self._remembered.values()) > _REMEMBERED_VALUES:
            del self._remembered[next(iter(self._remembered))]

    def _remember_read(self, cluster_id: str, wholes: dict[str, WholeSample]) -> None:
        if not wholes:
            return
        for key in wholes:
            self._read_wholes.pop((cluster_id, key), None)
        self._read_wholes |= {(cluster_id, key): whole for key, whole in wholes.items()}
        while sum(whole.columns.values_count for whole in self._read_wholes.values()) > _REMEMBERED_VALUES:
            del self._read_wholes[next(iter(self._read_wholes))]

    def between(self, cluster_id: str, after: float, until: float) -> list[Sample]:
        """Samples taken within (after, until], oldest first."""
        return list(self._samples(cluster_id, list(self._query(cluster_id, after, until))).values())

    def slots(
        self, cluster_id: str, after: float, until: float, seconds: int
    ) -> Iterator[tuple[int, dict[str, Sample]]]:
        """The same samples by key, slot by slot, with the end of each slot. Reads no further than the caller does."""
        found = self._query(cluster_id, after, until)
        for end, items in groupby(found, key=lambda item: ceil_to(taken_at(item.sample_key), seconds)):
            yield end, self._samples(cluster_id, list(items))

    def _query(self, cluster_id: str, after: float, until: float) -> Iterator[RawItem]:
        keys = self._items.sample_key.between(f"{_milliseconds(after) + 1:013d}|", f"{_milliseconds(until) + 1:013d}|")
        return iter(self._items.query(cluster_id, keys, consistent_read=True))

    def first_at(self, cluster_id: str, after: float) -> float | None:
        """When the first sample after a time was taken; None if there is none."""
        keys = self._items.sample_key > f"{_milliseconds(after) + 1:013d}|"
        item = next(iter(self._items.query(cluster_id, keys, consistent_read=True, limit=1)), None)
        return None if item is None else taken_at(item.sample_key)

    def get(self, cluster_id: str, sample_keys: Iterable[str]) -> dict[str, Sample]:
        """Samples by key, without those that have expired."""
        return self._samples(cluster_id, self._read(cluster_id, sample_keys))

    def mark_late(self, cluster_id: str, key: str, now: float) -> None:
        """Say that a sample may have come behind the cut-off. Written before the sample itself."""
        self._items(_late(cluster_id), key, expires_at=int(now) + RAW_KEPT_SECONDS).save()

    def late(self, cluster_id: str) -> Iterator[str]:
        """Keys of the samples marked as late."""
        return (item.sample_key for item in self._items.query(_late(cluster_id), consistent_read=True))

    def clear_late(self, cluster_id: str, sample_keys: Iterable[str]) -> None:
        """Delete the markers of samples that have been booked."""
        with self._items.batch_write() as batch:
            for key in sample_keys:
                batch.delete(self._items(_late(cluster_id), key))

    def _read(self, cluster_id: str, sample_keys: Iterable[str]) -> list[RawItem]:
        return list(self._items.batch_get([(cluster_id, key) for key in sample_keys], consistent_read=True))

    def _samples(self, cluster_id: str, items: list[RawItem]) -> dict[str, Sample]:
        """Samples by key. One has expired if a part of it has, or the whole sample that it differs from."""
        wholes = {item.sample_key: item for item in items if item.whole_at is None}
        needed = {item.whole_key for item in items if item.whole_at is not None}
        unpacked = {key: known for key in needed if (known := self._read_wholes.get((cluster_id, key)))}
        missing = needed - wholes.keys() - unpacked.keys()
        wholes |= {item.sample_key: item for item in self._read(cluster_id, sorted(missing))}
        unpacked |= {key: WholeSample.unpacked(body, key) for key, body in self._complete(wholes.values())}
        self._remember_read(cluster_id, unpacked)
        differences = {item.sample_key: item for item in items if item.whole_at is not None}
        samples = {item.sample_key: unpacked[item.sample_key].sample for item in items if item.sample_key in unpacked}
        for key, body in self._complete(differences.values()):
            if (whole := unpacked.get(differences[key].whole_key)) is not None:
                samples[key] = whole.unpacked_difference(body, key)
        return dict(sorted(samples.items()))

    def _complete(self, items: Iterable[RawItem]) -> Iterator[tuple[str, bytes]]:
        """Keys and bodies, without those of which a part is gone."""
        for item in items:
            try:
                body = self._bodies.get(item, consistent=True)
            except WriteConflictError:
                continue
            yield item.sample_key, body


class _Remembered:
    """A whole sample that this function has stored."""

    def __init__(self, whole: WholeSample, version: int) -> None:
        self.whole = whole
        self.values = whole.columns.values_count
        self.milliseconds = _milliseconds(whole.sample.taken_at)
        self._version = version

    def is_near(self, sample: Sample, version: int) -> bool:
        """Whether a sample can be stored as a difference to this one."""
        mine = self.whole.sample
        return (
            self._version == version
            and _slot(mine) == _slot(sample)
            and _key_at(self.milliseconds, sample.sample_key) == mine.sample_key
            and self.whole.can_tell(sample)
        )


def _slot(sample: Sample) -> int:
    return ceil_to(sample.taken_at, _SLOT_SECONDS)


def _late(cluster_id: str) -> str:
    return f"{cluster_id}#late"
