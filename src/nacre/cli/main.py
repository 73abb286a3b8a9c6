# SPDX-License-Identifier: Apache-2.0
"""
The command ``nacre``: what it consists of, and what becomes of errors.

Commands import what they need when they run: ``nacre --help`` then takes a fifth of a second, not half of one.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer
from typer.main import get_command

from nacre.cli import (
    attempts,
    blocks,
    campaigns,
    config,
    drill,
    explain,
    features,
    feedback,
    lua,
    measures,
    models,
    network,
    records,
    replay,
    serve,
    token,
    tolerations,
    train,
)
from nacre.cli.exits import ExitCode, code_of
from nacre.cli.options import AsJson, examples
from nacre.cli.output import note, show, show_json
from nacre.errors import GuardError

NAME = "nacre"

app = typer.Typer(name=NAME, no_args_is_help=True, pretty_exceptions_enable=False)


def _version() -> str:
    from importlib.metadata import version

    return version(NAME)


def _tell_version(wanted: bool) -> None:  # noqa: FBT001 - how an option calls back
    if wanted:
        show(f"{NAME} {_version()}")
        raise typer.Exit


@app.callback()
def nacre(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Protect logins: ask before a password is tested, tell afterwards what became of it."""


serve.register(app)
attempts.register(app)
replay.register(app)
app.add_typer(blocks.app, name="blocks")
app.add_typer(tolerations.app, name="tolerations")
records.register(app)
explain.register(app)
feedback.register(app)
network.register(app)
train.register(app)
drill.register(app)
app.add_typer(models.app, name="models")
app.add_typer(features.app, name="features")
campaigns.register(app)
app.add_typer(measures.app, name="measures")
app.add_typer(token.app, name="token")
app.add_typer(config.app, name="config")
app.add_typer(lua.app, name="lua")


@app.command(epilog=examples("nacre version --json"))
def version(*, as_json: AsJson = False) -> ExitCode:
    """Print the versions of nacre and Python."""
    python = ".".join(map(str, sys.version_info[:3]))
    if as_json:
        show_json({NAME: _version(), "python": python})
    else:
        show(f"{NAME} {_version()}, Python {python}")
    return ExitCode.DONE


def main(arguments: Sequence[str]) -> int:
    """
    Run a command and return its exit code; what goes wrong is told in one sentence on standard error.

    >>> main(["config", "check", "/no/such/file"])
    2
    """
    try:
        code = get_command(app).main(list(arguments), prog_name=NAME, standalone_mode=False)
    except typer.TyperException as error:
        return _misused(error)
    except typer.Abort:
        return _fail("stopped; nothing was changed", ExitCode.INTERRUPTED)
    except GuardError as error:
        return _fail(str(error), code_of(error))
    except OSError as error:
        return _fail(str(error), ExitCode.FAULT)
    return int(code or 0)


def run() -> NoReturn:
    """Run the command that the shell asks for."""
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal's encoding does not know must not end the command.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code = main(sys.argv[1:])
    except Exception:  # noqa: BLE001 - the outermost loop
        traceback.print_exc()
        code = _fail("this is a fault of nacre itself; please report it with the lines above", ExitCode.FAULT)
    sys.exit(code)


def _misused(error: typer.TyperException) -> int:
    """Say what is wrong with an invocation and where to read on; nothing, if that is what was printed already."""
    text = error.format_message().rstrip(".").removeprefix("Invalid value: ")
    context = getattr(error, "ctx", None)
    return _fail(f"{text}; see {context.command_path if context else NAME} --help" if text else "", ExitCode.UNUSABLE)


def _fail(sentence: str, code: ExitCode) -> int:
    if sentence:
        note(f"{NAME}: {sentence}")
    return int(code)
