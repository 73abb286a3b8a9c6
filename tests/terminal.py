# SPDX-License-Identifier: Apache-2.0
"""What tests of the command line share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from typer.main import get_command

from nacre.cli.main import app

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


def _leaves(command: Any, path: str = "nacre") -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, inner in command.commands.items():
        yield from _leaves(inner, f"{path} {name}")


COMMANDS: dict[str, Any] = dict(_leaves(get_command(app)))
"""Every command that does something, by its full name."""
