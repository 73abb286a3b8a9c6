# SPDX-License-Identifier: Apache-2.0
"""The command ``nacre``."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from nacre.config.load import load_settings
from nacre.config.paths import data_dir as chosen
from nacre.logs import configure_logs

app = typer.Typer(no_args_is_help=True)


@app.command()
def serve(
    config: Annotated[Path | None, typer.Option()] = None,
    data_dir: Annotated[Path | None, typer.Option()] = None,
    listen: Annotated[str | None, typer.Option()] = None,
    workers: Annotated[int | None, typer.Option()] = None,
) -> None:
    from nacre.supervisor import Supervisor

    if listen:
        os.environ["NACRE_SERVER__LISTEN"] = listen
    if workers:
        os.environ["NACRE_SERVER__WORKERS"] = str(workers)
    settings = load_settings(config, os.environ)
    configure_logs(settings.server.log.level)
    place = data_dir or chosen(settings, os.environ)

    async def run() -> None:
        await Supervisor(settings, config, place, lambda a: print(a, place, file=sys.stderr), environ=os.environ).run()

    asyncio.run(run())


token = typer.Typer()
app.add_typer(token, name="token")


@token.command()
def create(
    role: Annotated[str, typer.Option()], ttl: str = "1h", data_dir: Annotated[Path | None, typer.Option()] = None
) -> None:
    from nacre.access.roles import Role
    from nacre.access.tokens import issue
    from nacre.config.duration import Duration
    from nacre.secrets import Secrets

    place = data_dir or chosen(load_settings(None, os.environ), os.environ)
    print(issue(Secrets.open(place).token_key, roles={Role(role)}, ttl=float(Duration.parse(ttl)), now=time.time()))


@token.command()
def revoke() -> None: ...


def run() -> None:
    app()
