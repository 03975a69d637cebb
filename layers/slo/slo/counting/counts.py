"""Counts: what a rule (or any sum of rules) has served, as cumulative values or as an increase.

Counts are integers, so sums and differences are exact. Durations are whole microseconds for the same reason.
"""

from collections.abc import Iterable, Mapping
from itertools import accumulate, pairwise

import msgspec

from slo.counting.codes import is_error

MICROSECONDS = 1_000_000
DURATION_NOISE_MICROSECONDS = 1_000
"""A sum of floats may differ in its last digits between scrapes. A reset differs by far more."""


class Counts(msgspec.Struct):
    """Requests by status code and by method, and their latencies.

    `codes` are written as in `slo.counting.codes`. `buckets` are cumulative (`le`) counts over ascending bounds, which
    are stored elsewhere. The last one is +Inf: the number of observed latencies. WebSockets and server-sent events are
    in `codes` and `methods` but have no latency.
    """

    codes: dict[str, int] = {}
    methods: dict[str, int] = {}
    buckets: list[int] = []
    duration_microseconds: int = 0

    @property
    def requests(self) -> int:
        """Requests of any status."""
        return sum(self.codes.values())

    @property
    def errors(self) -> int:
        """Requests that ended in a server error (5xx, or such a gRPC status)."""
        return sum([count for code, count in self.codes.items() if is_error(code)])

    @property
    def observations(self) -> int:
        """The number of latencies."""
        return self.buckets[-1] if self.buckets else 0

    @property
    def is_empty(self) -> bool:
        """Whether it counts nothing."""
        return not (self.codes or self.methods or self.duration_microseconds or any(self.buckets))

    def add(self, other: "Counts") -> None:
        """Add in place. Both must have the same bucket bounds, or one must have no buckets."""
        _add(self.codes, other.codes)
        _add(self.methods, other.methods)
        if self.buckets and other.buckets:
            self.buckets = [a + b for a, b in zip(self.buckets, other.buckets, strict=True)]
        else:
            self.buckets = self.buckets or list(other.buckets)
        self.duration_microseconds += other.duration_microseconds

    def plus(self, other: "Counts") -> "Counts":
        """The sum; changes neither operand."""
        return total((self, other))

    def minus(self, earlier: "Counts") -> "Counts":
        """The increase since `earlier`, if no value fell."""
        return Counts(
            codes=_minus(self.codes, earlier.codes),
            methods=_minus(self.methods, earlier.methods),
            buckets=self._buckets_since(earlier),
            duration_microseconds=max(0, self.duration_microseconds - earlier.duration_microseconds),
        )

    def fell_since(self, earlier: "Counts") -> bool:
        """Whether any value is below its earlier one, which means that the counters were reset.

        The series of one rule come and go together, so if one fell or vanished, all were reset. Buckets that were not
        there before are no fall: a process has no bounds until it has observed its first latency.
        """
        return (
            any(self.codes.get(code, 0) < count for code, count in earlier.codes.items())
            or any(self.methods.get(method, 0) < count for method, count in earlier.methods.items())
            or self._buckets_fell_since(earlier)
            or self.duration_microseconds < earlier.duration_microseconds - DURATION_NOISE_MICROSECONDS
        )

    def without(self, booked: "Counts") -> tuple["Counts", "Counts"]:
        """What remains if as much as possible of `booked` is taken off, and what remains of `booked`."""
        codes = _common(self.codes, booked.codes)
        taken = Counts(
            codes=codes,
            methods=_first(sum(codes.values()), _common(self.methods, booked.methods), self.methods),
            buckets=self._buckets_common_to(booked),
            duration_microseconds=min(self.duration_microseconds, booked.duration_microseconds),
        )
        return self.minus(taken), booked.minus(taken)

    def _buckets_common_to(self, other: "Counts") -> list[int]:
        if len(self.buckets) != len(other.buckets):
            return [min(self.observations, other.observations)]
        return list(accumulate(map(min, _inside(self.buckets), _inside(other.buckets))))

    def _buckets_since(self, earlier: "Counts") -> list[int]:
        if len(self.buckets) == len(earlier.buckets):
            return [new - old for new, old in zip(self.buckets, earlier.buckets, strict=True)]
        gained = self.observations - earlier.observations
        return [min(count, gained) for count in self.buckets]

    def _buckets_fell_since(self, earlier: "Counts") -> bool:
        if len(self.buckets) == len(earlier.buckets):
            return any(new < old for new, old in zip(self.buckets, earlier.buckets, strict=True))
        return self.observations < earlier.observations


class Span(msgspec.Struct, frozen=True):
    """What was counted from `start` to `end` (Unix seconds); `counts` by catalogue entry id."""

    start: int
    end: int
    has_data: bool
    counts: Mapping[int, Counts]
    delayed: Mapping[int, Counts] = {}
    """The part of `counts` that was counted at the end of a gap."""
    delayed_since: int = 0
    """When the first of these gaps began, Unix seconds."""


def total(parts: Iterable[Counts]) -> Counts:
    """The sum of counts that share their bucket bounds."""
    result = Counts()
    for part in parts:
        result.add(part)
    return result


def _add(into: dict[str, int], other: dict[str, int]) -> None:
    for key, count in other.items():
        into[key] = into.get(key, 0) + count


def _minus(later: dict[str, int], earlier: dict[str, int]) -> dict[str, int]:
    return {key: rest for key, count in later.items() if (rest := count - earlier.get(key, 0)) > 0}


def _common(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {key: min(count, other[key]) for key, count in one.items() if key in other}


def _first(requests: int, *choices: dict[str, int]) -> dict[str, int]:
    """So many requests, from the first choice as far as it goes."""
    found: dict[str, int] = {}
    for choice in choices:
        for key, count in choice.items():
            more = min(count - found.get(key, 0), requests - sum(found.values()))
            found[key] = found.get(key, 0) + more
    return {key: count for key, count in found.items() if count}


def _inside(cumulative: list[int]) -> list[int]:
    return [count - below for below, count in pairwise([0, *cumulative])]
