"""The certificates that expire soon, of all that Traefik names in `traefik_tls_certs_not_after`.

The gauge has the labels `cn`, `sans` (DNS names, joined with commas) and `serial`, and its value is NotAfter in Unix
seconds (`appendCertMetric` in Traefik's `cmd/traefik/traefik.go`). Traefik sets it whenever its configuration changes
and never removes a series: that of a renewed certificate stays beside the new one until the process ends. So of all
certificates with the same names only the one that expires last counts, in whichever process it is.
"""

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from ingress_slo_agent.rows import MAX_SERIES, ExpositionError
from slo.times import DAY_SECONDS
from slo.traefik.naming import bounded
from slo.traefik.snapshots import (
    CERTIFICATE_DAYS,
    MAX_ALTERNATIVE_NAMES,
    MAX_CERTIFICATES,
    MAX_DOMAIN,
    MAX_NAME,
    Certificate,
)

FAMILY = "traefik_tls_certs_not_after"
_SOON_SECONDS = CERTIFICATE_DAYS * DAY_SECONDS
_DIGEST_BYTES = 16
type Series = tuple[Mapping[str, str], float]
"""The labels and the value of a certificate's series."""


class Certificates(NamedTuple):
    """What one process says of its certificates. The keys are digests of all names of a certificate."""

    expiries: Mapping[bytes, float] = {}
    """When the last certificate with these names expires, Unix seconds."""
    soon: Mapping[bytes, Certificate] = {}
    """Those of them that expire soon."""


def read(series: Iterable[Series], now: float) -> Certificates:
    """What the series of one process say. Raises ExpositionError if there are more than any Traefik has."""
    expiries: dict[bytes, float] = {}
    soon: dict[bytes, Certificate] = {}
    for number, (labels, not_after) in enumerate(series):
        if number == MAX_SERIES:
            raise ExpositionError(f"it has more than {MAX_SERIES} certificates, which no Traefik has")
        if not math.isfinite(not_after):
            raise ExpositionError(f"a certificate expires at {not_after}, which is no time")
        names = _names(labels)
        key = hashlib.blake2b("\n".join(sorted({*names})).encode(), digest_size=_DIGEST_BYTES).digest()
        if not_after <= expiries.get(key, -math.inf):
            continue
        expiries[key] = not_after
        soon.pop(key, None)
        if abs(not_after - now) < _SOON_SECONDS:
            soon[key] = _certificate(names, labels, not_after)
    return Certificates(expiries, dict(_soonest(soon)))


def expiring(processes: Iterable[Certificates]) -> tuple[Certificate, ...]:
    """The certificates that expire soon and that no process has replaced, the soonest first."""
    known = list(processes)
    expiries: dict[bytes, float] = {}
    for process in known:
        for key, not_after in process.expiries.items():
            expiries[key] = max(not_after, expiries.get(key, -math.inf))
    found = {
        key: certificate
        for process in known
        for key, certificate in process.soon.items()
        if certificate.not_after == expiries[key]
    }
    return tuple(certificate for _, certificate in _soonest(found))


def _soonest(found: Mapping[bytes, Certificate]) -> Iterator[tuple[bytes, Certificate]]:
    yield from sorted(found.items(), key=lambda item: item[1])[:MAX_CERTIFICATES]


def _names(labels: Mapping[str, str]) -> list[str]:
    """The common name, if there is one, and the alternative names."""
    return [name for name in (labels.get("cn", ""), *labels.get("sans", "").split(",")) if name]


def _certificate(names: list[str], labels: Mapping[str, str], not_after: float) -> Certificate:
    common_name = labels.get("cn", "")
    alternatives = names[1:] if common_name else names
    return Certificate(
        not_after=not_after,
        common_name=bounded(common_name if names else f"serial {labels.get('serial', '')}", MAX_NAME),
        alternative_names=tuple(bounded(name, MAX_DOMAIN) for name in alternatives[:MAX_ALTERNATIVE_NAMES]),
    )
