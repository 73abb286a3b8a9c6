# SPDX-License-Identifier: Apache-2.0
"""``nauthilus_context``: values that the scripts of one request hand each other."""

from __future__ import annotations

from nacre.hooks.call import Module, Seat
from nacre.hooks.library.arguments import text

MOST = 256
"""Values that the scripts of one request may keep."""


def open_context(seat: Seat) -> Module:
    """Return the module; a value is copied when it is set and when it is got."""

    def context_set(key: object, value: object) -> None:
        name = text(key, 1, "context_set")
        values = seat.call.context
        if name not in values and len(values) >= MOST:
            raise ValueError(f"the context of a request holds {MOST} values at most")
        values[name] = seat.plain(value)

    def context_get(key: object) -> object:
        return seat.table(seat.call.context.get(text(key, 1, "context_get")))

    def context_delete(key: object) -> None:
        seat.call.context.pop(text(key, 1, "context_delete"), None)

    return {"context_set": context_set, "context_get": context_get, "context_delete": context_delete}
