# SPDX-License-Identifier: Apache-2.0
"""The fewest prefixes that hold an attack and harm hardly anybody."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from nacre.address import Subnet, parse_address
from nacre.campaign.prefixes import cover

WIDEST = {4: 16, 16: 32}
SMALL = {4: 27, 16: 60}
"""Prefixes of 32 addresses, or of 16 networks of 64 bits."""


def ipv4(host: int) -> bytes:
    """An address of 192.0.2.0/24."""
    return bytes([192, 0, 2, host])


def ipv6(number: int) -> bytes:
    """An address in one of the first /64 of 2001:db8::/32."""
    return parse_address(f"2001:db8:0:{number:x}::1")


def by_trying_all(attack: Counter[bytes], good: list[bytes], budget: int) -> tuple[int, int]:
    """Return the most weight that can be covered, and the fewest prefixes that do; all sets of prefixes are tried."""
    shared = {
        Subnet.of(address, length)
        for address in attack
        for length in (range(SMALL[4], 33) if len(address) == 4 else range(SMALL[16], 65))
    }
    best = (0, 0)
    for count in range(len(attack) + 1):
        for chosen in combinations(sorted(shared), count):
            if sum(any(address in subnet for subnet in chosen) for address in good) <= budget:
                covered = sum(
                    weight for address, weight in attack.items() if any(address in subnet for subnet in chosen)
                )
                if covered > best[0]:
                    best = (covered, count)
    return best


@settings(max_examples=60)
@given(
    attackers=st.dictionaries(st.integers(0, 15), st.integers(1, 3), min_size=1, max_size=3),
    rotating=st.sets(st.integers(0, 7), max_size=1),
    owners=st.lists(st.one_of(st.integers(0, 15).map(ipv4), st.integers(0, 7).map(ipv6)), max_size=5),
    budget=st.integers(0, 3),
)
def test_no_choice_of_prefixes_covers_more_or_takes_fewer(
    attackers: dict[int, int], rotating: set[int], owners: list[bytes], budget: int
) -> None:
    """
    Compared with all choices there are, for both kinds of addresses at once: they share the budget.
    """
    attack = Counter({ipv4(host): weight for host, weight in attackers.items()} | {ipv6(each): 1 for each in rotating})

    found = cover(attack, owners, budget=budget, widest=SMALL)

    assert (found.covered, len(found.subnets)) == by_trying_all(attack, owners, budget)


@given(
    attackers=st.sets(st.integers(0, 255), min_size=1, max_size=60),
    owners=st.lists(st.integers(0, 255), max_size=60),
    budget=st.integers(0, 10),
)
def test_what_is_said_of_a_cover_holds(attackers: set[int], owners: list[int], budget: int) -> None:
    """
    Prefixes lie apart, within the budget, none wider than it may be; what they cover and harm is counted rightly.
    """
    attack = Counter({ipv4(host): host + 1 for host in attackers})
    good = [ipv4(host) for host in owners]

    found = cover(attack, good, budget=budget, widest=SMALL)

    held = [[address for address in attack if address in subnet] for subnet in found.subnets]
    assert sum(attack[address] for addresses in held for address in addresses) == found.covered
    assert sum(address in subnet for address in good for subnet in found.subnets) == found.harmed <= budget
    assert all(subnet.prefix >= SMALL[4] for subnet in found.subnets)
    assert all(held)
    assert not any(one.network in other for one in found.subnets for other in found.subnets if one is not other)


@given(attackers=st.sets(st.integers(0, 255), min_size=1, max_size=30), owners=st.lists(st.integers(0, 255)))
def test_a_larger_budget_never_covers_less(attackers: set[int], owners: list[int]) -> None:
    """
    And covers everything as soon as it is as large as the harm of blocking each address by itself.
    """
    attack = Counter(map(ipv4, attackers))
    good = [ipv4(host) for host in owners]

    covered = [cover(attack, good, budget=budget, widest=SMALL).covered for budget in range(len(good) + 1)]

    assert covered == sorted(covered)
    assert covered[-1] == len(attack)


def test_an_attack_that_turns_through_a_network_of_ipv6_is_one_prefix() -> None:
    """
    Each attempt from another /64 of a /48: no rule for addresses sees two of them together.
    """
    attack = Counter(parse_address(f"2001:db8:7:{number:x}::{number:x}") for number in range(0, 65_536, 97))

    found = cover(attack, [], budget=0, widest=WIDEST)

    assert [str(subnet) for subnet in found.subnets] == ["2001:db8:7::/48"]


def test_nothing_is_wider_than_it_may_be() -> None:
    """
    Where few good logins are known, a harmless prefix would be the whole Internet.
    """
    attack = Counter([parse_address("192.0.2.1"), parse_address("203.0.113.1"), parse_address("192.0.3.1")])

    found = cover(attack, [], budget=0, widest=WIDEST)

    assert [str(subnet) for subnet in found.subnets] == ["192.0.2.0/23", "203.0.113.1/32"]


def test_an_address_that_good_logins_share_is_left_out_beyond_the_budget() -> None:
    """
    A carrier's gateway with customers and an attacker: the customers weigh more.
    """
    attack = Counter({ipv4(7): 50, ipv4(200): 3})
    good = [ipv4(7)] * 4

    assert [str(each) for each in cover(attack, good, budget=3, widest=WIDEST).subnets] == ["192.0.2.200/32"]
    assert [str(each) for each in cover(attack, good, budget=4, widest=WIDEST).subnets] == ["192.0.2.0/24"]


def test_an_attack_without_addresses_has_an_empty_cover() -> None:
    """
    So has none at all; addresses that are not known are nobody's.
    """
    assert cover({}, [], budget=5, widest=WIDEST).subnets == ()
    assert cover({b"": 5}, [], budget=5, widest=WIDEST) == ((), 0, 0)
