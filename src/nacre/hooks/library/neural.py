# SPDX-License-Identifier: Apache-2.0
"""
``nauthilus_neural``: the network, as scripts work with it.

Only ``add_additional_features`` raises an error in Lua, because it returns nothing that could say what is wrong.
Elsewhere the first result is ``false`` where something cannot be done, and the second one says why.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Coroutine, Iterator, Mapping

from nacre.attempt import MAX_PAIRS, SECRET_NAMES
from nacre.errors import UnknownRequest
from nacre.features.catalogue import MAX_NAME
from nacre.features.extras import SKIPPED, Coding, read_coding
from nacre.hooks.call import Module, OpenModule, Seat, Value
from nacre.hooks.library.given import Refused, Result, actor, ask, expected, text_of
from nacre.jobs import MOST, MOST_EPOCHS, OPEN
from nacre.network_desk import Job, NetworkDesk

DEFAULT_SAMPLES, DEFAULT_EPOCHS = 5000, 50
"""What ``train_neural_network`` takes without arguments, as the original did."""

MOST_NAMES = 1000
"""Features that one call may remove."""

_LONGEST = 2048
_MARGIN = 1.0
"""Seconds before its own end at which a script is told that a training goes on."""
_WHOLE = 2.0**63

_Answer = tuple[bool, str | None]


def neural_module(network: NetworkDesk) -> OpenModule:
    """Return the module upon a network."""
    return lambda seat: _Neural(network, seat).functions()


class _Neural:
    """The functions of the module at one seat."""

    def __init__(self, network: NetworkDesk, seat: Seat) -> None:
        self._network = network
        self._seat = seat

    def functions(self) -> Module:
        """Return the functions by the names that scripts know."""
        return {
            "add_additional_features": self.add_additional_features,
            "set_learning_mode": self.set_learning_mode,
            "get_learning_mode": self.get_learning_mode,
            "train_neural_network": self.train_neural_network,
            "reset_neural_network": self.reset_neural_network,
            "remove_features_from_redis": self.remove_features_from_redis,
            "provide_feedback": self.provide_feedback,
        }

    # -- features of the attempt that is looked at

    def add_additional_features(self, features: object = None, encoding: object = None, *_: object) -> tuple[()]:
        """
        Give the network more to know of this attempt; the later call wins for each name.

        Raises:
            ValueError: the first argument is no table, or the second one a text that names no encoding.
        """
        given = self._seat.plain(features)
        if not isinstance(given, dict | list):
            raise ValueError(expected(1, "add_additional_features", "table", features))
        coding = read_coding(text_of(encoding) or "") if isinstance(encoding, str | bytes) else Coding.ONE_HOT
        call = self._seat.call
        for name, value in _usable(given):
            if name not in call.features and len(call.features) >= MAX_PAIRS:
                continue
            call.features[name] = value
            call.embedded.discard(name)
            if isinstance(value, str) and coding is Coding.EMBEDDING:
                call.embedded.add(name)
        return ()

    def remove_features_from_redis(self, features: object = None, *_: object) -> _Answer:
        """Remove features for good, or until somebody sends them again; unknown ones are no failure."""
        given = self._seat.plain(features)
        if not isinstance(given, dict | list):
            return False, expected(1, "remove_features_from_redis", "table", features)
        values = given.values() if isinstance(given, dict) else given
        names = list(dict.fromkeys(value for value in values if isinstance(value, str)))
        if not names:
            return False, "no features to remove provided"
        if len(names) > MOST_NAMES:
            return False, f"at most {MOST_NAMES:,} features can be removed at once"
        return self._do(self._network.remove_features(names, who=self._who))

    # -- learning mode

    def set_learning_mode(self, *arguments: object) -> _Answer:
        """Let the network only collect, or act; returns the mode that results."""
        enabled = arguments[0] if arguments else None
        if enabled is None:
            return False, "missing required parameter: enabled"
        if not isinstance(enabled, bool):
            return False, expected(1, "set_learning_mode", "boolean", enabled)
        learns = ask(self._seat, self._network.set_learning_mode(enabled, who=self._who))
        return (False, learns.message) if isinstance(learns, Refused) else (learns, None)

    def get_learning_mode(self, *_: object) -> bool | tuple[bool, str]:
        """
        Tell whether the network only collects.

        It does where it is off and while the store is away; a second result says so then.
        """
        learns = ask(self._seat, self._network.learning_mode())
        return (True, learns.message) if isinstance(learns, Refused) else learns

    # -- training

    def train_neural_network(self, max_samples: object = None, epochs: object = None, *_: object) -> _Answer:
        """Train, and wait for what comes of it: true if a model that was trained now is in use."""
        samples = _count(max_samples, DEFAULT_SAMPLES)
        if not 0 < samples <= MOST:
            return False, _out_of_range("maxSamples", samples, MOST)
        passes = _count(epochs, DEFAULT_EPOCHS)
        if not 0 < passes <= MOST_EPOCHS:
            return False, _out_of_range("epochs", passes, MOST_EPOCHS)
        job = ask(self._seat, self._train(samples, passes))
        if isinstance(job, Refused):
            return False, job.message
        return (True, None) if job.state == "published" else (False, problem_of(job))

    async def _train(self, samples: int, epochs: int) -> Job:
        job = await self._network.train(samples=samples, epochs=epochs, who=self._who)
        left = self._seat.call.deadline - time.monotonic() - _MARGIN
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None if math.isinf(left) else max(left, 0.0)):
                return await self._network.wait(job.id)
        return await self._network.job(job.id)

    def reset_neural_network(self, *_: object) -> _Answer:
        """Go back to the shipped model and the canonical features, and to learning, everywhere."""
        return self._do(self._network.reset(who=self._who))

    # -- feedback

    def provide_feedback(self, *arguments: object) -> _Answer:
        """Say what an attempt was; its features are those that were kept under its request id."""
        if len(arguments) < 4 or arguments[0] is None:
            return False, "missing required parameters: isBruteForce, requestId, clientIP, username"
        is_attack, *rest = arguments[:4]
        if not isinstance(is_attack, bool):
            return False, expected(1, "provide_feedback", "boolean", is_attack)
        texts = []
        for number, (name, value) in enumerate(zip(("requestId", "clientIP", "username"), rest, strict=True), start=2):
            text = text_of(value)
            if text is None:
                return False, expected(number, "provide_feedback", "string", value)
            if not text:
                return False, f"{name} cannot be empty"
            texts.append(text)
        request_id, client_ip, username = texts
        return self._do(self._give(request_id, is_attack=is_attack, client_ip=client_ip, username=username))

    async def _give(self, request_id: str, *, is_attack: bool, client_ip: str, username: str) -> str:
        """Give feedback; returns what stands against it, ``""`` for nothing."""
        try:
            await self._network.give_feedback(
                request_id, is_attack=is_attack, who=self._who, client_ip=client_ip, username=username
            )
        except UnknownRequest:
            return f"nothing is kept of an attempt {request_id[:128]!r}: it is unknown, or older than decisions.keep"
        return ""

    @property
    def _who(self) -> str:
        return actor(self._seat.call)

    def _do(self, work: Coroutine[object, object, Result]) -> _Answer:
        """Return whether work of the service could be done; a text that comes of it says why it could not."""
        done = ask(self._seat, work)
        problem = done.message if isinstance(done, Refused) else done if isinstance(done, str) else ""
        return (False, problem) if problem else (True, None)


def problem_of(job: Job) -> str:
    """
    Return why no model of a training is in use.

    >>> problem_of(Job(id="7", state="refused", why="asked for: it finds less.", who="", samples=0, epochs=0,
    ...                asked=0.0, model="m1"))
    'the model m1 was trained, but is not put in use: it finds less.'
    """
    why = job.why.partition(": ")[2] or job.why
    if job.state == "refused":
        return f"the model {job.model} was trained, but is not put in use: {why}"
    if job.state in OPEN:
        return f"the training goes on, as job {job.id}"
    return "the training was cancelled" if job.state == "cancelled" else why


def _usable(
    given: dict[str, Value] | list[Value] | dict[object, Value],
) -> Iterator[tuple[str, bool | int | float | str]]:
    """
    Yield the features that can be kept.

    Of a script that takes names or values from whoever signs in, the rest is left out without an error:
    else an attacker could make the script fail.
    """
    for name, value in given.items() if isinstance(given, Mapping) else ():
        if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME or not name.isprintable():
            continue
        if name in SKIPPED or any(part in name.casefold() for part in SECRET_NAMES):
            continue
        if isinstance(value, str | bytes):
            yield name, (text_of(value) or "")[:_LONGEST]
        elif isinstance(value, bool):
            yield name, value
        elif isinstance(value, int | float) and math.isfinite(value):
            yield name, value if abs(value) < _WHOLE else float(value)


def _count(value: Value, default: int) -> int:
    """Return a whole number as a script gave it, cut down; 0 for what is none."""
    if value is None:
        return default
    try:
        number = float(text_of(value) or "")
        return int(number)
    except (ValueError, OverflowError):
        return 0


def _out_of_range(name: str, number: int, most: int) -> str:
    if number <= 0:
        return f"{name} must be a positive number"
    return f"{name} must be at most {most:,}"
