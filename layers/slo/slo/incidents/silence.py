"""Silence: Traefik pods that cannot be reached, and domains that have no requests although they always have some."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from slo.counting.catalogue import Entry
from slo.incidents.conditions import Condition
from slo.incidents.incident import Subject
from slo.incidents.scene import Scene
from slo.times import DAY_SECONDS, MINUTE_SECONDS

_AT_LEAST_SECONDS = 15 * MINUTE_SECONDS
_FACTOR = 2
"""Silence is unusual if it lasts this many times as long as any of the last week. A domain with one request a minute is
quiet for 18 minutes once in 1,500 months, and for longer than in the week before nearly every week."""


def unreachable_pods(scene: Scene, silent_seconds: float) -> Iterator[Condition]:
    """The pods that could not be scraped for so long."""
    for pod, missing in sorted(scene.unreachable.items()):
        if scene.at - missing.since >= silent_seconds:
            yield Condition(kind="silent", severity="ticket", subject=Subject(pod=pod), since=missing.since)


def quiet_domains(
    scene: Scene, domains: Mapping[str, Sequence[Entry]], longest_silence: Callable[[str, int], float | None]
) -> Iterator[Condition]:
    """The domains that had traffic in each hour of a week, and have none for longer than ever in it.

    `longest_silence` is that of `Finder.find`. While a pod cannot be reached nobody knows what is silent.
    """
    if scene.unreachable:
        return
    last = scene.last_requests()
    for domain, entries in domains.items():
        at = max((last.get(entry.id, 0) for entry in entries), default=0)
        silence = scene.at - at
        if not _AT_LEAST_SECONDS <= silence <= 7 * DAY_SECONDS or not scene.is_whole_since(at):
            continue
        longest = longest_silence(domain, at)
        if longest is not None and silence > max(_AT_LEAST_SECONDS, _FACTOR * longest):
            yield Condition(kind="silent", severity="page", subject=Subject(domain=domain), since=at)
