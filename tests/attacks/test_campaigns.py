# SPDX-License-Identifier: Apache-2.0
"""
Attacks from many addresses, through check and report, beside people who sign in.

No rule is set and no network looks: what stops an attack here is what many addresses have in common.  Two instances and
a watcher that is killed are in tests/test_watcher.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from itertools import islice
from typing import NamedTuple

import pytest
from builders import Clock, MakeGuard
from campaign.crowds import flash_crowd, office, reconnect_storm
from campaign.sightings import START, botnet, home_of, normal, of_user, rotation, slow_spray, stuffing, together
from under_attack import settings

from nacre.address import format_address
from nacre.attempt import AttemptFields
from nacre.campaign.measure import Step
from nacre.campaign.sighting import Mark, Sighting
from nacre.countermeasures import Countermeasures
from nacre.decision import Action, Decision
from nacre.drill.space import DrillSpace

USERS = 150
DAY = 86_400.0


class Lived(NamedTuple):
    """What happened to an attempt."""

    seen: Sighting
    decision: Decision

    @property
    def stopped(self) -> bool:
        """Whether it did not just go on."""
        return self.decision.action is not Action.ALLOW


def _fields(seen: Sighting) -> AttemptFields:
    """Return a sighting as a server would have sent the attempt."""
    place: dict[str, str | int | float | bool | None] = {"asn": seen.asn, "country": seen.country} if seen.asn else {}
    return AttemptFields(
        client_ip=format_address(seen.address),
        username=seen.account,
        password=f"{seen.token:x}" if seen.token else "",
        protocol=seen.protocol,
        user_agent=seen.client,
        time=seen.time,
        attributes=place,
        known_user=not seen.marks & Mark.UNKNOWN,
    )


async def live(space: DrillSpace, stream: Iterable[Sighting]) -> list[Lived]:
    """Let attempts happen, in their order."""
    return [Lived(seen, await space.attempt(_fields(seen), success=bool(seen.marks & Mark.SUCCESS))) for seen in stream]


def settled(users: int = USERS) -> list[Sighting]:
    """Return a login of each user from home, the day before."""
    return [of_user(START - DAY + user, user, int(Mark.SUCCESS)) for user in range(users)]


def _is_attack(lived: Lived) -> bool:
    return lived.seen.address[:1] != home_of(0)[:1]


def _named_after(lived: Sequence[Lived]) -> int:
    """Return how many attempts of an attack went before the first one that was stopped."""
    return next((number for number, each in enumerate(lived) if each.stopped), len(lived))


async def open_space(make_guard: MakeGuard, clock: Clock) -> AbstractAsyncContextManager[DrillSpace]:
    """Return a namespace that has the settings of an installation, and nothing else of it."""
    clock.now = START
    guard = await make_guard(settings=settings())
    assert isinstance(guard.campaigns, Countermeasures)
    return guard.campaigns.spaces.open()


async def test_a_botnet_on_one_account_is_stopped_and_its_owner_gets_in(make_guard: MakeGuard, clock: Clock) -> None:
    """
    By the twelfth address; whoever signs in from home does not notice.
    """
    guesses = list(botnet(1, account="user1", addresses=60))
    home = [of_user(guess.time + 1, 1, int(Mark.SUCCESS)) for guess in guesses]
    async with await open_space(make_guard, clock) as space:
        await live(space, settled(3))

        lived = await live(space, together(guesses, home))

    attack = [each for each in lived if _is_attack(each)]
    assert _named_after(attack) <= 12
    assert sum(each.stopped for each in attack[12:]) >= 0.95 * len(attack[12:])
    assert not any(each.stopped for each in lived if not _is_attack(each))


async def test_distributed_stuffing_is_named_and_its_rest_stopped(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Each pair once, from an address of its own, with an ordinary client, beside people who sign in.
    """
    leaked = stuffing(1, start=START + 600, attempts=700)
    people = normal(1, duration=800.0, rate=1.0, users=USERS)
    async with await open_space(make_guard, clock) as space:
        await live(space, settled())

        lived = await live(space, together(leaked, people))
        campaigns = space.picture.campaigns

    attack = [each for each in lived if _is_attack(each)]
    at_home = [each for each in lived if not _is_attack(each) and each.seen.marks & Mark.HOME]
    assert _named_after(attack) <= 300  # 200 attempts or 60 s, whichever is later, at 5 a second
    assert sum(each.stopped for each in attack[300:]) >= 0.95 * len(attack[300:])
    assert {campaign.kind.value for campaign in campaigns} == {"stuffing"}
    assert not any(each.stopped for each in at_home)


async def test_a_slow_spray_is_stopped_in_its_fourth_round(make_guard: MakeGuard, clock: Clock) -> None:
    """
    One password over many accounts, hours apart, from the same twenty addresses.
    """
    rounds, accounts = 4, 60
    async with await open_space(make_guard, clock) as space:
        await live(space, settled())

        lived = await live(space, slow_spray(1, rounds=rounds, accounts=accounts))

    assert _named_after(lived) <= 3 * accounts
    last = lived[3 * accounts :]
    assert sum(each.stopped for each in last) >= 0.7 * len(last)


async def test_one_prefix_of_ipv6_is_stopped_whatever_its_address(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Each guess comes from another /64.
    """
    async with await open_space(make_guard, clock) as space:
        await live(space, settled())

        lived = await live(space, rotation(1, attempts=200))

    assert _named_after(lived) <= 60
    assert sum(each.stopped for each in lived[60:]) >= 0.9 * len(lived[60:])


CROWDS: dict[str, Callable[[], Iterable[Sighting]]] = {
    "a Monday morning": lambda: flash_crowd(1, users=300),
    "the minute after an outage": lambda: reconnect_storm(1, users=300),
    "an office behind one address": lambda: islice(office(1, users=80, newcomers=10), 400),
}


@pytest.mark.parametrize("crowd", CROWDS)
async def test_a_crowd_starts_no_measure(make_guard: MakeGuard, clock: Clock, crowd: str) -> None:
    """
    Thousands at once are no attack, if they are those who always come.
    """
    async with await open_space(make_guard, clock) as space:
        await live(space, settled(300))

        lived = await live(space, CROWDS[crowd]())
        space.advance(space.now + 3600.0)

        assert [measure.step for measure in space.watch.measures.values() if measure.step is not Step.MONITOR] == []
    assert not any(each.stopped for each in lived)


async def test_an_attack_that_hides_in_a_crowd_is_stopped_and_the_crowd_is_not(
    make_guard: MakeGuard, clock: Clock
) -> None:
    """
    On a Monday morning, when all signals are high anyway.
    """
    crowd = flash_crowd(1, users=300)
    hidden = botnet(2, start=START + 300, account="user7", addresses=60, gap=5.0)
    async with await open_space(make_guard, clock) as space:
        await live(space, settled(300))

        lived = await live(space, together(crowd, hidden))

    attack = [each for each in lived if each.seen.account == "user7" and not each.seen.marks & Mark.SUCCESS]
    known = [each for each in lived if each.seen.marks & Mark.HOME]
    assert sum(each.stopped for each in attack[15:]) >= 0.9 * len(attack[15:])
    assert not any(each.stopped for each in known)
