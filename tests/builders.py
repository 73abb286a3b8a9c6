# SPDX-License-Identifier: Apache-2.0
"""What tests build with: rules, attempts, a clock that they move."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import itertools
import math
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar, overload

from nacre.attempt import AttemptFields
from nacre.config.duration import Duration
from nacre.config.tree import NeuralNetwork, Rule
from nacre.decision import Decision
from nacre.service import Guard

MakeGuard = Callable[..., Awaitable[Guard]]

RULES_ALONE = NeuralNetwork(enabled=False)
"""Without the network: profiles know bystanders, for whose sake a ban may be milder than the rules alone would be."""

IDENTITY_KEY = b"k" * 32

_Found = TypeVar("_Found")


class Clock:
    """
    A clock that tests move.

    >>> clock = Clock(100.0)
    >>> clock.move(5)
    >>> clock()
    105.0
    """

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        """Return the time at which it stands."""
        return self.now

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


def same_digests(data_dir: Path) -> Path:
    """
    Let a data directory have the identity key of tests: what is counted by digests comes out alike in each run.

    Returns:
        The directory.
    """
    for place in (data_dir, data_dir / "secrets"):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = data_dir / "secrets" / "identity.key"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_bytes(IDENTITY_KEY)
    return data_dir


def rule(name: str = "address", *, limit: int = 5, period: float = 600, **other: object) -> Rule:
    """A rule; without further words it counts single IPv4 addresses."""
    fields: dict[str, object] = {"ban_time": Duration(3600), **other}
    if str(fields.get("subject", "subnet")) in {"subnet", "account+subnet"} and not fields.get("ipv6"):
        fields.setdefault("ipv4", True)
        fields.setdefault("cidr", 32)
    return Rule(name=name, period=Duration(period), failed_requests=limit, **fields)  # type: ignore[arg-type]


_numbers = itertools.count()


def fields(client_ip: str = "192.0.2.7", username: str = "erika", **other: object) -> AttemptFields:
    """The fields of an attempt; without further words each one has a password of its own."""
    other.setdefault("password", f"guess-{next(_numbers)}")
    return AttemptFields(client_ip=client_ip, username=username, **other)  # type: ignore[arg-type]


async def fail(guard: Guard, attempt: AttemptFields) -> Decision:
    """Try a wrong password as a server would: ask first and, unless refused, report the failure."""
    decision = await guard.check(attempt)
    if not decision.refused:
        await guard.report(decision.request_id, success=False)
        await written(guard)
    return decision


async def sign_in(guard: Guard, attempt: AttemptFields) -> Decision:
    """Try the right password as a server would: ask first and, unless refused, report the success."""
    decision = await guard.check(attempt)
    if not decision.refused:
        await guard.report(decision.request_id, success=True)
    return decision


async def written(guard: Guard) -> None:
    """Wait until the store has everything that followed from earlier answers: blocks, decisions."""
    await guard.checkpoint.settle()
    await guard.servers.run(b"", ("PING",))


_PATIENCE = 60.0
_LONGEST = 120.0


@overload
async def eventually(
    condition: Callable[[], Coroutine[Any, Any, _Found]], *, within: float = ..., every: float = ...
) -> _Found: ...
@overload
async def eventually(condition: Callable[[], _Found], *, within: float = ..., every: float = ...) -> _Found: ...
async def eventually(condition: Callable[[], Any], *, within: float = _PATIENCE, every: float = 0.01) -> Any:
    """
    Ask again and again until a condition holds, and return what it said; for processes, which no clock of ours moves.

    It is asked as often as *within* seconds allow, even where that takes longer: a machine that stands still for a
    while, or has others to serve, makes nobody late.

    Raises:
        TimeoutError: it did not hold *within* seconds, nor when it was asked so often.

    >>> asyncio.run(eventually(lambda: "ready"))
    'ready'
    """
    never, loop = asyncio.Event(), asyncio.get_running_loop()
    began, looks = loop.time(), math.ceil(within / every)
    async with asyncio.timeout(_LONGEST):
        while True:
            said = condition()
            answer = await said if inspect.isawaitable(said) else said
            if answer:
                return answer
            looks -= 1
            if looks < 0 and loop.time() >= began + within:
                raise TimeoutError(f"it does not hold within {within} s")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(every):
                    await never.wait()
