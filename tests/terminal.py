# SPDX-License-Identifier: Apache-2.0
"""What tests of the command line share."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

GUESSES = 10
"""Failures of one address that the default rules let pass."""


class Ran(NamedTuple):
    """
    What a command left behind.

    Attributes:
        code: Its exit code.
        out, err: What it printed.
    """

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The document on standard output."""
        return json.loads(self.out)


Run = Callable[..., Ran]
