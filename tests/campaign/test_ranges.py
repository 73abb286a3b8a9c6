# SPDX-License-Identifier: Apache-2.0
"""Lists of subnets, asked all at once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nacre.address import Subnet, parse_address
from nacre.campaign.ranges import SubnetTable

ADDRESSES = st.one_of(
    st.binary(min_size=4, max_size=4),
    st.integers(0, 255).map(lambda host: bytes([192, 0, 2, host])),  # so that some lie in the same subnets
    st.integers(0, 255).map(lambda host: parse_address("2001:db8::")[:-1] + bytes([host])),
)
SUBNETS = st.builds(
    lambda address, length: Subnet.of(address, min(length, 8 * len(address))),
    ADDRESSES,
    st.sampled_from([0, 1, 8, 20, 24, 28, 31, 32, 48, 120, 127, 128]),
)


@given(entries=st.lists(st.tuples(SUBNETS, st.integers(0, 5)), max_size=12), asked=st.lists(ADDRESSES, max_size=8))
def test_an_address_has_the_values_of_all_subnets_that_hold_it(
    entries: list[tuple[Subnet, int]], asked: list[bytes]
) -> None:
    """
    One bisection says the same as looking at each subnet in turn.
    """
    table = SubnetTable(entries)

    for address in [*asked, *(subnet.network for subnet, _ in entries)]:
        assert sorted(table.at(address)) == sorted(value for subnet, value in entries if address in subnet)


def test_an_address_that_is_not_known_lies_nowhere() -> None:
    """
    Not even in all of IPv4.
    """
    assert SubnetTable([(Subnet.parse("0.0.0.0/0"), "all")]).at(b"") == ()


def test_the_last_address_of_all_can_be_in_a_subnet() -> None:
    """
    Behind it there is nothing to begin a range with.
    """
    table = SubnetTable([(Subnet.parse("255.255.255.255"), "v4"), (Subnet.parse("ffff::/16"), "v6")])

    assert table.at(b"\xff" * 4) == ("v4",)
    assert table.at(b"\xff" * 16) == ("v6",)
