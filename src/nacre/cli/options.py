# SPDX-License-Identifier: Apache-2.0
"""Options that several commands share, and the examples below their help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

WHERE = "Installation"

Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        envvar="NACRE_CONFIG",
        rich_help_panel=WHERE,
        help="Settings, the same as the service has; the defaults without one.",
    ),
]

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        metavar="DIR",
        file_okay=False,
        rich_help_panel=WHERE,
        help="Directory of the embedded store and the keys, instead of the one in the settings or in NACRE_DATA_DIR.",
    ),
]

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead.")]

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]

Ip = Annotated[str, typer.Argument(metavar="IP", help="An IPv4 or IPv6 address.")]

Network = Annotated[str, typer.Argument(metavar="NETWORK", help="An address, or a network in CIDR notation.")]


def examples(*lines: str) -> str:
    r"""
    Return the lines below the help of a command.

    >>> examples("nacre audit")
    'Example:\n\n$ nacre audit'
    """
    title = "Example:" if len(lines) == 1 else "Examples:"
    return "\n\n".join([title, *(f"$ {line}" for line in lines)])


def group(sentence: str) -> typer.Typer:
    """Return an empty group of commands."""
    return typer.Typer(help=sentence, no_args_is_help=True, add_completion=False)
