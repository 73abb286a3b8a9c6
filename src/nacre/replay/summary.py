# SPDX-License-Identifier: Apache-2.0
"""What a replay found: who was refused by what, what got through, and whom it would have hurt."""

from __future__ import annotations

import msgspec

from nacre.address import format_address
from nacre.attempt import Attempt
from nacre.decision import Action, Block, Decision
from nacre.replay.record import Tally
from nacre.replay.refusers import MEASURE, NETWORK, RULE, Refuser, refusers

FEW_FAILURES = 3
"""Failures of an account from one address that a person has before remembering the password."""

MOST_LOGINS = 1000
"""Refused logins that are listed one by one; all are counted."""


class Source(msgspec.Struct):
    """
    One address in the log.

    Attributes:
        attempts: All of them.
        failures: Those that the backend rejected.
        let_through: Attempts that reached a password.
        failures_let_through: Rejected ones among these: guesses that nacre would have allowed.
        refused: Attempts that nacre would have refused.
        successes_refused: Logins among these that the backend accepted.
        accounts: Different accounts that were tried.
    """

    address: str
    attempts: int = 0
    failures: int = 0
    let_through: int = 0
    failures_let_through: int = 0
    refused: int = 0
    successes_refused: int = 0
    accounts: int = 0


class RefusedLogin(msgspec.Struct):
    """
    A login that the backend accepted and nacre would have refused.

    Attributes:
        time: Unix seconds.
        address, account: Who.
        rules: Names of the rules that refused it.
        others: What refused it beside rules, as ``measure block (enumeration)``.
        failures_before: Failures of this account from this address since it last signed in there.
        legitimate_looking: Whether the account had failed from this address no more often than people do.
    """

    time: float
    address: str
    account: str
    rules: tuple[str, ...]
    failures_before: int
    legitimate_looking: bool
    others: tuple[str, ...] = ()


class RuleCount(msgspec.Struct):
    """What one rule did: attempts refused, blocks begun, different sources refused."""

    refused: int = 0
    blocks: int = 0
    sources: int = 0


class OtherCount(msgspec.Struct):
    """What a kind of measures, or a side of the network, did: attempts refused, different sources refused."""

    refused: int = 0
    sources: int = 0


class Summary(msgspec.Struct, kw_only=True):
    """
    What a replay found.

    Each refusal is among *rules* or *others*; an attempt that several refused counts for each of them.

    Attributes:
        attempts, successes, failures: In the log.
        actions: Action to attempts.
        began, ended: Unix seconds of the first and last attempt.
        rules: Rule to what it did.
        others: The same beside rules: ``measure`` and ``network``, each with the names of
            :class:`~nacre.replay.refusers.Refuser`.
        blocks: Blocks in the order in which they began.
        sources: Addresses, those refused most first.
        refused_logins: Logins that the backend accepted and nacre would have refused.
        legitimate_looking_refused: How many of them look like their owner's.
        seconds: How long the replay took.
        read: What was read and left out.
    """

    attempts: int = 0
    successes: int = 0
    failures: int = 0
    failures_let_through: int = 0
    actions: dict[str, int] = {}
    began: float = 0.0
    ended: float = 0.0
    rules: dict[str, RuleCount] = {}
    others: dict[str, dict[str, OtherCount]] = msgspec.field(default_factory=lambda: {MEASURE: {}, NETWORK: {}})
    blocks: list[BlockBegun] = []
    sources: list[Source] = []
    refused_logins: list[RefusedLogin] = []
    successes_refused: int = 0
    legitimate_looking_refused: int = 0
    seconds: float = 0.0
    read: Tally = msgspec.field(default_factory=Tally)


class BlockBegun(msgspec.Struct):
    """A block as it began."""

    rule: str
    subject: str
    since: float
    until: float
    strikes: int


class Account:
    """Takes decisions in, one after the other, and sums them up."""

    def __init__(self) -> None:
        self.summary = Summary(actions=dict.fromkeys((action.value for action in Action), 0))
        self._sources: dict[bytes, Source] = {}
        self._tried: dict[bytes, set[str]] = {}
        self._failures: dict[tuple[bytes, str], int] = {}
        self._refused_sources: dict[Refuser, set[bytes]] = {}

    def add(self, attempt: Attempt, decision: Decision, *, success: bool) -> None:
        """Take in one attempt with its decision and the outcome in the log."""
        summary, address, account = self.summary, attempt.address, attempt.account
        summary.attempts += 1
        summary.began = attempt.time if summary.attempts == 1 else min(summary.began, attempt.time)
        summary.ended = max(summary.ended, attempt.time)
        summary.actions[decision.action.value] += 1
        source = self._sources.get(address)
        if source is None:
            source = self._sources[address] = Source(format_address(address) or "unknown")
            self._tried[address] = set()
        source.attempts += 1
        self._tried[address].add(account)
        if decision.refused:
            self._refuse(source, attempt, decision, success=success)
        else:
            source.let_through += 1
        pair = (address, account)
        if success:
            summary.successes += 1
            self._failures.pop(pair, None)
        else:
            summary.failures += 1
            source.failures += 1
            self._failures[pair] = self._failures.get(pair, 0) + 1
            if not decision.refused:
                source.failures_let_through += 1
                summary.failures_let_through += 1

    def begin(self, block: Block) -> None:
        """Take in a block that began."""
        self.summary.rules.setdefault(block.rule, RuleCount()).blocks += 1
        self.summary.blocks.append(BlockBegun(block.rule, block.subject, block.since, block.until, block.strikes))

    def close(self, read: Tally, seconds: float) -> Summary:
        """Return the sum of all."""
        summary = self.summary
        for address, source in self._sources.items():
            source.accounts = len(self._tried[address])
        for refuser, sources in self._refused_sources.items():
            self._count(refuser).sources = len(sources)
        summary.sources = sorted(self._sources.values(), key=lambda s: (-s.refused, -s.failures_let_through, s.address))
        summary.read, summary.seconds = read, seconds
        return summary

    def _refuse(self, source: Source, attempt: Attempt, decision: Decision, *, success: bool) -> None:
        source.refused += 1
        by = refusers(decision)
        for refuser in by:
            self._count(refuser).refused += 1
            self._refused_sources.setdefault(refuser, set()).add(attempt.address)
        if success:
            self._refuse_login(source, attempt, by)

    def _count(self, refuser: Refuser) -> RuleCount | OtherCount:
        if refuser.part == RULE:
            return self.summary.rules.setdefault(refuser.name, RuleCount())
        return self.summary.others[refuser.part].setdefault(refuser.name, OtherCount())

    def _refuse_login(self, source: Source, attempt: Attempt, by: tuple[Refuser, ...]) -> None:
        summary = self.summary
        source.successes_refused += 1
        summary.successes_refused += 1
        before = self._failures.get((attempt.address, attempt.account), 0)
        looks_right = before <= FEW_FAILURES
        summary.legitimate_looking_refused += looks_right
        if len(summary.refused_logins) < MOST_LOGINS:
            rules = tuple([refuser.name for refuser in by if refuser.part == RULE])
            others = tuple([str(refuser) for refuser in by if refuser.part != RULE])
            summary.refused_logins.append(
                RefusedLogin(attempt.time, source.address, attempt.account, rules, before, looks_right, others)
            )
