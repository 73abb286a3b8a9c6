# SPDX-License-Identifier: Apache-2.0
"""What cannot be used, and why, from what the decoder says of it."""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

_PATH = re.compile(r" - at (?:`key` in )?`\$\.?([^`]*)`$")
_MISSING = re.compile(r"(?:missing required|unknown) field `([^`]*)`")


class Invalid(NamedTuple):
    """
    A value that cannot be used.

    Attributes:
        field: Where it stands, as callers spell it: ``headers``, ``local_port``; ``""`` for the whole.
        problem: What is wrong with it.
    """

    field: str
    problem: str

    @classmethod
    def of(cls, error: msgspec.ValidationError) -> Invalid:
        """
        Return what the decoder complains about.

        >>> Invalid.of(msgspec.ValidationError("Expected `int`, got `str` - at `$.local_port`"))
        Invalid(field='local_port', problem='Expected `int`, got `str`')
        >>> Invalid.of(msgspec.ValidationError("Object missing required field `username`")).field
        'username'
        """
        text = str(error)
        path, missing = _PATH.search(text), _MISSING.search(text)
        parts = (path[1] if path else "", missing[1] if missing else "")
        return cls(".".join(part for part in parts if part), _PATH.sub("", text))
