# SPDX-License-Identifier: Apache-2.0
"""Blocks in force, asked without a trip."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from builders import rule

from nacre.account import AccountNames
from nacre.attempt import Attempt, AttemptFields, admit
from nacre.config.tree import BruteForce, Settings
from nacre.decision import Block
from nacre.identity import Identity
from nacre.policy import Policy
from nacre.standing import StandingBlocks
from nacre.store.blocks import BlockCopy
from nacre.store.keys import Keys

NOW = 1_000.0
OURS = Identity(b"k" * 32)
KEYS = Keys("nacre:", OURS)
POLICY = Policy(Settings(brute_force=BruteForce(buckets=(rule(limit=5),))))
FIELDS = AttemptFields(client_ip="192.0.2.7", username="erika", time=NOW)


class Blocks:
    """Some blocks, held by this process."""

    def __init__(self, *blocks: Block) -> None:
        self.copy = BlockCopy()
        for block in blocks:
            self.copy.put(block)


class Kept:
    """Whether enough refusals of a flood are kept."""

    def __init__(self, *, enough: bool) -> None:
        self.enough = enough

    def is_excess(self, source: bytes, now: float, *, refused: bool = False) -> bool:  # noqa: ARG002
        """Say so, whatever the source."""
        return self.enough


def attempt() -> Attempt:
    """Somebody at the address that is blocked."""
    return admit(FIELDS, names=AccountNames(), identity=OURS, now=NOW, request_id="r")


def block(**other: object) -> Block:
    """A block of that address."""
    subject = KEYS.watched(POLICY.book.watches(attempt()), attempt())[0]
    return Block("address", subject, "192.0.2.7/32", "subnet", NOW - 10, NOW + 10, "why")._replace(**other)  # type: ignore[arg-type]


def refusing(*blocks: Block, sees: bool = False) -> Sequence[Block]:
    """What refuses that attempt with no need to ask."""
    watches = POLICY.book.watches(attempt())
    keys = KEYS.watched(watches, attempt())
    return StandingBlocks(Blocks(*blocks)).refusing(POLICY, watches, keys, attempt(), sees=sees)  # type: ignore[arg-type]


def test_a_block_in_force_refuses_and_one_that_is_over_does_not() -> None:
    """
    Its time is the attempt's.
    """
    assert [one.rule for one in refusing(block())] == ["address"]
    assert refusing(block(until=NOW)) == []
    assert refusing(block(since=NOW + 1, until=NOW + 20)) == []


def test_a_crowded_block_waits_for_who_it_is_only_if_somebody_can_tell() -> None:
    """
    Without the network nobody knows who signed in there before.
    """
    crowded = block(crowded=True)

    assert refusing(crowded, sees=True) == []
    assert refusing(crowded, sees=False) == [crowded]
    assert refusing(block(), sees=True) != []


def test_a_flood_is_refused_at_once_when_enough_of_it_is_kept() -> None:
    """
    Until then each refusal is a decision that can be asked for.
    """
    standing = StandingBlocks(Blocks(block()))  # type: ignore[arg-type]

    assert standing.at_once(POLICY, FIELDS, NOW, Kept(enough=False)) == []  # type: ignore[arg-type]
    assert standing.at_once(POLICY, FIELDS, NOW, Kept(enough=True)) == [block()]  # type: ignore[arg-type]


def test_callers_own_ids_of_a_flood_are_remembered() -> None:
    """
    Their reports change nothing, and are no error either.
    """
    standing = StandingBlocks(Blocks(block()))  # type: ignore[arg-type]
    named = msgspec.structs.replace(FIELDS, request_id="theirs")

    standing.at_once(POLICY, named, NOW, Kept(enough=True))  # type: ignore[arg-type]

    assert standing.refused_at_once("theirs")
    assert not standing.refused_at_once("another")


def test_nobody_at_a_crowded_address_is_refused_at_once() -> None:
    """
    An owner may be among them.
    """
    standing = StandingBlocks(Blocks(block(crowded=True)))  # type: ignore[arg-type]

    assert standing.at_once(POLICY, FIELDS, NOW, Kept(enough=True)) == []  # type: ignore[arg-type]


def test_an_address_that_cannot_be_read_is_looked_at_like_any_other() -> None:
    """
    Who sends it gets an error that names the field.
    """
    standing = StandingBlocks(Blocks(block()))  # type: ignore[arg-type]
    strange = msgspec.structs.replace(FIELDS, client_ip="nowhere")

    assert standing.at_once(POLICY, strange, NOW, Kept(enough=True)) == []  # type: ignore[arg-type]
