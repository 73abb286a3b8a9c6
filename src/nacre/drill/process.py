# SPDX-License-Identifier: Apache-2.0
"""A drill in a process of its own: what it takes of a core, the watch keeps."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from nacre.drill.run import Drill
from nacre.errors import StoreUnavailable
from nacre.telemetry import MULTIPROCESS

PATIENCE = 1_800.0
"""Seconds that a drill may take."""


class DrillProcess:
    """
    Makes drills in processes.

    Args:
        data_dir: Of the installation.
        config: File of its settings, ``None`` without one.
    """

    def __init__(self, data_dir: Path, config: Path | None) -> None:
        arguments: Sequence[str] = () if config is None else ("--config", str(config))
        self._command = ("-m", "nacre.driller", "--data-dir", str(data_dir), "--parent", str(os.getpid()), *arguments)

    async def run(self) -> Drill:
        """
        Make a drill, and return what it found.

        Raises:
            StoreUnavailable: it could not be made; the log has why.
        """
        environment = {name: value for name, value in os.environ.items() if name != MULTIPROCESS}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self._command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            env={**environment, "OPENBLAS_NUM_THREADS": "1"},
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(PATIENCE):
                told, _ = await process.communicate()
            return msgspec.json.decode(told, type=Drill)
        except (TimeoutError, msgspec.MsgspecError) as error:
            raise StoreUnavailable(f"the drill was not made; its process ended with {process.returncode}") from error
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
