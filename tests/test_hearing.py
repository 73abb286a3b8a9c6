# SPDX-License-Identifier: Apache-2.0
"""What people say of attempts, taken in."""

from __future__ import annotations

import numpy as np
import pytest
from builders import MakeGuard, fail, fields, rule, sign_in, written
from traffic import network

from nacre.errors import NetworkRefused, UnknownRequest
from nacre.feedback import Meant
from nacre.hearing import MOST
from nacre.learning.row import read_rows, row_dtype
from nacre.record import Record
from nacre.service import Guard


async def test_feedback_keeps_what_was_seen_of_the_attempt(make_guard: MakeGuard) -> None:
    """
    The features as scored, whatever became of the counters since, and though the journal may not have kept it.
    """
    guard = await make_guard(settings=network())
    await fail(guard, fields(request_id="r1"))
    record = await guard.desk.decision("r1")
    for _ in range(3):
        await fail(guard, fields())

    told = await guard.network.give_feedback("r1", is_attack=True, who="erika")
    (said,) = await guard.network_parts.shelves.claims.all()
    (row,) = read_rows(said.row, row_dtype())

    assert (told.request_id, told.is_attack, told.giver, told.client_ip) == ("r1", True, "erika", "192.0.2.7")
    assert record is not None
    assert record.sight is not None
    assert np.ascontiguousarray(row["vector"]).tobytes() == record.sight.vector
    assert int(row["id"]) == said.digest == guard.identity.row("r1")


async def test_feedback_about_what_nobody_knows_is_refused(make_guard: MakeGuard) -> None:
    """
    There are no features to learn from, and no way to see whether it is true.
    """
    guard = await make_guard(settings=network())

    with pytest.raises(UnknownRequest):
        await guard.network.give_feedback("never", is_attack=True, who="erika")

    assert await guard.network.feedback() == []


@pytest.mark.parametrize("wrong", [{"client_ip": "192.0.2.8"}, {"username": "max"}, {"client_ip": "nonsense"}])
async def test_feedback_that_means_another_attempt_is_refused(make_guard: MakeGuard, wrong: dict[str, str]) -> None:
    """
    Who names address or account names those of the attempt; a mix-up of ids would teach the opposite.
    """
    guard = await make_guard(settings=network())
    await fail(guard, fields(request_id="r1"))

    with pytest.raises(NetworkRefused, match="not that of the attempt") as refused:
        await guard.network.give_feedback("r1", is_attack=True, who="erika", **wrong)

    assert refused.value.code == "feedback_mismatch"


async def test_names_and_addresses_are_compared_however_they_are_spelled(make_guard: MakeGuard) -> None:
    """
    A capital letter or a mapped address is no mix-up.
    """
    guard = await make_guard(settings=network())
    await fail(guard, fields("::ffff:192.0.2.7", "Erika", request_id="r1"))

    told = await guard.network.give_feedback(
        "r1", is_attack=True, who="erika", client_ip="192.0.2.7", username="ERIKA"
    )  # fmt: skip

    assert told.username == "Erika"


async def test_feedback_is_corrected_and_withdrawn_by_who_gave_it(make_guard: MakeGuard) -> None:
    """
    What others said of the same attempt stays.
    """
    guard = await make_guard(settings=network())
    await sign_in(guard, fields(request_id="r1"))
    await guard.network.give_feedback("r1", is_attack=True, who="max")
    await guard.network.give_feedback("r1", is_attack=True, who="erika")

    await guard.network.give_feedback("r1", is_attack=False, who="erika")
    corrected = {said.giver: said.is_attack for said in await guard.network.feedback()}
    withdrawn = await guard.network.give_feedback("r1", is_attack=None, who="erika")

    assert corrected == {"max": True, "erika": False}
    assert withdrawn.is_attack is None
    assert [said.giver for said in await guard.network.feedback()] == ["max"]
    assert (await guard.network.status()).feedback == 1


async def test_feedback_can_be_withdrawn_when_its_decision_is_gone(make_guard: MakeGuard) -> None:
    """
    The claim holds on, so whoever gave it can take it back; names are gone with the decision.
    """
    guard = await make_guard(settings=network())
    await sign_in(guard, fields(request_id="r1"))
    await guard.network.give_feedback("r1", is_attack=True, who="erika")
    again = await make_guard(settings=network())
    key = b"%sd{r1}" % guard.settings.server.redis.prefix.encode()
    await guard.servers.run(key, ("DEL", key))

    (kept,) = await again.network.feedback()
    withdrawn = await again.network.give_feedback("r1", is_attack=None, who="erika")

    assert (kept.request_id, kept.username, kept.client_ip) == ("r1", "", "")
    assert withdrawn.is_attack is None
    assert await again.network.feedback() == []
    with pytest.raises(UnknownRequest):
        await again.network.give_feedback("r1", is_attack=None, who="erika")


async def test_what_the_network_did_not_look_at_cannot_be_learned_from(make_guard: MakeGuard) -> None:
    """
    A known block refuses without a glance; that is said, rather than learned as zeros.
    """
    guard = await make_guard(rule(limit=2))
    for _ in range(3):
        await fail(guard, fields())
    decision = await guard.check(fields(request_id="r1"))
    assert decision.refused

    with pytest.raises(NetworkRefused, match="no features") as refused:
        await guard.network.give_feedback("r1", is_attack=True, who="erika")

    assert refused.value.code == "not_scored"


async def test_a_person_is_forgotten_with_what_was_said_of_them(make_guard: MakeGuard) -> None:
    """
    Rows and claims, of this account and no other.
    """
    guard = await make_guard(settings=network())
    for name in ("erika", "max"):
        await sign_in(guard, fields(username=name, request_id=name))
        await guard.network.give_feedback(name, is_attack=True, who="test")

    gone = await guard.network.erase("Erika", who="test")

    assert gone == 6  # an event, a sample, a claim; its decision, its counts, its profile
    assert [said.username for said in await guard.network.feedback()] == ["max"]
    assert (await guard.network.status()).samples == 2  # the row is there, and holds nothing
    assert len((await guard.network_parts.shelves.journal.material()).samples) == 1


async def _blocked(guard: Guard) -> None:
    """Fill the bucket of an address by guesses of three names, among them erika's."""
    for number, name in enumerate(("erika", "max", "anna")):
        await fail(guard, fields(username=name, request_id=f"r{number}"))
    await guard.check(fields(request_id="refused"))
    await written(guard)


_BLOCK = Meant(subnet="192.0.2.7", rule="address")


async def test_what_is_said_of_a_block_is_said_of_each_of_its_attempts(make_guard: MakeGuard) -> None:
    """
    Of those that the network saw: a known block refuses before it looks.
    """
    guard = await make_guard(rule(limit=3))
    await _blocked(guard)

    told = await guard.network.give_feedback_on(_BLOCK, is_attack=False, who="erika")

    claims = await guard.network.feedback()
    assert (told.attempts, told.not_scored, told.beyond) == (3, 1, 0)
    assert {(said.request_id, said.is_attack, said.giver) for said in claims} == {
        (f"r{number}", False, "erika") for number in range(3)
    }


async def test_what_is_said_of_a_block_is_corrected_and_withdrawn_by_naming_it_again(make_guard: MakeGuard) -> None:
    """
    Even when its decisions are gone; what was said of one attempt alone, or by somebody else, stays.
    """
    guard = await make_guard(rule(limit=3))
    await _blocked(guard)
    await guard.network.give_feedback_on(_BLOCK, is_attack=True, who="erika")
    await guard.network.give_feedback("r1", is_attack=True, who="max")
    await guard.network.give_feedback("r2", is_attack=True, who="erika")

    corrected = await guard.network.give_feedback_on(_BLOCK, is_attack=False, who="erika")
    said = {(each.request_id, each.giver): each.is_attack for each in await guard.network.feedback()}
    await guard.network.give_feedback("r2", is_attack=True, who="erika")
    for name in ("r0", "r1", "r2", "refused"):
        key = b"%sd{%s}" % (guard.settings.server.redis.prefix.encode(), name.encode())
        await guard.servers.run(key, ("DEL", key))
    withdrawn = await guard.network.give_feedback_on(_BLOCK, is_attack=None, who="erika")

    assert corrected.attempts == 3
    assert said == {("r0", "erika"): False, ("r1", "erika"): False, ("r2", "erika"): False, ("r1", "max"): True}
    assert withdrawn.attempts == 2
    assert {(each.request_id, each.giver) for each in await guard.network.feedback()} == {
        ("r1", "max"),
        ("r2", "erika"),
    }
    with pytest.raises(NetworkRefused) as nothing:
        await guard.network.give_feedback_on(_BLOCK, is_attack=None, who="erika")
    assert nothing.value.code == "unknown_block"


async def test_logins_that_lay_between_are_not_what_filled_a_block(make_guard: MakeGuard) -> None:
    """
    Somebody signed in from there meanwhile; whoever says "attack" does not mean them, nor what nobody reported.
    """
    guard = await make_guard(rule(limit=3))
    await sign_in(guard, fields(username="max", request_id="login"))
    await guard.check(fields(username="anna", request_id="unreported"))
    await _blocked(guard)

    await guard.network.give_feedback_on(_BLOCK, is_attack=True, who="erika")

    assert {said.request_id for said in await guard.network.feedback()} == {"r0", "r1", "r2"}


async def test_a_campaign_is_known_by_whoever_watches(make_guard: MakeGuard) -> None:
    """
    Its members are asked for; what is not kept of them any more is left out.
    """
    guard = await make_guard(settings=network())
    for number in range(2):
        await fail(guard, fields(request_id=f"r{number}"))
    with pytest.raises(NetworkRefused) as unknown:
        await guard.network.give_feedback_on(Meant(campaign="c1"), is_attack=True, who="erika")

    async def members(campaign: str) -> list[str]:
        return [f"r{number}" for number in range(3)] if campaign == "c1" else []

    guard.network_parts.hearing.members = members
    told = await guard.network.give_feedback_on(Meant(campaign="c1"), is_attack=True, who="erika")

    assert unknown.value.code == "unknown_campaign"
    assert told.attempts == 2
    (entry, *_) = await guard.desk.audit(1)
    assert entry.what == "2 attempts of a campaign: attack"


async def test_one_claim_is_about_a_thousand_attempts_at_most(make_guard: MakeGuard) -> None:
    """
    The first of those that were found; the others are counted, and nothing is said of them.
    """
    guard = await make_guard(settings=network())
    await fail(guard, fields(request_id="r"))
    record = await guard.desk.decision("r")
    assert record is not None
    seen: list[str] = []

    async def find(request_id: str) -> Record:
        seen.append(request_id)
        return record

    async def members(_campaign: str) -> list[str]:
        return [f"r{number}" for number in range(MOST + 7)]

    hearing = guard.network_parts.hearing
    hearing.find, hearing.members = find, members
    told = await hearing.give_on(Meant(campaign="c1"), is_attack=True, who="erika")

    assert (told.attempts, told.beyond) == (MOST, 7)
    assert len(set(seen)) == MOST
