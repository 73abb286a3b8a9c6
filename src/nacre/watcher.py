# SPDX-License-Identifier: Apache-2.0
"""
The process that watches for campaigns, beside the workers of ``nacre serve``.

Started as ``python -m nacre.watcher``; not meant for the command line.  Of several services on one store one
watches; another one goes on within seconds after it is gone.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

import structlog

from nacre.config.load import load_settings
from nacre.config.tree import Settings
from nacre.drill.process import DrillProcess
from nacre.errors import SettingsError
from nacre.logs import configure_logs
from nacre.parent import die_with
from nacre.service import Guard

log = structlog.get_logger(__name__)

_NICE = 5
"""Logins go first; but an attack keeps all cores busy, and has to be seen then."""


def main() -> None:
    """Watch until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m nacre.watcher", description="who watches, of `nacre serve`")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--parent", type=int, required=True, help="process to die with")
    parser.add_argument("--owner", default="", help="name for the lease; that of the process it replaces")
    arguments = parser.parse_args()
    die_with(arguments.parent)
    try:
        settings = load_settings(arguments.config, os.environ)
        configure_logs(settings.server.log.level)
        os.nice(_NICE)
        drills = DrillProcess(arguments.data_dir, arguments.config)
        asyncio.run(watch(settings, arguments.data_dir, arguments.owner, drills))
    except SettingsError as error:
        log.error("cannot_start", error=str(error))  # noqa: TRY400  the text says it
        sys.exit(2)


async def watch(settings: Settings, data_dir: Path, owner: str, drills: DrillProcess) -> None:
    """
    Watch until SIGTERM.

    Args:
        settings: The tree.
        data_dir: Where keys and the embedded store are.
        owner: Name for the lease.
        drills: Makes drills.
    """
    opening = Guard.open(settings, data_dir=data_dir, own_store=False, spool=False, watch=False, scripts=False)
    async with opening as guard, guard.watching(owner, drills) as watching:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, watching.stop)
        await watching.run()


if __name__ == "__main__":
    main()
