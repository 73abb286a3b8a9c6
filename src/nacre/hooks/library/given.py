# SPDX-License-Identifier: Apache-2.0
"""What scripts hand to functions of the service, looked at before it is used."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import NamedTuple, TypeVar

from nacre.errors import GuardError
from nacre.hooks.call import Call, Seat, Value
from nacre.hooks.library.arguments import BadArgument, kind, raw

Result = TypeVar("Result")


class Refused(NamedTuple):
    """
    What went wrong, as a script is told.

    Attributes:
        message: A sentence.
    """

    message: str


def text_of(value: Value) -> str | None:
    """
    Return a text as Lua takes it, numbers included; ``None`` for what is none.

    Bytes that are no UTF-8 become replacement characters: what comes of this is kept, and sent as JSON.

    >>> text_of("erika"), text_of(12.0), text_of(b"caf" + bytes([0xE9])), text_of(True)
    ('erika', '12', 'caf�', None)
    """
    if isinstance(value, bool) or not isinstance(value, str | bytes | int | float):
        return None
    return raw(value, 0, "").decode(errors="replace")


def expected(number: int, function: str, wanted: str, value: object) -> str:
    """
    Return what Lua says of an argument that cannot be used.

    >>> expected(1, "get_tolerate_map", "string", None)
    "bad argument #1 to 'get_tolerate_map' (string expected, got nil)"
    """
    return str(BadArgument(number, function, f"{wanted} expected, got {kind(value)}"))


def actor(call: Call) -> str:
    """
    Return who answers in the audit log for what a script does: who asked for it or, where nobody did, the script.

    >>> actor(Call("geoip", "feature")), actor(Call("feedback", "hook", who="erika"))
    ('script geoip', 'erika')
    """
    return call.who or f"script {call.script}"


def ask(seat: Seat, work: Coroutine[object, object, Result]) -> Result | Refused:
    """Return what comes of work of the service or, if it cannot be done, why not."""
    try:
        return seat.wait(work)
    except GuardError as error:
        error.__traceback__ = None  # its frames hold tables of Lua, which must not outlive the run
        return Refused(str(error))
