# SPDX-License-Identifier: Apache-2.0
"""``log``: loggers that write into the service's own log."""

from __future__ import annotations

import re

import structlog

from nacre.hooks.call import Module, Seat
from nacre.hooks.library.arguments import kind, options, text, text_or, thing, truth

log = structlog.get_logger(__name__)
LONGEST = 4_096
"""Characters of one line."""


_VERB = re.compile(r"%(?:\.([0-9]))?([sdfgvq%])")


def formatted(form: str, values: tuple[object, ...]) -> str:
    """
    Return a text with values in the place of its verbs.

    >>> formatted("%s: %d of %.1f %%", ("erika", 3.0, 4.25))
    'erika: 3 of 4.2 %'
    """
    left = iter(values)

    def filled(match: re.Match[str]) -> str:
        if match[2] == "%":
            return "%"
        value = next(left, None)
        if match[2] == "f" and isinstance(value, int | float):
            return f"{value:.{match[1] or 6}f}"
        return _shown(value)

    return _VERB.sub(filled, form[:LONGEST])


def open_log(seat: Seat) -> Module:
    """Return the module; a file that a script names is not written."""

    def new(_: object, prefix: object) -> object:
        state = {"prefix": text_or(prefix, "")}

        def write(line: str) -> None:
            shown = (state["prefix"] + line)[:LONGEST].encode("utf-8", "replace").decode()
            log.info("lua_log", script=seat.call.script, session=seat.call.session, text=shown)

        def set_prefix(_: object, prefix: object) -> None:
            state["prefix"] = text(prefix, 1, "set_prefix")

        return thing(
            seat,
            {
                "print": lambda _, *values: write("".join(map(_shown, values))),
                "println": lambda _, *values: write(" ".join(map(_shown, values))),
                "printf": lambda _, form, *values: write(formatted(text(form, 1, "printf"), values)),
                "set_prefix": set_prefix,
                "set_flags": lambda _, flags: options(seat, flags, 1, "set_flags") and None,
                "set_output": lambda _: None,
                "close": lambda _: None,
            },
        )

    return {"new": new}


def _shown(value: object) -> str:
    if kind(value) in {"nil", "boolean"}:
        return "nil" if value is None else str(truth(value)).lower()
    return text_or(value, f"<{kind(value)}>")
