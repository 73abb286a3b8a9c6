# SPDX-License-Identifier: Apache-2.0
"""
The process that trains, beside the workers of ``nacre serve``, or for as long as one training takes.

Started as ``python -m nacre.learner``; not meant for the command line.  It is the first to wait for a core, and
the first to go where memory ends: no login waits for a training.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported

import argparse
import asyncio
import contextlib
import pickle
import resource
import signal
import sys
from pathlib import Path

import structlog

from nacre.config.load import load_settings
from nacre.config.tree import Settings
from nacre.errors import SettingsError
from nacre.heap import keep_little
from nacre.logs import configure_logs
from nacre.parent import die_with
from nacre.service import Guard

log = structlog.get_logger(__name__)

_NICE = 10
_FIRST_TO_GO = "500"
_MEMORY, _MEMORY_OF_RECORD = 2 << 30, 8 << 10
"""Bytes of address space, beside what each record takes."""


def main() -> None:
    """Train until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m nacre.learner", description="who trains, of `nacre serve`")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--parent", type=int, required=True, help="process to die with")
    parser.add_argument("--owner", default="", help="name for the lease; that of the process it replaces")
    parser.add_argument("--once", action="store_true", help="end with the training; settings come from our parent")
    arguments = parser.parse_args()
    die_with(arguments.parent)
    try:
        if arguments.once:
            settings: Settings = pickle.loads(sys.stdin.buffer.read())  # noqa: S301  our parent wrote it
        else:
            settings = load_settings(arguments.config, os.environ)
        configure_logs(settings.server.log.level)
        _step_back(settings)
        asyncio.run(learn(settings, arguments.data_dir, arguments.owner, once=arguments.once))
    except SettingsError as error:
        log.error("cannot_start", error=str(error))  # noqa: TRY400  the text says it
        sys.exit(2)


async def learn(settings: Settings, data_dir: Path, owner: str, *, once: bool) -> None:
    """
    Train until SIGTERM.

    Args:
        settings: The tree.
        data_dir: Where keys and the embedded store are.
        owner: Name for the lease.
        once: Whether to end as soon as nothing waits.
    """
    async with Guard.open(
        settings, data_dir=data_dir, own_store=False, spool=False, watch=False, scripts=False
    ) as guard:
        teacher = guard.network_parts.teacher(settings.brute_force.neural_network, owner)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, teacher.stop)
        await teacher.run(once=once)


def _step_back(settings: Settings) -> None:
    """Let everything else go first."""
    os.nice(_NICE)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO)
    keep_little()
    records = settings.brute_force.neural_network.max_training_records
    with contextlib.suppress(ValueError, OSError):
        most = _MEMORY + _MEMORY_OF_RECORD * records
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


if __name__ == "__main__":
    main()
