# SPDX-License-Identifier: Apache-2.0
"""What the store tells of an attempt comes at once, or not at all."""

from __future__ import annotations

import pytest
from builders import MakeGuard, fields, rule, written

from nacre.attempt import Attempt
from nacre.entity import NOTHING
from nacre.errors import StoreCorrupt, UnknownRequest
from nacre.reading import decided, read
from nacre.service import Guard


def _keys(guard: Guard, attempt: Attempt) -> list[bytes]:
    return guard.checkpoint.subject_keys(attempt)


async def test_subjects_and_what_the_network_wants_come_together(make_guard: MakeGuard) -> None:
    """
    A login waits for one trip; a second one would double what it waits.
    """
    guard = await make_guard(rule())
    attempt = guard.admit(fields())
    keys = _keys(guard, attempt)

    told = await read(guard.checkpoint.subjects, guard.checkpoint.lookout, attempt, keys)

    assert told.error is None
    assert told.look is not None
    assert told.values is not None
    assert len(told.values) == len(told.look.wanted.keys)
    assert list(told.entities) == [NOTHING] * len(keys)


async def test_without_the_network_subjects_are_all(make_guard: MakeGuard) -> None:
    """
    Who runs the rules alone pays for nothing else.
    """
    guard = await make_guard(rule())
    attempt = guard.admit(fields())

    told = await read(guard.checkpoint.subjects, None, attempt, _keys(guard, attempt))

    assert (told.look, told.values, told.error) == (None, None, None)


async def test_what_is_not_ours_is_an_error_that_the_caller_may_weigh(make_guard: MakeGuard) -> None:
    """
    A login must not fail because somebody wrote into the store.
    """
    guard = await make_guard(rule())
    attempt = guard.admit(fields())
    keys = _keys(guard, attempt)
    await guard.servers.client.set(keys[0], b"junk")

    told = await read(guard.checkpoint.subjects, guard.checkpoint.lookout, attempt, keys)

    assert isinstance(told.error, StoreCorrupt)
    assert not told.entities


async def test_a_report_may_be_faster_than_what_was_decided(make_guard: MakeGuard) -> None:
    """
    Another process answers before it writes; a mail server on the same machine reports within a millisecond.
    """
    one, two = await make_guard(rule()), await make_guard(rule())

    async def meanwhile(_: float) -> None:
        await one.check(fields(request_id="named-before"))
        await written(one)

    record = await decided(two.checkpoint.decisions, "named-before", pause=meanwhile)

    assert record.attempt.request_id == "named-before"


async def test_what_nobody_decided_stays_unknown(make_guard: MakeGuard) -> None:
    """
    To wait for it a second time would hold up who mistyped it.
    """
    guard = await make_guard(rule())

    with pytest.raises(UnknownRequest):
        await decided(guard.checkpoint.decisions, "never-named")
