"""Which addresses are the internet's: the table of special networks, at its edges and in its disguises."""

import ipaddress

import pytest

from casella.inbox.files.networks import is_public

# Each special block with the addresses right below and above it that are nobody's in particular.
BLOCKS = [
    ("0.0.0.0/8", None, "1.0.0.0"),
    ("10.0.0.0/8", "9.255.255.255", "11.0.0.0"),
    ("100.64.0.0/10", "100.63.255.255", "100.128.0.0"),
    ("127.0.0.0/8", "126.255.255.255", "128.0.0.0"),
    ("169.254.0.0/16", "169.253.255.255", "169.255.0.0"),
    ("172.16.0.0/12", "172.15.255.255", "172.32.0.0"),
    ("192.0.0.0/24", "191.255.255.255", "192.0.1.0"),
    ("192.0.2.0/24", "192.0.1.255", "192.0.3.0"),
    ("192.88.99.0/24", "192.88.98.255", "192.88.100.0"),
    ("192.168.0.0/16", "192.167.255.255", "192.169.0.0"),
    ("198.18.0.0/15", "198.17.255.255", "198.20.0.0"),
    ("198.51.100.0/24", "198.51.99.255", "198.51.101.0"),
    ("203.0.113.0/24", "203.0.112.255", "203.0.114.0"),
    ("224.0.0.0/3", "223.255.255.255", None),
    ("::/3", None, "2003::"),
    ("2001::/23", None, "2001:200::"),
    ("2001:db8::/32", "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"),
    ("2002::/16", "2001:ffff::1", "2003::"),
    ("3fff::/20", "3ffe:ffff::1", "3fff:1000::"),
    ("4000::/2", None, None),
    ("8000::/1", None, None),
]


@pytest.mark.parametrize(("block", "below", "above"), BLOCKS)
def test_a_special_network_is_refused_from_its_first_to_its_last_address(
    block: str, below: str | None, above: str | None
) -> None:
    network = ipaddress.ip_network(block)
    ends = [str(network[0]), str(network[-1]), str(network[network.num_addresses // 2])]
    if block != "::/3":  # an IPv4 address of the internet may hide in there
        assert [end for end in ends if is_public(end)] == []
    assert [one for one in (below, above) if one and not is_public(one)] == []


@pytest.mark.parametrize(
    "address",
    [
        "5f00::1", "100::1", "100:0:0:1::1", "64:ff9b:1::1", "fc00::1", "fdff::1", "fe80::1", "fe80::1%eth0", "fec0::1",
        "ff02::1", "::", "::1", "::8.8.8.8", "2620:4f:8000::1", "2001:20::1", "2001:2::1", "2001:0:808:808::",
        "192.0.0.9", "192.175.48.1", "192.31.196.1", "192.52.193.1",
    ],
)  # fmt: skip
def test_what_some_interpreters_call_global_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "192.88.99.1", "100.64.0.1", "0.0.0.0"])
def test_an_address_inside_is_seen_through_every_disguise(inside: str) -> None:
    number = int(ipaddress.IPv4Address(inside))
    disguises = [
        f"::ffff:{inside}", f"64:ff9b::{inside}", f"::{inside}",
        str(ipaddress.IPv6Address((0x2002 << 112) | (number << 80))),  # 6to4
        str(ipaddress.IPv6Address((0x20010000 << 96) | (number ^ 0xFFFFFFFF))),  # Teredo
    ]  # fmt: skip
    assert [one for one in disguises if is_public(one)] == []


def test_an_address_of_the_internet_may_come_by_the_two_living_ways() -> None:
    assert all(is_public(one) for one in ("8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::808:808", "2606:4700:4700::1111"))
