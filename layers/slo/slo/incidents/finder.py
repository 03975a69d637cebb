"""Finds the conditions of a cluster in a scene.

The conditions of a domain include those of its routes: if only some routes fail, they are named.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import partial
from typing import NamedTuple

import msgspec

from slo.counting.catalogue import Catalogue, Entry
from slo.incidents.conditions import (
    BUDGET_USED,
    Asked,
    Condition,
    DomainFigures,
    Findings,
    Key,
    strongest,
)
from slo.incidents.expiring import expiring
from slo.incidents.incident import Failing, FailingRoute, Kind, Subject
from slo.incidents.scene import Scene
from slo.incidents.silence import quiet_domains, unreachable_pods
from slo.incidents.thresholds import Thresholds
from slo.objectives.burn_rates import BurnRatePair, Severity, alert_state, burns, pairs_of
from slo.objectives.error_budget import error_budget_remaining, expected_requests
from slo.objectives.exclusions import Exclusion
from slo.objectives.objective import Followed, Objectives
from slo.objectives.periods import Period
from slo.objectives.targets import LatencyObjective, Target, ratio
from slo.times import MINUTE_SECONDS
from slo.traefik.domains import canonical
from slo.traefik.snapshots import Certificate

_LONGER_SECONDS = tuple(MINUTE_SECONDS * minutes for minutes in (5, 10, 15, 20, 30, 60, 120, 360))
"""Windows in which few requests may all have failed."""
_TRICKLE_SECONDS = tuple(MINUTE_SECONDS * minutes for minutes in (30, 120, 360))
"""The short windows of burn rates, whose ledgers are read anyway."""
_NOW_SECONDS = 5 * MINUTE_SECONDS
_BUDGET_CALM = 0.45
"""An incident of the first ratio goes on above this one, so that it does not open and resolve again and again."""
_NEARLY = 1 - 1e-9
"""Rounding hides nothing."""


class Finder:
    """Finds the conditions of one cluster."""

    def __init__(self, catalogue: Catalogue, objectives: Objectives, thresholds: Thresholds) -> None:
        self._objectives, self._thresholds = objectives, thresholds
        self._paths = {
            domain: {
                path: catalogue.entries_of.get((domain, path), ())
                for path, declaration in paths.items()
                if any(route.retired_at is None for route in declaration.routes)
            }
            for domain, paths in catalogue.declarations.items()
        }
        self._of_domains = {domain: _each_once(paths.values()) for domain, paths in self._paths.items()}
        self._checks: dict[tuple[Target, int], dict[int, float]] = {}
        self._subjects = [
            _Subject(
                domain,
                path,
                frozenset(entry.id for entry in entries),
                objectives.followed(domain, path or ""),
                self._checks_of(objectives.followed(domain, path or "")),
            )
            for domain in self._paths
            for path, entries in self._with_routes(domain)
        ]

    def find(
        self,
        scene: Scene,
        certificates: Iterable[Certificate],
        asked: Sequence[Asked] = (),
        longest_silence: Callable[[str, int], float | None] = lambda _domain, _before: None,
        held: Sequence[Exclusion] = (),
    ) -> Findings:
        """Everything that is wrong in a scene.

        `longest_silence` returns the longest time in seconds that a domain had no request in the week before a time;
        None if there was an hour without any. `held` are the exclusions that hold now: what they exclude is neither
        wrong nor calm.
        """
        tallied = self._tallied(scene)
        suspected = self._suspected(scene, tallied)
        if self._objectives.has_latency_objectives:
            suspected |= {name for name in self._paths if self._has_latency_objective(name)}
        spent = self._spent(scene, tallied, {each.key for each in asked})
        domains = suspected | spent.keys()
        domains |= {each.key.subject.domain for each in asked if each.key.subject.domain in self._paths}
        scene.look_at({entry.id for name in domains for entry in self._entries(name)})
        failing = [each for name in sorted(suspected) for each in self._of_domain(scene, name)]
        failing += [self._together(scene, name, verdicts) for name, verdicts in sorted(spent.items())]
        quiet = quiet_domains(scene, self._of_domains, longest_silence)
        others = [
            *unreachable_pods(scene, self._thresholds.silent_seconds),
            *(self._told(each) for each in quiet if not _is_held(each.subject.domain, "", held)),
            *expiring(certificates, self._paths, scene.at),
        ]
        figures = {each.key: self._figures(scene, each.key, each.path_prefix, each.latency) for each in asked}
        by_key: dict[Key, list[Condition]] = {}
        for each in failing:
            by_key.setdefault(each.key, []).append(each)
        for each in map(strongest, by_key.values()):
            latency = each.latency
            figures.setdefault(each.key, self._figures(scene, each.key, each.path_prefix, latency))
        return Findings(
            at=scene.at,
            conditions=(*failing, *others),
            figures={key: found for key, found in figures.items() if found is not None},
            unknown=frozenset(each.key for each in asked if self._is_unknown(scene, each, held)),
        )

    def _with_routes(self, domain: str) -> list[tuple[str | None, Sequence[Entry]]]:
        """The entries of a domain as a whole, and of each of its routes."""
        return [(None, self._entries(domain)), *self._paths[domain].items()]

    def _entries(self, domain: str, path: str | None = None) -> Sequence[Entry]:
        if path is None:
            return self._of_domains.get(domain, ())
        return self._paths.get(domain, {}).get(path, ())

    def _tallied(self, scene: Scene) -> dict[int, dict[int, tuple[int, int]]]:
        """Requests and errors by window in seconds and entry id, in the short window of any condition."""
        lengths = {seconds for checks in self._checks.values() for seconds in checks}
        lengths |= {_seconds(subject.followed.period, scene.at) for subject in self._subjects}
        scene.read(lengths)
        return {seconds: scene.tallied(seconds) for seconds in (*lengths, *scene.recent_seconds)}

    def _suspected(self, scene: Scene, tallied: Mapping[int, Mapping[int, tuple[int, int]]]) -> set[str]:
        """The domains that fail, or have a route that fails, more than allowed in such a window."""
        failing = {seconds: {key for key, (_, errors) in each.items() if errors} for seconds, each in tallied.items()}
        recent = dict.fromkeys(scene.recent_seconds, self._thresholds.outage_share)
        return {
            subject.domain
            for subject in self._subjects
            if any(
                _fails(subject.ids, tallied[seconds], share)
                for seconds, share in (*subject.checks.items(), *recent.items())
                if not failing[seconds].isdisjoint(subject.ids)
            )
        }

    def _spent(
        self, scene: Scene, tallied: Mapping[int, Mapping[int, tuple[int, int]]], asked: Set[Key]
    ) -> dict[str, list[tuple[str | None, "_Verdict"]]]:
        """What has used a good part of its error budget, by domain."""
        found: dict[str, list[tuple[str | None, _Verdict]]] = {}
        for domain, path, ids, followed, _ in self._subjects:
            target, seconds = followed.target, _seconds(followed.period, scene.at)
            period = _sum(ids, tallied[seconds])
            if not period.errors or period.requests < target.minimum_requests:
                continue
            allowed, of = target.allowed_errors
            used = _served_share(scene, followed.period) * period.errors * of / (period.requests * allowed)
            passed = [ratio for ratio in BUDGET_USED if used >= ratio]
            is_open = used >= _BUDGET_CALM and Key("budget", Subject(domain=domain)) in asked
            if passed or is_open:
                threshold = passed[-1] if passed else BUDGET_USED[0]
                verdict = _Verdict("budget", "ticket", seconds, period, followed, threshold=threshold)
                found.setdefault(domain, []).append((path, verdict))
        return found

    def _checks_of(self, followed: Followed) -> dict[int, float]:
        """By window in seconds, the share of errors from which the subject has to be looked at."""
        target, days = followed.target, followed.period.days
        if (target, days) not in self._checks:
            allowed, of = target.allowed_errors
            checks = {pair.short_seconds: pair.factor * allowed / of for pair in reversed(pairs_of(days))}
            checks = {seconds: min(share, 1.0) for seconds, share in checks.items()}
            for seconds in _TRICKLE_SECONDS:
                checks[seconds] = min(self._thresholds.trickle_share, checks.get(seconds, 1.0))
            self._checks[target, days] = {seconds: share * _NEARLY for seconds, share in checks.items()}
        return self._checks[target, days]

    def _has_latency_objective(self, domain: str) -> bool:
        targets = (self._objectives.followed(domain, path).target for path in ("", *self._paths[domain]))
        return any(target.latency_objective is not None for target in targets)

    def _of_domain(self, scene: Scene, domain: str) -> Iterator[Condition]:
        """The conditions of a domain and of its routes, one for each kind, severity and window."""
        found: dict[tuple[Kind, Severity, int], list[tuple[str | None, _Verdict]]] = {}
        for path, entries in self._with_routes(domain):
            followed = self._objectives.followed(domain, path or "")
            for verdict in self._verdicts(scene, entries, followed):
                pair = 0 if verdict.kind == "outage" else verdict.reset_seconds
                found.setdefault((verdict.kind, verdict.severity, pair), []).append((path, verdict))
        for verdicts in found.values():
            yield self._together(scene, domain, verdicts)

    def _together(self, scene: Scene, domain: str, verdicts: list[tuple[str | None, "_Verdict"]]) -> Condition:
        """One condition of what the domain as a whole and its routes show."""
        whole = next((verdict for path, verdict in verdicts if path is None), None)
        of_routes = [(path, verdict) for path, verdict in verdicts if path is not None]
        path_prefix = self._only_route(scene, domain, whole, [path for path, _ in of_routes])
        first = of_routes[0][1] if path_prefix else whole or of_routes[0][1]
        seen = first.seen
        if not path_prefix and whole is None and first.kind != "latency":
            seen = scene.count(self._entries(domain), first.seconds) or Failing()
        worst = sorted(of_routes, key=lambda item: (-item[1].seen.errors, item[0]))
        return Condition(
            kind=first.kind,
            severity=first.severity,
            subject=Subject(domain=domain),
            path_prefix=path_prefix,
            since=scene.start_of(first.seconds),
            seen=seen,
            reset_seconds=max(verdict.reset_seconds for _, verdict in verdicts),
            routes=tuple(
                FailingRoute(path_prefix=path, requests=each.seen.requests, errors=each.seen.errors)
                for path, each in worst
            ),
            followed=first.followed,
            channels=_channels([first] if path_prefix else [verdict for _, verdict in verdicts]),
            threshold=max((each.threshold for _, each in verdicts if each.threshold is not None), default=None),
        )

    def _only_route(self, scene: Scene, domain: str, whole: "_Verdict | None", failing: Sequence[str]) -> str:
        """The route that fails alone; empty if there are several, or none."""
        if len(failing) != 1:
            return ""
        if whole is None or whole.kind == "latency":
            return failing[0]
        own = scene.count(self._paths[domain][failing[0]], whole.seconds)
        return failing[0] if own is not None and own.errors == whole.seen.errors else ""

    def _verdicts(self, scene: Scene, entries: Sequence[Entry], followed: Followed) -> Iterator["_Verdict"]:
        target, days = followed.target, followed.period.days
        count = partial(scene.count, entries)
        verdict = partial(_Verdict, followed=followed)
        if (outage := self._outage(scene, count)) is not None:
            yield verdict("outage", "page", *outage, reset_seconds=outage[0])
        for pair in _firing(scene, days, count, target.allowed_errors, target.minimum_requests):
            seen = count(pair.short_seconds) or Failing()
            yield verdict("burn", pair.severity, pair.short_seconds, seen, reset_seconds=pair.short_seconds)
        if (trickle := self._trickle(count)) is not None:
            yield verdict("trickle", "ticket", *trickle, reset_seconds=_TRICKLE_SECONDS[0])
        if (objective := target.latency_objective) is not None:
            slow = partial(scene.slow, entries, objective=objective)
            wanted, of = ratio(objective.share)
            for pair in _firing(scene, days, slow, (of - wanted, of), target.minimum_requests):
                seen = slow(pair.short_seconds) or Failing()
                yield verdict("latency", pair.severity, pair.short_seconds, seen, reset_seconds=pair.short_seconds)

    def _outage(self, scene: Scene, count: "_Count") -> tuple[int, Failing] | None:
        """The time in which enough requests failed: the longest such window, less what came before its first error."""
        thresholds = self._thresholds
        for seconds in reversed(scene.recent_seconds):
            seen = count(seconds)
            if seen is None or seen.requests < thresholds.outage_requests:
                continue
            if seen.errors >= thresholds.outage_share * seen.requests * _NEARLY:
                shorter = ((each, count(each) or Failing()) for each in scene.recent_seconds)
                return next((each, own) for each, own in shorter if own.errors == seen.errors)
        for seconds in _LONGER_SECONDS:
            seen = count(seconds)
            if seen is None or seen.errors < seen.requests:
                return None
            if seen.requests >= thresholds.outage_requests:
                return seconds, seen
        return None

    def _trickle(self, count: "_Count") -> tuple[int, Failing] | None:
        """The shortest window in which enough requests failed, if the last ones fail, too."""
        thresholds = self._thresholds
        for seconds in _TRICKLE_SECONDS:
            seen = count(seconds)
            if seen is None or seen.requests < thresholds.trickle_requests:
                continue
            if seen.errors >= thresholds.trickle_share * seen.requests * _NEARLY:
                return (seconds, seen) if _still_fails(count) else None
        return None

    def _told(self, quiet: Condition) -> Condition:
        """A domain's silence goes where its other incidents go, although no objective judges it."""
        return msgspec.structs.replace(quiet, channels=(self._objectives.followed(quiet.subject.domain).channel,))

    def _figures(
        self, scene: Scene, key: Key, path_prefix: str, latency: LatencyObjective | None
    ) -> DomainFigures | None:
        domain = key.subject.domain
        if domain not in self._paths:
            return None
        entries = self._entries(domain, path_prefix or None)
        followed = self._objectives.followed(domain, path_prefix)
        seen = scene.count(entries, _seconds(followed.period, scene.at)) or Failing()
        expected = expected_requests(seen.requests, followed.period, scene.at)
        allowed, of = followed.target.allowed_errors
        return DomainFigures(
            total=scene.total(entries, latency),
            budget_remaining=error_budget_remaining(expected, seen.errors, followed.target),
            allowed_errors=expected * allowed / of,
        )

    def _is_unknown(self, scene: Scene, asked: Asked, held: Sequence[Exclusion]) -> bool:
        domain = asked.key.subject.domain
        if domain not in self._paths:
            return False
        return _is_held(domain, asked.path_prefix, held) or scene.count(self._entries(domain), _NOW_SECONDS) is None


class _Subject(NamedTuple):
    """A domain as a whole, or one of its routes."""

    domain: str
    path: str | None
    ids: frozenset[int]
    """Of its entries."""
    followed: Followed
    checks: dict[int, float]
    """By window in seconds, the share of errors from which it has to be looked at."""


class _Verdict(msgspec.Struct, frozen=True):
    """What is wrong with a domain as a whole or with one route."""

    kind: Kind
    severity: Severity
    seconds: int
    seen: Failing
    followed: Followed
    reset_seconds: int = 0
    threshold: float | None = None


_Count = Callable[[int], Failing | None]


def _channels(verdicts: Iterable[_Verdict]) -> tuple[str, ...]:
    return tuple(sorted({verdict.followed.channel for verdict in verdicts}))


def _each_once(found: Iterable[Iterable[Entry]]) -> tuple[Entry, ...]:
    return tuple({entry.id: entry for entries in found for entry in entries}.values())


def _is_held(domain: str, path_prefix: str, held: Sequence[Exclusion]) -> bool:
    return any(each.covers(canonical(domain), path_prefix) for each in held)


def _seconds(period: Period, at: int) -> int:
    """How much of a period is behind us."""
    return max(1, at - period.start(at))


def _served_share(scene: Scene, period: Period) -> float:
    """The share of a period that is behind us and was seen: of what is to come, nothing has failed yet."""
    return scene.observed(_seconds(period, scene.at)) * period.elapsed(scene.at)


def _firing(
    scene: Scene, period_days: int, count: _Count, allowed: tuple[int, int], minimum_requests: int
) -> Iterator[BurnRatePair]:
    """The pairs of windows that fire."""
    for pair in pairs_of(period_days):
        short = count(pair.short_seconds)
        if short is None or not burns(short, pair.factor, allowed):  # then the long window need not be read
            continue
        long, observed = count(pair.long_seconds), scene.observed(pair.long_seconds)
        if long is None:
            continue
        if alert_state(pair, long, short, allowed, minimum_requests, observed) == "firing":
            yield pair


def _still_fails(count: _Count) -> bool:
    """Whether at least half of the last requests failed: those of the shortest window with more than one."""
    for seconds in (_NOW_SECONDS, *_TRICKLE_SECONDS):
        seen = count(seconds)
        if seen is not None and seen.requests > 1:
            return 2 * seen.errors >= seen.requests
    return False


def _sum(ids: Iterable[int], tallied: Mapping[int, tuple[int, int]]) -> Failing:
    seen = [tallied[key] for key in ids if key in tallied]
    return Failing(sum([requests for requests, _ in seen]), sum([errors for _, errors in seen]))


def _fails(ids: Iterable[int], tallied: Mapping[int, tuple[int, int]], share: float) -> bool:
    seen = _sum(ids, tallied)
    return seen.requests > 0 and seen.errors >= share * seen.requests
