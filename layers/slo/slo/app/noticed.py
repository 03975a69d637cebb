"""What a reader should know about the figures of a window: gaps, pods that are missing, statuses that Traefik hides."""

from slo.api.answers import GapAnswer
from slo.counting.catalogue import Catalogue
from slo.counting.codes import GRPC_OK, GRPC_UNKNOWN
from slo.counting.gaps import Unreachable
from slo.counting.ledger import Difference
from slo.times import utc

_GAPS_SHOWN = 20
_PODS_WARNED = 3


def gaps(part: Difference) -> tuple[GapAnswer, ...]:
    """The longest gaps that ended in the window, and those that go on at its end, oldest first."""
    ended = [GapAnswer(pods=gap.pods, start=utc(gap.start), end=utc(gap.end)) for gap in part.gaps]
    lasting = [GapAnswer(pods=(pod,), start=utc(each.since), end=None) for pod, each in _missing(part)]
    longest = sorted(ended, key=lambda gap: gap.start - (gap.end or gap.start))[: _GAPS_SHOWN - len(lasting)]
    return tuple(sorted((*longest, *lasting), key=lambda gap: gap.start))


def noticed(part: Difference, catalogue: Catalogue) -> list[str]:
    """Warnings about the window."""
    return [*map(_pod_warning, _missing(part)[:_PODS_WARNED]), *_hidden_statuses(part, catalogue)]


def _missing(part: Difference) -> list[tuple[str, Unreachable]]:
    """The pods that have not answered for long at the end of the window, the longest first."""
    missing = [(pod, each) for pod, each in part.unreachable.items() if each.is_long]
    return sorted(missing, key=lambda item: item[1].since)[:_GAPS_SHOWN]


def _pod_warning(missing: tuple[str, Unreachable]) -> str:
    pod, silence = missing
    since = f"{utc(silence.since):%Y-%m-%d %H:%M} UTC"
    return f"Traefik pod {pod} has not answered since {since}: its requests are missing."


def _hidden_statuses(part: Difference, catalogue: Catalogue) -> list[str]:
    entries = catalogue.by_id()
    labels = [entries[entry_id].label for entry_id in part.counts.having(GRPC_UNKNOWN, GRPC_OK) if entry_id in entries]
    if not labels:
        return []
    named = labels[0] if len(labels) == 1 else f"{labels[0]} and {len(labels) - 1} more"
    return [
        f"Traefik counts gRPC calls of {named} as UNKNOWN and none as OK. It does not see a status in trailers that "
        "the server has not announced, so these calls may have gone well."
    ]
