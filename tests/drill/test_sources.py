# SPDX-License-Identifier: Apache-2.0
"""Where the tries of a drill come from."""

from __future__ import annotations

import ipaddress
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.drill.sources import MOST_BOTS, MOST_PEOPLE, Source, away, bots, home, rotating

NOBODY = [
    ipaddress.ip_network(network)
    for network in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15", "2001:db8::/32")
]


def _chance() -> random.Random:
    return random.Random(1)  # noqa: S311  nothing secret


def _is_nobody(source: Source) -> bool:
    address = ipaddress.ip_address(source.address)
    return any(address.version == network.version and address in network for network in NOBODY)


@given(st.integers(0, MOST_PEOPLE))
def test_nobody_in_the_world_has_an_address_of_a_drill(number: int) -> None:
    """
    What a drill logs or blocks by mistake must not be a stranger's.
    """
    assert all(map(_is_nobody, (home(number, _chance()), away(number, _chance()), rotating(_chance()))))


def test_no_two_bots_and_no_bot_and_person_share_an_address() -> None:
    """
    Nor do they share the networks of 48 bits, by which an attack would be seen too easily.
    """
    attackers = {bot.address for bot in bots(MOST_BOTS, _chance())}
    people = {make(number, _chance()).address for number in range(MOST_PEOPLE) for make in (home, away)}

    assert len(attackers) == MOST_BOTS
    assert len(people) == 2 * MOST_PEOPLE
    assert not attackers & people
    assert all(_is_nobody(bot) for bot in bots(MOST_BOTS, _chance()))


def test_a_rotating_attacker_stays_in_one_network() -> None:
    """
    Each try comes from another /64 of one /48.
    """
    chance = _chance()
    addresses = [rotating(chance).address for _ in range(100)]

    assert len({ipaddress.ip_network((address, 64), strict=False) for address in addresses}) > 90
    assert len({ipaddress.ip_network((address, 48), strict=False) for address in addresses}) == 1


@pytest.mark.parametrize("known", [True, False])
def test_an_attempt_says_where_it_comes_from(*, known: bool) -> None:
    """
    A database of places knows nothing of such addresses.
    """
    bot = bots(1, _chance())[0]

    fields = bot.fields("erika@drill.invalid", "secret", known_user=known)

    assert (fields.client_ip, fields.username, fields.known_user) == (bot.address, "erika@drill.invalid", known)
    assert fields.attributes == {"asn": bot.asn, "country": bot.country}
