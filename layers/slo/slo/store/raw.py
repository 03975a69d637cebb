"""Raw items: samples as the agent scraped them, written once and never changed."""

from collections.abc import Iterable, Iterator

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from slo.counting.retention import RAW_KEPT_SECONDS
from slo.counting.rollup import Sample
from slo.store.codec import pack_sample, unpack_sample
from slo.store.errors import WriteConflictError, refusal_as
from slo.store.keys import sort_key
from slo.store.tables import Tables


class RawItem(Model):
    """One sample, or (under the hash `{cluster_id}#late`) a late sample's marker, which has no body."""

    cluster_id = UnicodeAttribute(hash_key=True)
    sample_key = UnicodeAttribute(range_key=True)
    body = BinaryAttribute(legacy_encoding=False, null=True)
    expires_at = NumberAttribute()


def sample_key(taken_at: float, pod: str) -> str:
    """A key that sorts by time. A process has one sample at a time, so a retried push has the same key."""
    return sort_key(f"{_milliseconds(taken_at):013d}", pod)


def taken_at(key: str) -> float:
    """When the sample of this key was taken, Unix seconds."""
    return int(key.partition("|")[0]) / 1000


def _milliseconds(time: float) -> int:
    return round(time * 1000)


class RawStore:
    """Samples of all clusters."""

    def __init__(self, tables: Tables) -> None:
        self._items = tables.bind(RawItem, "RAW_TABLE")

    def put(self, cluster_id: str, sample: Sample, now: float) -> bool:
        """Store a sample for 48 hours from now; False if it is stored already."""
        item = self._items(
            cluster_id, sample.sample_key, body=pack_sample(sample), expires_at=int(now) + RAW_KEPT_SECONDS
        )
        try:
            with refusal_as(WriteConflictError(cluster_id)):
                item.save(condition=self._items.sample_key.does_not_exist())
        except WriteConflictError:
            return False
        return True

    def between(self, cluster_id: str, after: float, until: float) -> list[Sample]:
        """Samples taken within (after, until], oldest first."""
        keys = self._items.sample_key.between(f"{_milliseconds(after) + 1:013d}|", f"{_milliseconds(until) + 1:013d}|")
        return [self._sample(item) for item in self._items.query(cluster_id, keys, consistent_read=True)]

    def first_at(self, cluster_id: str, after: float) -> float | None:
        """When the first sample after a time was taken; None if there is none."""
        keys = self._items.sample_key > f"{_milliseconds(after) + 1:013d}|"
        item = next(iter(self._items.query(cluster_id, keys, consistent_read=True, limit=1)), None)
        return None if item is None else taken_at(item.sample_key)

    def get(self, cluster_id: str, sample_keys: Iterable[str]) -> dict[str, Sample]:
        """Samples by key, without those that have expired."""
        keys = [(cluster_id, key) for key in sample_keys]
        return {item.sample_key: self._sample(item) for item in self._items.batch_get(keys, consistent_read=True)}

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

    @staticmethod
    def _sample(item: RawItem) -> Sample:
        return unpack_sample(item.body, item.sample_key)


def _late(cluster_id: str) -> str:
    return f"{cluster_id}#late"
