# SPDX-License-Identifier: Apache-2.0
"""``nacre lua``: look at scripts before the service runs them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nacre.cli.exits import ExitCode
from nacre.cli.options import AsJson, examples, group
from nacre.cli.output import show, show_json

app = group("Look at scripts before the service runs them.")


@app.callback()
def lua() -> None:
    """Look at scripts before the service runs them."""


@app.command(epilog=examples("nacre lua check /etc/nacre/lua/blocklist.lua"))
def check(file: Annotated[Path, typer.Argument(help="A script.")], *, as_json: AsJson = False) -> ExitCode:
    """Compile a script and run the text around its functions, without modules, and tell what it can be used as."""
    from nacre.hooks.trial import trial

    found = trial(str(file), file.read_bytes())
    if as_json:
        show_json({"file": str(file), "kinds": found.kinds, "requires": found.requires, "problem": found.problem})
    else:
        for sentence in found.sentences():
            show(sentence)
    return ExitCode.UNUSABLE if found.problem else ExitCode.DONE
