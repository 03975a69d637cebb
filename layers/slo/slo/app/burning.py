"""Burning: which domains and routes spend their error budget now so fast that an alert fires.

An alert fires only if its short window burns. The error rate of a domain or route is at most that of its worst entry,
so only those with an entry that fails more than any target allows are looked at. All others cost a few sums.
"""

from collections.abc import Mapping, Sequence, Set
from concurrent.futures import Future

import msgspec

from slo.app.views import View, Views
from slo.counting.catalogue import Entry
from slo.counting.ledger import Difference, Ledger, LedgerRows, difference
from slo.counting.windows import ending_at
from slo.objectives.burn_rates import BurnRate, BurnRates, Severity, burn_rate, evaluate, pairs_of, windows_of
from slo.objectives.reports import DomainReport, Reporter
from slo.objectives.targets import Target

_NEARLY = 1 - 1e-9
"""Rounding hides nothing that burns."""


class Burning:
    """Marks what burns."""

    def __init__(self, views: Views) -> None:
        self._views = views

    def reading(self, view: View) -> Future[dict[int, Ledger]]:
        """Begin to read the ledgers of all windows, while the caller computes reports. `marked` needs the result."""
        return self._views.reading(view, [*self._starts(view).values(), view.state.watermark])

    def marked(
        self,
        view: View,
        reporter: Reporter,
        domains: Sequence[DomainReport],
        ledgers: Mapping[int, Ledger],
    ) -> tuple[DomainReport, ...]:
        """The domains, with what burns marked in them and in their routes. `ledgers` are those of `reading`."""
        end, starts = view.state.watermark, self._starts(view)
        failing = _failing(view, ledgers, starts)
        if not failing:
            return tuple(domains)
        of_domains = {domain.domain: reporter.entries(domain.domain) for domain in domains}
        suspected = {name: entries for name, entries in of_domains.items() if _any_of(entries, failing)}
        ids = {entry.id for entries in suspected.values() for entry in entries}
        small = {time: _only(ledger, ids) for time, ledger in ledgers.items()}
        windows = {seconds: difference(small[start], small[end], start, end) for seconds, start in starts.items()}
        return tuple(
            _marked(domain, view, reporter, windows, failing) if domain.domain in suspected else domain
            for domain in domains
        )

    def _starts(self, view: View) -> dict[int, int]:
        """Where the windows of burn rates begin, by their length in seconds."""
        end, slot_seconds = view.state.watermark, self._views.slot_seconds
        lengths = {seconds for days in view.objectives.periods for seconds in windows_of(days)}
        return {seconds: max(0, ending_at(end, seconds, slot_seconds)[0].start) for seconds in lengths}


def _failing(view: View, ledgers: Mapping[int, Ledger], starts: Mapping[int, int]) -> set[int]:
    """The entries that fail, in a short window, more than any target allows."""
    allowed = view.objectives.strictest * _NEARLY
    every = [pair for days in view.objectives.periods for pair in pairs_of(days)]
    short = {pair.short_seconds: pair.factor for pair in sorted(every, key=lambda pair: -pair.factor)}
    later = ledgers[view.state.watermark]
    now = LedgerRows.of(later.rows)
    failing = set(later.delayed)
    for seconds, factor in short.items():
        failing |= now.failing_since(LedgerRows.of(ledgers[starts[seconds]].rows), factor * allowed)
    return failing


def _any_of(entries: Sequence[Entry], failing: Set[int]) -> bool:
    return any(entry.id in failing for entry in entries)


def burn_rates(
    entries: Sequence[Entry], windows: Mapping[int, Difference], target: Target, period_days: int
) -> BurnRates:
    """The burn rates of some entries together, given the difference of each window of the period's pairs."""

    def rate(seconds: int, window: Difference) -> BurnRate:
        seen = window.placed.figures
        counted = [seen[entry.id] for entry in entries if entry.id in seen]
        requests, errors = sum(each.requests for each in counted), sum(each.errors for each in counted)
        is_whole = window.observable_seconds >= window.end - window.start
        observed = 1.0 if is_whole else min(1.0, window.observable_seconds / seconds)
        return burn_rate(seconds, requests, errors, target, has_data=window.has_data, observed=observed)

    asked = windows_of(period_days)
    return evaluate([rate(seconds, windows[seconds]) for seconds in asked], target, pairs_of(period_days))


def _only(ledger: Ledger, entry_ids: set[int]) -> Ledger:
    rows, delayed = LedgerRows.of(ledger.rows), LedgerRows.of(ledger.delayed)
    return msgspec.structs.replace(ledger, rows=rows.only(entry_ids), delayed=delayed.only(entry_ids))


def _marked(
    domain: DomainReport, view: View, reporter: Reporter, windows: Mapping[int, Difference], failing: Set[int]
) -> DomainReport:
    name = domain.domain

    def severity(path: str | None) -> Severity | None:
        entries = reporter.entries(name, path)
        if not _any_of(entries, failing):
            return None
        followed = view.objectives.followed(name, path or "")
        state = burn_rates(entries, windows, followed.target, followed.period.days).state
        return state if state == "page" or state == "ticket" else None

    routes = tuple(msgspec.structs.replace(route, burning=severity(route.path_prefix)) for route in domain.routes)
    return msgspec.structs.replace(domain, burning=severity(None), routes=routes)
