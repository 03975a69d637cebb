"""Which addresses a message may be sent to: those of the internet, and none of a network of ours."""

import ipaddress
import socket
import threading
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

from slo.channels.failures import PermanentError, TemporaryError

Resolver = Callable[[str, int], list[str]]
"""Addresses of a host and port. Raises OSError."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""RFC 6052: the last 32 bits are an address of IPv4."""


def is_public(text: str) -> bool:
    """Whether an address is one of the internet.

    Not public are loopback, link-local (with AWS's metadata), private, shared, multicast, reserved and undefined ones
    (https://www.iana.org/assignments/iana-ipv4-special-registry/, .../iana-ipv6-special-registry/), and those of IPv6
    that stand for one of IPv4: mapped, 6to4 and Teredo. NAT64's are public if what they stand for is.
    """
    address = ipaddress.ip_address(text.partition("%")[0])
    if address in _NAT64:
        return _is_global(IPv4Address(int(address) & 0xFFFFFFFF))
    return _is_global(address)


def _is_global(address: IPv4Address | IPv6Address) -> bool:
    is_odd = address.is_multicast or address.is_reserved or getattr(address, "is_site_local", False)
    return address.is_global and not is_odd


def by_dns(host: str, port: int) -> list[str]:
    """What the machine's resolver says, which also reads `2130706433` and `0x7f.1` as addresses."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def addresses_of(host: str, port: int, seconds: float, resolve: Resolver, *, allow_private: bool) -> list[str]:
    """The addresses of a host. Raises TemporaryError if there is no answer, PermanentError if one is not public.

    One that is not public refuses all of them: a name of the internet has no such address.
    """
    found = _in_time(host, port, seconds, resolve)
    if not found:
        raise TemporaryError("The name of the receiver has no address.")
    if not allow_private and not all(map(is_public, found)):
        raise PermanentError(
            "The receiver's address is private, loopback, link-local or reserved. "
            "Such targets are allowed with the parameter AllowPrivateTargets=true."
        )
    return found


def _in_time(host: str, port: int, seconds: float, resolve: Resolver) -> list[str]:
    """The system's resolver knows no limit of time, so it is asked in a thread that nobody waits for any longer."""
    answer: list[list[str]] = []

    def ask() -> None:
        try:
            answer.append(resolve(host, port))
        except (OSError, UnicodeError):
            answer.append([])

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    if not answer:
        raise TemporaryError("The name of the receiver was not resolved in time.")
    return answer[0]
