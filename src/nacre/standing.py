# SPDX-License-Identifier: Apache-2.0
"""The blocks in force, asked about an attempt without a trip to the store."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from nacre.address import is_local, parse_address
from nacre.attempt import Attempt, AttemptFields
from nacre.decision import Block
from nacre.policy import Policy
from nacre.ports import BlockStore, DecisionStore
from nacre.rules.rule import Watch

_REFUSED = 20_000
"""Callers' own ids of refusals of which nothing else is kept."""


class StandingBlocks:
    """
    Finds the blocks that stand against an attempt.

    Args:
        blocks: Knows those in force.
    """

    def __init__(self, blocks: BlockStore) -> None:
        self._blocks = blocks
        self._refused: OrderedDict[str, None] = OrderedDict()

    def held(self, policy: Policy, watches: Sequence[Watch], keys: Sequence[bytes], attempt: Attempt) -> list[Block]:
        """Return the blocks held here that refuse an attempt whoever its owner is."""
        found = self._blocks.copy.of(keys)
        if not found:
            return []
        held = [
            block
            for place, block in found
            if block.since <= attempt.time < block.until and watches[place].refuses_by_address(block.rule)
        ]
        return policy.book.in_order(held)

    def refusing(
        self, policy: Policy, watches: Sequence[Watch], keys: Sequence[bytes], attempt: Attempt, *, sees: bool = False
    ) -> list[Block]:
        """
        Return the blocks that refuse an attempt with no need to ask the store.

        Args:
            policy: The settings.
            watches: Subjects of the attempt.
            keys: Their keys.
            attempt: The attempt.
            sees: Whether somebody can tell who signed in from a crowded address before.
        """
        held = self.held(policy, watches, keys, attempt)
        if sees:
            held = [block for block in held if not block.crowded]
        if held:
            terms = policy.tolerations.terms(attempt.address, attempt.time)
            if terms.percent or terms.adaptive:
                return []
        return held

    def at_once(self, policy: Policy, fields: AttemptFields, now: float, decisions: DecisionStore) -> list[Block]:
        """
        Return the blocks that refuse an attempt of which nothing more has to be known or kept.

        A flood from a blocked address costs as little as can be: once enough of its refusals
        are kept to explain it, the others are neither made into attempts nor kept.
        """
        if policy.exempts_some or not self._blocks.copy:
            return []
        try:
            address = parse_address(fields.client_ip)
        except ValueError:
            return []
        if not decisions.is_excess(address, now, refused=True):
            return []
        blocks = [
            block
            for block in self._blocks.copy.covering(address)
            if block.since <= now < block.until and policy.book.refuses(block.rule, fields.protocol, fields.oidc_cid)
            if not block.crowded
        ]
        if not blocks or is_local(address):
            return []
        terms = policy.tolerations.terms(address, now)
        if terms.percent or terms.adaptive:
            return []
        if fields.request_id is not None:
            self._refused[fields.request_id] = None
            if len(self._refused) > _REFUSED:
                self._refused.popitem(last=False)
        return policy.book.in_order(blocks)

    def refused_at_once(self, request_id: str) -> bool:
        """Whether an attempt under a caller's own id was refused like that."""
        return request_id in self._refused
