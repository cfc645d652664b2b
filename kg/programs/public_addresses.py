"""Public internet addresses: those that the server may contact on behalf of a client.

They follow the IANA special-purpose registries as in `ipaddress`, with the ranges added that some versions of Python
lack.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network

_GLOBAL_UNICAST = IPv6Network("2000::/3")  # RFC 4291, section 2.4, as allocated by IANA
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_NOT_PUBLIC: tuple[Network, ...] = tuple(
    map(
        ip_network,
        (
            "192.0.0.0/24",  # RFC 6890, protocol assignments
            "192.88.99.0/24",  # RFC 7526, relays of 6to4
            "2001::/23",  # RFC 2928, with Teredo (RFC 4380), which carries an IPv4 address
            "2002::/16",  # RFC 3056, 6to4, which carries an IPv4 address
            "3fff::/20",  # RFC 9637, documentation
        ),
    )
)


def is_public(text: str) -> bool:
    """Return True if a text is a public unicast IP address.

    Loopback, private, link-local, shared, multicast, reserved and documentation ranges are not public; neither are IPv6
    addresses that embed an IPv4 address, except NAT64, where the embedded address decides. Raises ValueError for a text
    that is not an address.
    """
    address = ip_address(text)
    if isinstance(address, IPv6Address) and address in _NAT64:
        return is_public(str(IPv4Address(int(address) & 0xFFFF_FFFF)))
    if not address.is_global or address.is_multicast or address.is_reserved or _within(address, _NOT_PUBLIC):
        return False
    return isinstance(address, IPv4Address) or address in _GLOBAL_UNICAST


def is_within(text: str, networks: Sequence[str]) -> bool:
    """Return True if an IP address lies in one of the networks, such as 127.0.0.0/8."""
    return _within(ip_address(text), [ip_network(network) for network in networks])


def _within(address: IPv4Address | IPv6Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)
