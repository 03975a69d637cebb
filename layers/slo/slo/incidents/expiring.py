"""Certificates that expire soon and serve a domain of the cluster."""

from collections.abc import Iterable, Iterator

from slo.incidents.conditions import CERTIFICATE_DAYS, Condition
from slo.incidents.incident import Subject
from slo.times import DAY_SECONDS
from slo.traefik.domains import canonical
from slo.traefik.snapshots import Certificate


def expiring(certificates: Iterable[Certificate], domains: Iterable[str], now: float) -> Iterator[Condition]:
    """The certificates that expire in 21, 7 or 1 days.

    Of those with the same name, the one that is valid for the longest time counts.
    """
    names = {canonical(domain): domain for domain in domains}
    for certificate in certificates:
        left = certificate.not_after - now
        threshold = next((days for days in CERTIFICATE_DAYS if left <= days * DAY_SECONDS), None)
        served = tuple(domain for name, domain in names.items() if _serves(certificate, name))
        if threshold is None or not served:
            continue
        yield Condition(
            kind="certificate",
            severity="page" if threshold == CERTIFICATE_DAYS[0] else "ticket",
            subject=Subject(certificate=certificate.common_name or certificate.alternative_names[0]),
            since=certificate.not_after - threshold * DAY_SECONDS,
            threshold=threshold,
            expires_at=certificate.not_after,
            domains=served,
        )


def _serves(certificate: Certificate, domain: str) -> bool:
    """Whether a certificate is for this domain. A wildcard stands for one label (RFC 6125, section 6.4.3)."""
    _, _, parent = domain.partition(".")
    wanted = {domain, f"*.{parent}"} if parent else {domain}
    return any(canonical(name) in wanted for name in (certificate.common_name, *certificate.alternative_names))
