# SPDX-License-Identifier: Apache-2.0
"""
What a script and the modules it uses can reach while it runs.

A state of Lua (a *seat*) is used again and again; what belongs to one run is in its :class:`Call`.  A module is a
function that is given the seat once and returns its functions by name; these look at ``seat.call`` when they run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

Result = TypeVar("Result")

Value = object
"""A plain value: ``None``, bool, int, float, str, bytes, list or dict of such."""


@dataclass(slots=True)
class HttpRequest:
    """
    The request that a custom hook answers, or that carried an attempt.

    Attributes:
        method: Upper case.
        path: Without the query.
        query: The last value of each parameter.
        headers: Names in lower case, each with all its values.
        body: As it came.
    """

    method: str = ""
    path: str = ""
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, list[str]] = field(default_factory=dict)
    body: bytes = b""


@dataclass(slots=True)
class HttpResponse:
    """
    What a hook answers beside the table that it returns; of a feature or filter, headers only.

    Attributes:
        status: ``0`` if none was set.
        headers: Name as it was written, and value, each character of which is a byte; a name may stand there
            several times.
        body: ``None`` if none was written: the returned table is the answer then.
    """

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | None = None


@dataclass(slots=True)
class Call:
    """
    One run of a script.

    Attributes:
        script: Name of the script, for logs and errors.
        kind: ``init``, ``feature``, ``neural``, ``filter``, ``action`` or ``hook``.
        session: Id of the request.
        who: Who asked, for the audit log; of a hook, the name of the token.
        context: Values that the scripts of one request hand each other.
        http: The HTTP request, ``None`` without one.
        features: Additional features that scripts added, by name; and which of them are embedded.
        custom_log: Pairs for the decision line.
        status_message: For the person who signs in, ``""`` if none was set.
        response: What the script wants to be answered over HTTP.
        attributes: What filters add to the answer, by name.
        withheld: Names of attributes that filters take away.
        deadline: When the run has to have ended, by ``time.monotonic``; nothing waits longer than until then.
    """

    script: str
    kind: str
    session: str = ""
    who: str = ""
    context: dict[str, Value] = field(default_factory=dict)
    http: HttpRequest | None = None
    features: dict[str, Value] = field(default_factory=dict)
    embedded: set[str] = field(default_factory=set)
    custom_log: dict[str, Value] = field(default_factory=dict)
    status_message: str = ""
    response: HttpResponse = field(default_factory=HttpResponse)
    attributes: dict[str, Value] = field(default_factory=dict)
    withheld: set[str] = field(default_factory=set)
    deadline: float = math.inf


class Seat(Protocol):
    """A state of Lua that runs one script at a time, in a thread of its own."""

    call: Call

    def table(self, value: Value) -> object:
        """Return a plain value as Lua has it; dicts and lists become tables."""

    def plain(self, value: object) -> Value:
        """
        Return a value of Lua as a plain one.

        A table with the keys 1..n is a list, an empty one an empty list, any other a dict; whole numbers are ints.
        """

    def wait(self, work: Coroutine[object, object, Result]) -> Result:
        """Run work of the service on its event loop, and return what comes of it; the script waits meanwhile."""


Module = Mapping[str, object]
"""
Functions, and constants, by name.

A function may return a tuple: its members are the results of the Lua function.  What it raises becomes an error in Lua.
"""

OpenModule = Callable[[Seat], Module]
"""Makes a module for one seat."""
