# SPDX-License-Identifier: Apache-2.0
"""``strings``: what Lua's own string library has no function for."""

from __future__ import annotations

from collections.abc import Callable

from nacre.hooks.call import Module, Seat
from nacre.hooks.library.arguments import raw

_SPACE = b" \t\n\v\f\r"


def split(subject: bytes, separator: bytes) -> list[bytes]:
    """
    Return the parts of a string between a separator; an empty separator cuts between characters.

    >>> split(b"a,b,,c", b","), split(b"abc", b"")
    ([b'a', b'b', b'', b'c'], [b'a', b'b', b'c'])
    """
    if separator:
        return subject.split(separator)
    return [character.encode("utf-8", "surrogateescape") for character in subject.decode("utf-8", "surrogateescape")]


def open_strings(seat: Seat) -> Module:
    """Return the module."""

    def of_two(name: str, work: Callable[[bytes, bytes], object]) -> Callable[[object, object], object]:
        return lambda subject, other: work(raw(subject, 1, name), raw(other, 2, name))

    def split_(subject: object, separator: object) -> object:
        by = b" " if separator is None else raw(separator, 2, "split")
        return seat.table(list(split(raw(subject, 1, "split"), by)))

    return {
        "split": split_,
        "fields": lambda subject: seat.table(list(raw(subject, 1, "fields").split())),
        "trim": of_two("trim", lambda subject, cutset: subject.strip(cutset)),
        "trim_space": lambda subject: raw(subject, 1, "trim_space").strip(_SPACE),
        "trim_prefix": of_two("trim_prefix", bytes.removeprefix),
        "trim_suffix": of_two("trim_suffix", bytes.removesuffix),
        "has_prefix": of_two("has_prefix", bytes.startswith),
        "has_suffix": of_two("has_suffix", bytes.endswith),
        "contains": of_two("contains", lambda subject, part: part in subject),
    }
