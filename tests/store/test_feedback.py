# SPDX-License-Identifier: Apache-2.0
"""Feedback, in a real store."""

from __future__ import annotations

import asyncio
from hashlib import blake2b

import msgspec
from processes import Begin

from nacre.store.feedback import Claims, Said
from nacre.store.scripts import CLAIM


def _said(number: int, *, giver: str = "erika", is_attack: bool = True) -> Said:
    return Said(f"r{number}", number, is_attack, giver, float(number), b"row", "layout")


async def _claims(begin: Begin, **bounds: float) -> Claims:
    process = await begin()
    return Claims(process.servers, process.keys, **bounds)  # type: ignore[arg-type]


async def test_claims_are_read_as_they_were_given(begin: Begin) -> None:
    """
    In their order by a training, the newest first by people.
    """
    ours, theirs = await _claims(begin), await _claims(begin)

    numbers = [await ours.put(_said(number)) for number in range(5)]

    assert numbers == sorted(set(numbers))
    assert [said.request_id for said in await theirs.newest(2)] == ["r4", "r3"]
    assert [(said.request_id, said.row) for said in await theirs.all()] == [
        (f"r{number}", b"row") for number in range(5)
    ]
    assert await theirs.count() == 5
    assert await theirs.count(after=numbers[2]) == 2


async def test_a_correction_takes_the_place_of_what_was_said_before(begin: Begin) -> None:
    """
    The same giver about the same attempt; others keep their say.
    """
    claims = await _claims(begin)
    await claims.put(_said(1))
    await claims.put(_said(1, giver="max"))

    number = await claims.put(_said(1, is_attack=False))

    assert [(said.giver, said.is_attack) for said in await claims.all()] == [("max", True), ("erika", False)]
    assert await claims.count(after=number - 1) == 1


async def test_what_is_withdrawn_is_gone(begin: Begin) -> None:
    """
    And to withdraw what was never said is no error.
    """
    claims = await _claims(begin)
    await claims.put(_said(1))
    await claims.put(_said(2))

    assert await claims.withdraw("erika", 1)
    assert not await claims.withdraw("nobody", 2)

    assert [said.digest for said in await claims.all()] == [2]


async def test_who_says_too_much_loses_their_own_claims_first(begin: Begin) -> None:
    """
    A program that floods the feedback pushes out nobody else's.
    """
    claims = await _claims(begin, most_of_one=5)
    await claims.put(_said(1_000, giver="max"))

    for number in range(20):
        await claims.put(_said(number))

    kept = await claims.all()
    assert [said.digest for said in kept if said.giver == "erika"] == [15, 16, 17, 18, 19]
    assert [said.digest for said in kept if said.giver == "max"] == [1_000]


async def test_the_oldest_go_beyond_what_all_may_say(begin: Begin) -> None:
    """
    The store has an end, and so has what is kept of a giver that is pushed out.
    """
    claims = await _claims(begin, most=8)
    for number in range(20):
        await claims.put(_said(number, giver=f"giver{number % 4}"))

    assert [said.digest for said in await claims.all()] == list(range(12, 20))
    process = await begin()
    key = process.keys.network("claims.givers")
    assert await process.servers.run(key, ("ZCARD", key)) == 8


async def test_claims_end_with_their_time(begin: Begin) -> None:
    """
    Who said something of an attempt a year ago said it of another place; a correction is as young as it is.
    """
    claims = await _claims(begin, keep=100.0)
    for number in (10, 20, 30):
        await claims.put(_said(number))
    await claims.put(msgspec.structs.replace(_said(20), time=115.0))

    assert await claims.trim(125.0) == 1

    assert [said.digest for said in await claims.all()] == [30, 20]
    assert await claims.trim(125.0) == 0


async def test_of_many_old_claims_all_go(begin: Begin) -> None:
    """
    However many: they are forgotten a thousand at a time.
    """
    claims = await _claims(begin, keep=10.0)
    await asyncio.gather(*(claims.put(_said(number)) for number in range(1_100)))

    assert await claims.trim(1_105.0) == 1_095

    assert sorted(said.digest for said in await claims.all()) == list(range(1_095, 1_100))


async def test_what_took_the_place_of_an_old_claim_is_not_forgotten_with_it(begin: Begin) -> None:
    """
    Somebody may correct a claim at the moment at which it is found to be too old.
    """
    process = await begin()
    claims = Claims(process.servers, process.keys)
    old = await claims.put(_said(1))
    await claims.put(_said(1, is_attack=False))
    names = ("claims", "claims.order", "claims.givers", "state")
    giver = blake2b(b"erika", digest_size=8).hexdigest()
    arguments = [giver, f"{1:016x}", b"", 10, 10, str(old)]

    gone = await process.servers.script(CLAIM, [process.keys.network(name) for name in names], arguments)

    assert gone == 0
    assert [said.is_attack for said in await claims.all()] == [False]
