"""Replay a recording of a real Traefik, or a log of pushes, through ingest, rollup and the report.

    python -m lab.replay DIR
    python -m lab.replay FILE.jsonl

DIR is a folder that `lab.record` or the agent's `--capture` wrote. Its scrapes go through the agent's parser, and time
is stretched so that the interval between two scrapes becomes a minute. FILE is a push log (`lab.push_log`), pushed at
the times that it says. Prints one JSON object: the domains as the API returns them, the counts of each rule, and three
sums that must be equal; for a push log also the pushes that ingest refused, the truth and what differs from it. The
store is in memory (moto).
"""

import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import redirect_stdout
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
import yaml

from ingress_slo_agent.answers import parse
from ingress_slo_agent.capture import OBSERVED
from ingress_slo_agent.collect import routers_in
from ingress_slo_agent.routes import Observed, routes_from
from ingress_slo_agent.rows import ExpositionError
from lab.cloud.embedded import Embedded
from lab.push_log import Push, PushLog
from slo.counting.catalogue import Entry
from slo.counting.counts import MICROSECONDS, Counts
from slo.counting.histograms import Histogram, merge
from slo.counting.windows import Window
from slo.times import HOUR_SECONDS
from slo.traefik import snapshots
from slo.traefik.snapshots import IngressMetrics, ProcessMetrics, SeriesRow, Snapshot, UnreachablePod

CLUSTER_ID = "replay"
_MINUTE = 60.0
_LABEL_OF_INF = "+Inf"


class _Starts:
    """When the processes of a recording started, as far as its scrapes tell (Unix seconds).

    Pass the scrapes in order. A start is seen early, but never before the last scrape of the pod's process before.
    """

    def __init__(self) -> None:
        self._seen: dict[str, tuple[float, float]] = {}
        self._happened: dict[tuple[str, float], float] = {}

    def of(self, pod: str, start: float, scraped_at: float) -> float:
        """When the process started whose scrape shows this start."""
        before, last_scrape = self._seen.get(pod, (start, start))
        self._seen[pod] = (start, scraped_at)
        return self._happened.setdefault((pod, start), start if before == start else max(start, last_scrape))


class Recording:
    """A folder of scrapes and manifests. Its times are stretched to `interval_seconds` between two scrapes.

    Only what happened is stretched, not how much earlier or later it was measured. The hundredths of a process' start
    stay as they are. It starts at its original time, or ends at `ends_at` (Unix seconds).
    """

    def __init__(
        self,
        folder: Path,
        *,
        cluster_id: str = CLUSTER_ID,
        interval_seconds: float = _MINUTE,
        ends_at: float | None = None,
    ) -> None:
        self._folder = folder
        self.cluster_id = cluster_id
        self._meta = json.loads((folder / "meta.json").read_text())
        self._t0 = float(self._meta["t0"])
        self._stretch = interval_seconds / float(self._meta["interval_s"])
        self._shift = 0.0
        self._starts = _Starts()
        if ends_at is not None:
            self._shift = ends_at - self._virtual(max(map(self._scheduled, self._meta["index"])))

    def snapshots(self) -> Iterator[Snapshot]:
        """The snapshots that the agent would have pushed, oldest first."""
        index = sorted(self._meta["index"], key=self._scheduled)
        self._starts = _Starts()
        for number, (scheduled, entries) in enumerate(groupby(index, key=self._scheduled)):
            yield self._snapshot(number, scheduled, list(entries))

    def pushes(self) -> Iterator[Push]:
        """These snapshots as pushes that arrive at once."""
        for snapshot in self.snapshots():
            yield Push(snapshot.sent_at, snapshot.taken_at, snapshots.encode(snapshot))

    @staticmethod
    def _scheduled(entry: dict[str, Any]) -> float:
        return float(entry.get("sched", entry["t_start"]))

    def _virtual(self, time: float) -> float:
        return self._t0 + (time - self._t0) * self._stretch + self._shift

    def _snapshot(self, number: int, scheduled: float, entries: list[dict[str, Any]]) -> Snapshot:
        taken_at = self._virtual(scheduled)
        scraped = [self._scrape(entry) for entry in entries]
        metrics = IngressMetrics(
            processes=tuple(item for item in scraped if isinstance(item, ProcessMetrics)),
            unreachable=tuple(item for item in scraped if isinstance(item, UnreachablePod)),
        )
        folder = self._epoch(scheduled)
        return Snapshot(
            cluster_id=self.cluster_id,
            snapshot_id=f"replay-{number}",
            taken_at=taken_at,
            sent_at=taken_at,
            scope="replay",
            ingress_routes=routes_from(_manifests(folder), _observed(folder), routers_in(metrics)).infos,
            ingress_metrics=metrics,
        )

    def _scrape(self, entry: dict[str, Any]) -> ProcessMetrics | UnreachablePod:
        if not entry["ok"]:
            return UnreachablePod(pod=entry["pod"], error=str(entry.get("error", "scrape failed")))
        body = gzip.decompress((self._folder / entry["file"]).read_bytes())
        date = float(entry.get("date", entry["t_start"]))
        try:
            process = parse(body, entry.get("content_type", ""), pod=entry["pod"], date=date)
        except ExpositionError as error:
            return UnreachablePod(pod=entry["pod"], error=str(error))
        scheduled = self._scheduled(entry)
        start = process.process_start_time_seconds
        happened = self._starts.of(entry["pod"], start, entry["t_start"])
        return msgspec.structs.replace(
            process,
            date=self._virtual(scheduled) + (date - scheduled),
            process_start_time_seconds=_with_hundredths_of(start, self._virtual(happened) + (start - happened)),
            rows=tuple(map(self._stretched, process.rows)),
        )

    def _stretched(self, row: SeriesRow) -> SeriesRow:
        return msgspec.structs.replace(row, created=self._virtual(row.created)) if row.created else row

    def _epoch(self, time: float) -> Path:
        """The folder of what held at a time."""
        epochs = [epoch for epoch in self._meta["epochs"] if epoch["time"] <= time] or self._meta["epochs"][:1]
        return self._folder / str(epochs[-1]["folder"])


def _manifests(folder: Path) -> list[dict[str, Any]]:
    return [
        document
        for path in sorted(folder.glob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text())
        if document
    ]


def _observed(folder: Path) -> Observed:
    """What the agent knew besides the objects. An old recording does not have it; then Traefik's usual options hold."""
    file = folder / OBSERVED
    return msgspec.json.decode(file.read_bytes(), type=Observed) if file.exists() else Observed()


def _with_hundredths_of(start: float, time: float) -> float:
    """The time nearest to `time` in the hundredths of a second of `start`."""
    apart = (start - time) % 1
    return round(time + (apart if apart < 0.5 else apart - 1), 6)


def replay(recording: Recording | PushLog) -> dict[str, Any]:
    """Push every snapshot, roll up every five minutes, and report the whole recording."""
    cluster_id = recording.cluster_id
    refused: list[dict[str, Any]] = []
    with Embedded() as embedded:
        taken: list[float] = []
        end = 0.0
        for push in recording.pushes():
            taken.append(push.taken_at)
            end = max(end, push.at, push.taken_at)
            embedded.roll_up_until(cluster_id, push.at)
            if problem := _push(embedded, cluster_id, push):
                refused.append({"at": push.at, "problem": problem})
            sys.stderr.write(f"\rpushed {len(taken)} ")
        embedded.roll_up_until(cluster_id, end + 2 * embedded.slot_seconds)
        embedded.now = end
        window = Window(int(min(taken)), int(end))
        report = embedded.query.report(cluster_id, window)
        embedded.roll_up_until(cluster_id, (end // HOUR_SECONDS + 1) * HOUR_SECONDS + embedded.slot_seconds)
        result = {
            "domains": msgspec.to_builtins(report.domains),
            "rules": _rules(embedded.entries(cluster_id), embedded.ledger_counts(cluster_id)),
            "conservation": {
                "increases": embedded.increases(cluster_id),
                "hourly": embedded.hourly_requests(cluster_id, window),
                "ledger": sum(counts.requests for counts in embedded.ledger_counts(cluster_id).values()),
            },
        }
    return result if isinstance(recording, Recording) else {**result, **_compared(recording, result, refused)}


def _push(embedded: Embedded, cluster_id: str, push: Push) -> str:
    """Push at the time of the push; returns why ingest refused it, or nothing."""
    embedded.now = push.at
    try:
        embedded.handle_push(embedded.push_event_of(cluster_id, push.body))
    except RuntimeError as error:
        return str(error)
    return ""


def _compared(log: PushLog, result: dict[str, Any], refused: list[dict[str, Any]]) -> dict[str, Any]:
    if log.truth is None:
        return {"refused": refused}
    return {"refused": refused, "truth": log.truth, "differences": log.differences(result["rules"])}


def _rules(entries: dict[int, Entry], counts: dict[int, Counts]) -> dict[str, Any]:
    by_label: dict[str, list[Entry]] = defaultdict(list)
    for entry_id in counts:
        by_label[entries[entry_id].label].append(entries[entry_id])
    return {label: _rule(by_label[label], counts) for label in sorted(by_label)}


def _rule(entries: list[Entry], counts: dict[int, Counts]) -> dict[str, Any]:
    parts = [counts[entry.id] for entry in entries]
    histogram = merge([Histogram(entry.bounds, tuple(counts[entry.id].buckets)) for entry in entries])
    codes: dict[str, int] = defaultdict(int)
    for part in parts:
        for code, count in part.codes.items():
            codes[code] += count
    labels = [*(f"{bound:g}" for bound in histogram.bounds), _LABEL_OF_INF]
    latest = max(entries, key=lambda entry: entry.id)
    return {
        "measured_by": latest.measured_by,
        "routes": [list(route) for route in latest.routes],
        "requests": sum(codes.values()),
        "codes": dict(sorted(codes.items())),
        "buckets": dict(zip(labels, histogram.counts, strict=True)),
        "duration_seconds_sum": sum(part.duration_microseconds for part in parts) / MICROSECONDS,
    }


def _source(path: Path) -> Recording | PushLog | None:
    if (path / "meta.json").is_file():
        return Recording(path)
    return PushLog(path) if path.is_file() else None


def main(arguments: list[str]) -> int:
    """Command line."""
    source = _source(Path(arguments[0])) if len(arguments) == 1 else None
    if source is None:
        sys.stderr.write(
            "usage: python -m lab.replay DIR          (a folder with meta.json, scrapes/ and manifests/)\n"
            "       python -m lab.replay FILE.jsonl   (a log of pushes)\n"
        )
        return 2
    with redirect_stdout(sys.stderr):  # the functions print their metrics once a hundred have gathered
        result = replay(source)
    sys.stdout.write(json.dumps(result) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
