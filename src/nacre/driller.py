# SPDX-License-Identifier: Apache-2.0
"""
The process that makes a drill for the one who watches, so that the watch goes on meanwhile.

Started as ``python -m nacre.driller``; not meant for the command line, where ``nacre drill`` does the same.  It prints
what it found as JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

import msgspec
import structlog

from nacre.config.load import load_settings
from nacre.config.tree import Settings
from nacre.drill.run import Drill
from nacre.errors import GuardError
from nacre.logs import configure_logs
from nacre.parent import die_with
from nacre.service import Guard

log = structlog.get_logger(__name__)

_NICE = 10


def main() -> None:
    """Make a quick drill."""
    parser = argparse.ArgumentParser(prog="python -m nacre.driller", description="who drills, of `nacre serve`")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--parent", type=int, required=True, help="process to die with")
    arguments = parser.parse_args()
    die_with(arguments.parent)
    try:
        settings = load_settings(arguments.config, os.environ)
        configure_logs("error")
        os.nice(_NICE)
        found = asyncio.run(_drill(settings, arguments.data_dir))
    except GuardError as error:
        log.error("cannot_drill", error=str(error))  # noqa: TRY400  the text says it
        sys.exit(2)
    sys.stdout.buffer.write(msgspec.json.encode(found))


async def _drill(settings: Settings, data_dir: Path) -> Drill:
    opening = Guard.open(settings, data_dir=data_dir, own_store=False, spool=False, watch=False, scripts=False)
    async with opening as guard:
        return await guard.drill(quick=True)


if __name__ == "__main__":
    main()
