"""Names of documents and files. OpenSLO's are unique DNS labels; ours are unique only within a subject."""

import re
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256

from slo.objectives.targets import Subject

_LONGEST = 63
_HASH = 8
_CLUSTER_FILE = "_cluster.yaml"
_ALL_CLUSTERS_FILE = "_all-clusters.yaml"
"""No domain's file begins with an underscore."""


def unique[T: tuple[str, ...]](keys: Iterable[T]) -> dict[T, str]:
    """A DNS label for each key: its letters and digits, with a hash only where that would be too long or not unique."""
    slugs = {key: _slug("-".join(part for part in key if part)) for key in keys}
    often = Counter(slugs.values())
    return {key: slug if often[slug] == 1 and _fits(slug) else _hashed(slug, key) for key, slug in slugs.items()}


def file_of(subject: Subject) -> str:
    """The file for the objectives of a domain and its routes, of the whole cluster, or of all clusters."""
    domain = subject.domain
    if not domain:
        return _ALL_CLUSTERS_FILE if subject.is_everything else _CLUSTER_FILE
    kept = re.sub(r"[^a-z0-9.-]+", "-", domain).strip(".-")
    return f"{kept if kept == domain else _hashed(kept, (domain,))}.yaml"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _fits(slug: str) -> bool:
    return 0 < len(slug) <= _LONGEST


def _hashed(slug: str, key: tuple[str, ...]) -> str:
    digest = sha256("\0".join(key).encode()).hexdigest()[:_HASH]
    return f"{slug[: _LONGEST - _HASH - 1].rstrip('-.') or 'x'}-{digest}"
