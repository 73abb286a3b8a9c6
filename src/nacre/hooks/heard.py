# SPDX-License-Identifier: Apache-2.0
"""What scripts say of an attempt, and what is made of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from typing import Generic, NamedTuple, TypeVar

import msgspec
import structlog

from nacre.attempt import MAX_PAIRS, Attempt, Attribute
from nacre.config.lua import OnError
from nacre.decision import MESSAGES, Action, Decision, Reason
from nacre.errors import HookError, HooksBusy
from nacre.hooks.call import Call

log = structlog.get_logger(__name__)

_LONGEST_TEXT = 2048
_LONGEST_NAME = 128


class Heard(NamedTuple):
    """
    What features, or filters, said of an attempt.

    Attributes:
        by: The script that speaks against it, ``""`` if none does.
        why: A sentence, if it was not the script itself that said so.
        call: What the scripts left behind.
    """

    by: str
    why: str
    call: Call


Said = Heard | HookError | HooksBusy
"""What scripts said, or why they could not be run."""

Told_co = TypeVar("Told_co", covariant=True)


class Hearing(Generic[Told_co]):
    """
    What scripts will have said; awaited once, in a task or in what drives a coroutine as a task would.

    Args:
        begun: Of the scripts.
        tell: Makes what the caller is told of it.
    """

    def __init__(self, begun: asyncio.Future[Heard], tell: Callable[[Said], Told_co]) -> None:
        self._begun = begun
        self._tell = tell

    def __await__(self) -> Generator[object, None, Told_co]:
        """Wait until they have said it."""
        said: Said
        try:
            said = yield from self._begun.__await__()
        except (HookError, HooksBusy) as error:
            said = error
        return self._tell(said)

    def cancel(self) -> None:
        """Say that nobody waits any more: scripts that have not begun do not begin."""
        begun = self._begun
        if not begun.cancel() and not begun.cancelled():
            begun.exception()  # nobody is told of it


def after_error(error: HookError, policy: OnError, call: Call) -> Heard | None:
    """Log a failure; return what ends the list of scripts, ``None`` to go on with it."""
    log.error("lua_script_failed", script=error.script, error=str(error), session=call.session)
    if policy is OnError.REFUSE:
        return Heard(error.script, f"script {error.script} failed", call)
    return Heard("", "", call) if policy is OnError.ALLOW else None


def refusal(attempt: Attempt, heard: Heard) -> Decision:
    """
    Return the refusal that a feature asks for.

    The person who signs in reads what the script set as its message, or what everybody reads.
    """
    reason = Reason("lua", heard.why or f"feature {heard.by} speaks against it")
    message = heard.call.status_message or MESSAGES[Action.REFUSE]
    return Decision(attempt.request_id, Action.REFUSE, 0.0, None, (), (reason,), message)


def with_features(attempt: Attempt, call: Call) -> Attempt:
    """
    Return an attempt with the values that scripts gave it; what the caller gave comes first where there are too many.

    >>> from nacre.attempt import Attempt
    >>> attempt = Attempt("r1", 0.0, b"", "", "", "", b"", features={"a": 1})
    >>> with_features(attempt, Call("s", "feature", features={"b": "x", "c": [1]}, embedded={"b"})).features
    {'a': 1, 'b': 'x'}
    """
    features: dict[str, Attribute] = dict(attempt.features)
    for name, value in call.features.items():
        fits = name in features or (len(features) < MAX_PAIRS and len(name) <= _LONGEST_NAME)
        if fits and isinstance(value, bool | int | float | str):
            features[name] = value[:_LONGEST_TEXT] if isinstance(value, str) else value
    embedded = tuple(dict.fromkeys((*attempt.embedded, *sorted(call.embedded))))[:MAX_PAIRS]
    return msgspec.structs.replace(attempt, features=features, embedded=embedded)
