# SPDX-License-Identifier: Apache-2.0
"""What people say of attempts, taken in."""

from __future__ import annotations

import numpy as np
import pytest
from builders import MakeGuard, fail, fields, rule, sign_in
from traffic import network

from nacre.errors import NetworkRefused, UnknownRequest
from nacre.learning.row import read_rows, row_dtype


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

    assert gone == 3  # an event, a sample, a claim
    assert [said.username for said in await guard.network.feedback()] == ["max"]
    assert (await guard.network.status()).samples == 2  # the row is there, and holds nothing
    assert len((await guard.network_parts.shelves.journal.material()).samples) == 1
