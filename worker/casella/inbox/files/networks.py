"""Which IP addresses belong to the internet, by a table of our own: what the interpreter calls global differs between
its versions, and an old one lets an attacker in.

Source: IANA's registries of special-purpose IPv4 and IPv6 addresses (RFC 6890, RFC 8190) as of 29 November 2026, and
of multicast. What they call globally reachable for some protocol only (relays, anycast of AS112, ORCHIDs) serves no
file to anybody, so it is refused with the rest.
"""

from __future__ import annotations

import ipaddress

_IPV4 = tuple(
    ipaddress.IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # "this network" (RFC 791)
        "10.0.0.0/8",  # private use (RFC 1918)
        "100.64.0.0/10",  # carriers' shared space (RFC 6598); clouds' metadata lies here, too
        "127.0.0.0/8",  # loopback (RFC 1122)
        "169.254.0.0/16",  # link-local (RFC 3927); clouds' metadata
        "172.16.0.0/12",  # private use (RFC 1918)
        "192.0.0.0/24",  # IETF protocol assignments (RFC 6890), with DS-Lite and the dummy address
        "192.0.2.0/24",  # documentation (RFC 5737)
        "192.31.196.0/24",  # AS112 (RFC 7535)
        "192.52.193.0/24",  # AMT (RFC 7450)
        "192.88.99.0/24",  # 6to4's relays, withdrawn (RFC 7526)
        "192.168.0.0/16",  # private use (RFC 1918)
        "192.175.48.0/24",  # AS112 (RFC 7534)
        "198.18.0.0/15",  # benchmarks (RFC 2544)
        "198.51.100.0/24",  # documentation (RFC 5737)
        "203.0.113.0/24",  # documentation (RFC 5737)
        "224.0.0.0/4",  # multicast (RFC 5771)
        "240.0.0.0/4",  # reserved (RFC 1112), with limited broadcast
    )
)
_IPV6_UNICAST = ipaddress.IPv6Network("2000::/3")
"""All that has been given out as global unicast (RFC 4291); whatever lies outside is special."""
_IPV6 = tuple(
    ipaddress.IPv6Network(block)
    for block in (
        "2001::/23",  # IETF protocol assignments (RFC 2928): Teredo, benchmarks, ORCHIDs, AMT, AS112
        "2001:db8::/32",  # documentation (RFC 3849)
        "2002::/16",  # 6to4 (RFC 3056): its last relays are gone, and it hides IPv4 addresses
        "2620:4f:8000::/48",  # AS112 (RFC 7534)
        "3fff::/20",  # documentation (RFC 9637)
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""A network without IPv4 reaches IPv4 addresses by it (RFC 6052): the last 32 bits say which."""


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the internet and to nobody's own network, also when an IPv4 address hides in an
    IPv6 one. Raises ValueError for what is no address."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.scope_id is not None:
            return False
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        elif ip in _NAT64:
            ip = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        else:
            return ip in _IPV6_UNICAST and not any(ip in block for block in _IPV6)
    return not any(ip in block for block in _IPV4)
