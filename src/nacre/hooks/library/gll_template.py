# SPDX-License-Identifier: Apache-2.0
"""``template``: texts with values filled in."""

from __future__ import annotations

from nacre.hooks.call import Module, Seat
from nacre.hooks.library import mustache
from nacre.hooks.library.arguments import text, thing


def open_template(seat: Seat) -> Module:
    """Return the module; mustache is the one engine."""

    def render(_: object, template: object, values: object) -> object:
        try:
            return mustache.render(text(template, 1, "render"), seat.plain(values))
        except ValueError as error:
            return "", str(error)

    def choose(engine: object) -> object:
        name = text(engine, 1, "choose")
        if name != "mustache":
            return None, f"unknown engine: {name}"
        return thing(seat, {"render": render})

    return {"choose": choose}
