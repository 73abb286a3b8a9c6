# SPDX-License-Identifier: Apache-2.0
"""Addresses and subnets, compared with the standard library's slower ones."""

from __future__ import annotations

import ipaddress
import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.address import Subnet, SubnetSet, cut, format_address, is_local, parse_address

v4 = st.ip_addresses(v=4)
v6 = st.ip_addresses(v=6).filter(lambda address: not address.packed.startswith(bytes(10) + b"\xff\xff"))
addresses = st.one_of(v4, v6)


@st.composite
def networks(draw: st.DrawFn) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """Networks of any prefix length, close enough together to overlap often."""
    address = draw(st.one_of(addresses, st.integers(0, 255).map(lambda last: ipaddress.ip_address(f"10.0.0.{last}"))))
    prefix = draw(st.integers(0, address.max_prefixlen))
    return ipaddress.ip_network((address, prefix), strict=False)


@given(address=addresses)
def test_an_address_has_one_form_however_it_is_written(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """
    Two spellings of one address are one subject, or each would have a budget of its own.
    """
    packed = parse_address(str(address))

    assert packed == address.packed
    assert parse_address(address.exploded.upper()) == packed
    assert parse_address(format_address(packed)) == packed


@given(address=v4)
def test_an_ipv4_address_is_the_same_inside_ipv6(address: ipaddress.IPv4Address) -> None:
    """
    A dual-stack server sees ::ffff:192.0.2.1 where another one sees 192.0.2.1.
    """
    mapped = ipaddress.IPv6Address(b"\0" * 10 + b"\xff\xff" + address.packed)

    assert (
        parse_address(f"::ffff:{address}")
        == parse_address(str(mapped))
        == parse_address(mapped.exploded)
        == address.packed
    )


@given(text=st.one_of(st.text(max_size=80), st.text("0123456789abcdef.:%/ \0", max_size=50)))
def test_text_is_an_address_for_us_exactly_if_it_is_one_for_the_standard_library(text: str) -> None:
    """
    Nothing but ValueError may come of what a caller sends, and no text becomes an address by accident.
    """
    try:
        expected = ipaddress.ip_address(text.partition("%")[0] if ":" in text else text).packed
    except ValueError:
        if text:
            with pytest.raises(ValueError, match="is no IPv4 or IPv6 address"):
                parse_address(text)
    else:
        assert parse_address(text) in {expected, expected[12:]}


@given(network=networks(), address=addresses)
def test_a_subnet_holds_what_the_standard_library_says(
    network: ipaddress.IPv4Network | ipaddress.IPv6Network, address: ipaddress.IPv4Address | ipaddress.IPv6Address
) -> None:
    """
    The fast slices and masks are right at every prefix length.
    """
    subnet = Subnet.parse(str(network))

    if network.version == 4 or not network.network_address.packed.startswith(bytes(10) + b"\xff\xff"):
        assert str(subnet) == str(network)
    assert (address.packed in subnet) == (address in network)
    assert Subnet.of(address.packed, min(network.prefixlen, address.max_prefixlen)).network.startswith(
        cut(address.packed, min(network.prefixlen, address.max_prefixlen))
    )


@given(
    several=st.lists(networks(), max_size=12),
    address=st.one_of(addresses, st.integers(0, 255).map(lambda n: ipaddress.ip_address(f"10.0.0.{n}"))),
)
def test_a_set_of_subnets_holds_what_one_of_them_holds(
    several: list[ipaddress.IPv4Network | ipaddress.IPv6Network], address: ipaddress.IPv4Address | ipaddress.IPv6Address
) -> None:
    """
    Merging overlapping subnets into ranges neither lets a stranger in nor a friend out.
    """
    ours = SubnetSet([str(network) for network in several])

    assert (address.packed in ours) == any(address in network for network in several)
    assert bool(ours) == bool(several)


def test_a_hundred_thousand_subnets_are_looked_up_within_five_microseconds() -> None:
    """
    An allow list may hold whole countries, and every check asks it.
    """
    subnets = [f"{10 + n // 65_536}.{n // 256 % 256}.{n % 256}.0/{24 + n % 5}" for n in range(100_000)]
    ours = SubnetSet(subnets)
    inside, outside = parse_address("10.200.200.1"), parse_address("203.0.113.9")

    seconds = min(timeit.repeat(lambda: (inside in ours, outside in ours), number=1000, repeat=20)) / 2000

    assert (inside in ours, outside in ours) == (True, False)
    assert seconds < 5e-6


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
        ("::ffff:192.0.2.1", "192.0.2.1/32"),
        ("192.0.2.77/255.255.255.0", "192.0.2.0/24"),
        (" 2001:DB8::1/64 ", "2001:db8::/64"),
        ("0.0.0.0/0", "0.0.0.0/0"),
    ],
)
def test_a_subnet_is_canonical(text: str, expected: str) -> None:
    """
    What an operator set is found again under any spelling, to be changed or deleted.
    """
    assert str(Subnet.parse(text)) == expected


@pytest.mark.parametrize(
    "text", ["", "192.0.2.1/33", "2001:db8::/129", "192.0.2", "example.org", "192.0.2.0/24/24", "/8"]
)
def test_what_is_no_subnet_is_named(text: str) -> None:
    """
    The one who typed it sees what was read.
    """
    with pytest.raises(ValueError, match="is no address and no network in CIDR notation"):
        Subnet.parse(text)


@pytest.mark.parametrize("text", ["", "127.0.0.1", "127.255.3.4", "::1", "::ffff:0:0", "::", "::ffff:127.0.0.1"])
def test_an_address_that_says_nothing_of_who_is_there_is_local(text: str) -> None:
    """
    Counting loopback would close the door for everybody behind a proxy on the same machine.
    """
    assert is_local(parse_address(text))


@pytest.mark.parametrize("text", ["192.0.2.1", "10.0.0.1", "fe80::1", "2001:db8::1", "128.0.0.1"])
def test_other_addresses_are_not_local(text: str) -> None:
    """
    Private addresses are people too: an office network is where many attacks come from.
    """
    assert not is_local(parse_address(text))
