# SPDX-License-Identifier: Apache-2.0
"""``nacre serve``: starts the service and says where it is, and how to get in."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import Annotated
from urllib.parse import urlsplit

import typer

from nacre.cli.exits import ExitCode
from nacre.cli.installation import Installation, Turn
from nacre.cli.options import Config, DataDir, examples
from nacre.cli.output import note
from nacre.errors import SettingsError

LISTEN, WORKERS = "NACRE_SERVER__LISTEN", "NACRE_SERVER__WORKERS"

_PATIENCE = 10.0
_POLL = 0.05
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - what listens there is asked on loopback


def serve(
    *,
    listen: Annotated[
        str | None,
        typer.Option(
            "--listen",
            metavar="HOST:PORT",
            envvar="NACRE_LISTEN",
            help="Where to listen, instead of server.listen; port 0 takes a free one.",
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", metavar="N", envvar="NACRE_WORKERS", help="Processes, instead of server.workers."),
    ] = None,
    config: Config = None,
    data_dir: DataDir = None,
) -> ExitCode:
    """Run the service until SIGTERM or Ctrl-C; SIGHUP reads the settings again."""
    import asyncio

    from nacre.logs import configure_logs

    environ = {**os.environ, **_overrides(listen, workers)}
    try:
        installation = Installation.find(config, data_dir, environ)
    except SettingsError as error:
        option = {LISTEN: "--listen", WORKERS: "--workers"}.get(error.file or "")
        if option is None or (listen, workers) == (None, None):
            raise
        problem = str(error).removeprefix(f"{error.file}: {error.field}: ")
        raise typer.BadParameter(problem, param_hint=option) from None
    configure_logs(installation.settings.server.log.level)
    asyncio.run(_serve(installation, config, environ))
    return ExitCode.DONE


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        epilog=examples("nacre serve", "nacre serve --config nacre.yml --listen 0.0.0.0:9080 --workers 2"),
    )(serve)


def token_command(data_dir: Path) -> str:
    """Return the command that makes a token of an administrator, as it can be typed here."""
    return f"{own_command()} token create --role admin --data-dir {quote(str(data_dir))}"


def own_command() -> str:
    """Return how this program was called, in a form that holds in other directories."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return f"{quote(sys.executable)} -m nacre"
    found = shutil.which(called.name)
    if found and Path(found).resolve() == called.resolve():
        return quote(called.name)
    return quote(str(called.absolute()))


async def ready(address: str, patience: float) -> bool:
    """Wait until a service says that it can answer; tells whether it does after *patience* seconds."""
    import asyncio

    from nacre.access.fetch import fetch

    target = urlsplit(f"{address}/readyz")
    host = target.hostname or ""
    if host in _ANYWHERE:
        target = target._replace(netloc=f"{_ANYWHERE[host]}:{target.port}")
    loop = asyncio.get_running_loop()
    end = loop.time() + patience
    while loop.time() < end:
        try:
            await fetch(target, within=1.0)
        except OSError:
            await asyncio.sleep(_POLL)
        else:
            return True
    return False


def _overrides(listen: str | None, workers: int | None) -> Mapping[str, str]:
    """Return the options as the variables that the workers read."""
    overrides = {}
    if listen is not None:
        overrides[LISTEN] = listen
    if workers is not None:
        overrides[WORKERS] = str(workers)
    return overrides


async def _serve(installation: Installation, config: Path | None, environ: Mapping[str, str]) -> None:
    import asyncio

    from nacre.supervisor import Supervisor

    settings, data_dir = installation
    turn = await Turn.wait(data_dir)
    announcing: list[asyncio.Task[None]] = []

    def announce(address: str) -> None:
        turn.close()
        announcing.append(asyncio.create_task(_announce(address, data_dir)))

    try:
        await Supervisor(settings, config, data_dir, announce, environ=environ).run()
    finally:
        turn.close()
        for task in announcing:
            task.cancel()


async def _announce(address: str, data_dir: Path) -> None:
    if await ready(address, _PATIENCE):
        note(f"nacre listens on {address}")
    else:
        note(f"nacre listens on {address}, but is not ready: {address}/readyz tells why")
    note(f"  data   {data_dir}")
    note(f"  token  {token_command(data_dir)}")
