# SPDX-License-Identifier: Apache-2.0
"""The networks of an attack."""

from __future__ import annotations

from campaign.drafts import seen

from nacre.address import parse_address
from nacre.campaign.streets import LEAST_ATTEMPTS, subnets_of_attack

WIDEST = {4: 20, 16: 40}


def test_a_street_is_taken_whole_where_nobody_signs_in() -> None:
    """
    The next address of it is likely to be the attack's too.
    """
    attack = [seen(f"198.51.100.{number % 8}", f"user{number}") for number in range(40)]

    assert subnets_of_attack(attack, [], harmless=0, widest=WIDEST) == ("198.51.100.0/24",)


def test_a_street_where_a_stranger_signs_in_is_not() -> None:
    """
    However narrow the shortest prefix is that an operator allows.
    """
    attack = [seen(f"198.51.100.{number % 8}", f"user{number}") for number in range(40)]
    stranger = [parse_address("198.51.100.200"), b""]

    for widest in (WIDEST, {4: 29, 16: 64}):
        assert subnets_of_attack(attack, stranger, harmless=0, widest=widest) == ("198.51.100.0/29",)


def test_a_network_of_few_attempts_is_left_alone() -> None:
    """
    They say little of who is there.
    """
    attack = [seen(f"198.51.100.{number}", f"user{number}") for number in range(LEAST_ATTEMPTS - 1)]

    assert subnets_of_attack(attack, [], harmless=0, widest=WIDEST) == ()
