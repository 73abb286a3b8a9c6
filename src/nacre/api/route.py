# SPDX-License-Identifier: Apache-2.0
"""What a route is: method, path, role, what goes in, what comes out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from nacre.access.roles import Role
from nacre.api.answers import Ask

PUBLIC = None
"""The role of a route that asks for none; written out, so that nobody gets it by forgetting."""

NOTHING_MORE: Mapping[str, str] = {}


class Route(NamedTuple):
    """
    One route.

    Attributes:
        method, path: Where it is.
        role: Who may call it; ``PUBLIC`` for everybody.
        answer: Makes the answer, or a whole response; ``None`` for the hot routes, which have an application of
            their own.
        returns: Type of the answer.
        summary: What it does, a sentence.
        query: Type of the query, if it has one.
        body: Type of the body, if it has one.
        batch: Whether it takes lines of JSON, too.
        media: Media type of the answer.
        optional: Whether the body may be left out, which says the same as ``{}``.
        also: Further media types of the answer; in these it is text.
        statuses: Further statuses, and what they say; those below 300 come with the answer, all others with a problem.
    """

    method: str
    path: str
    role: Role | None
    answer: Callable[[Ask], Awaitable[Any]] | None
    returns: Any
    summary: str
    query: type[msgspec.Struct] | None = None
    body: Any = None
    batch: bool = False
    media: str = "application/json"
    optional: bool = False
    also: tuple[str, ...] = ()
    statuses: Mapping[str, str] = NOTHING_MORE


def lists_of(route: Route) -> list[str]:
    """Return the parameters of a route's query that may be repeated."""
    fields = msgspec.structs.fields(route.query) if route.query is not None else ()
    return [field.name for field in fields if field.default_factory is list]
