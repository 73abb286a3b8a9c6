# SPDX-License-Identifier: Apache-2.0
"""Simulated attacks."""

from __future__ import annotations

import pytest
from builders import Clock, MakeGuard
from under_attack import settings

from nacre.address import Subnet, parse_address
from nacre.campaign_desk import MOST_ADDRESSES
from nacre.errors import CampaignRefused
from nacre.rehearsal import strangers


@pytest.mark.parametrize("network", [False, True])
async def test_an_attack_is_recognised_by_the_twelfth_address(
    make_guard: MakeGuard, clock: Clock, *, network: bool
) -> None:
    """
    With the network and without; what comes later is stopped or made to wait.
    """
    guard = await make_guard(settings=settings(network=network))

    done = await guard.campaigns.simulate("erika", addresses=20, who="max")

    assert done.detected
    assert 0 < done.recognised_by <= 12
    assert done.stopped >= 20 - done.recognised_by - 2
    assert done.overview.attacked_accounts == {"erika": 20}
    assert done.time == clock()


async def test_a_few_tries_are_no_attack(make_guard: MakeGuard) -> None:
    """
    A family that shares an account forgets its password, too.
    """
    guard = await make_guard(settings=settings())

    done = await guard.campaigns.simulate("erika", addresses=3, who="max")

    assert (done.detected, done.recognised_by, done.stopped) == (False, 0, 0)


@pytest.mark.parametrize(
    ("username", "addresses", "country"),
    [("", 20, ""), ("  ", 20, ""), ("x" * 513, 20, ""), ("erika", 0, ""), ("erika", 1001, ""), ("erika", 20, "D"),
     ("erika", 20, "D1"), ("erika", 20, "DEU")],
)  # fmt: skip
async def test_what_cannot_be_simulated_is_refused(
    make_guard: MakeGuard, username: str, addresses: int, country: str
) -> None:
    """
    Before anything is done.
    """
    guard = await make_guard(settings=settings())

    with pytest.raises(CampaignRefused) as refused:
        await guard.campaigns.simulate(username, addresses=addresses, country=country, who="max")

    assert refused.value.code == "out_of_range"


def test_the_addresses_are_nobodys_and_far_apart() -> None:
    """
    No two of one subnet of a rule, and none outside of what is reserved for such tests.
    """
    reserved = [Subnet.parse("198.18.0.0/15"), Subnet.parse("2001:db8::/32")]

    packed = [parse_address(address) for address in strangers(MOST_ADDRESSES)]

    assert len(set(packed)) == MOST_ADDRESSES
    assert all(any(address in subnet for subnet in reserved) for address in packed)
    assert len({Subnet.of(address, 24 if len(address) == 4 else 48) for address in packed}) == MOST_ADDRESSES
