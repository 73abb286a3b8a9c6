# SPDX-License-Identifier: Apache-2.0
"""
``regexp``: regular expressions as Go has them, by the library that Go's syntax comes from.

It takes time in proportion to the text, whatever the expression: one that backtracks would hold up the whole process.

Source:
    R. Cox, "Regular Expression Matching Can Be Simple And Fast", 2007.  https://swtch.com/~rsc/regexp/regexp1.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2

from nacre.hooks.call import Module, Seat
from nacre.hooks.library.arguments import raw, thing

MOST_MATCHES = 1_000
_LONGEST = 4_096
_MEMORY = 1_048_576


@lru_cache(maxsize=512)
def compiled(expression: bytes) -> Any:
    """
    Return an expression, ready to be used.

    Raises:
        ValueError: it is none.

    >>> bool(compiled(rb"^h(el+)o").search(b"hello"))
    True
    """
    if len(expression) > _LONGEST:
        raise ValueError(f"an expression has {_LONGEST:,} characters at most")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        return re2.compile(expression, options)
    except re2.error as error:
        reason = error.args[0] if error.args else b""
        told = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise ValueError(f"error parsing regexp: {told}") from error


def submatches(expression: Any, subject: bytes) -> list[list[bytes]]:
    r"""
    Return all matches, each with its groups; a group that took no part is empty.

    >>> submatches(compiled(rb"(\w+)=(\d+)?"), b"a=1 b=")
    [[b'a=1', b'a', b'1'], [b'b=', b'b', b'']]
    """
    found: list[list[bytes]] = []
    for match in expression.finditer(subject):
        if len(found) >= MOST_MATCHES:
            break
        found.append([match.group(0), *(group or b"" for group in match.groups())])
    return found


def open_regexp(seat: Seat) -> Module:
    """Return the module."""

    def match(expression: object, subject: object) -> object:
        try:
            return compiled(raw(expression, 1, "match")).search(raw(subject, 2, "match")) is not None
        except ValueError as error:
            return None, str(error)

    def find_all(expression: object, subject: object) -> object:
        name = "find_all_string_submatch"
        try:
            return seat.table(list(submatches(compiled(raw(expression, 1, name)), raw(subject, 2, name))))
        except ValueError as error:
            return None, str(error)

    def compile_(expression: object) -> object:
        try:
            made = compiled(raw(expression, 1, "compile"))
        except ValueError as error:
            return None, str(error)
        return thing(
            seat,
            {
                "match": lambda _, subject: made.search(raw(subject, 1, "match")) is not None,
                "find_all_string_submatch": lambda _, subject: seat.table(
                    list(submatches(made, raw(subject, 1, "find_all_string_submatch")))
                ),
            },
        )

    return {"compile": compile_, "match": match, "find_all_string_submatch": find_all}
