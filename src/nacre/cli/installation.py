# SPDX-License-Identifier: Apache-2.0
"""The installation that a command works on: its settings, its data directory, and the guard on them."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from nacre.errors import StoreUnavailable

if TYPE_CHECKING:
    from nacre.config.tree import Settings
    from nacre.service import Guard

Answer = TypeVar("Answer")

_TURN_PATIENCE = 15.0
_TURN_POLL = 0.02
_SILENCE = 1.0
"""Seconds that a command may take without a sign of life."""


class Installation(NamedTuple):
    """
    Where a command works.

    Attributes:
        settings: Of the file and the environment.
        data_dir: Absolute path of the store, the keys and the spool.
    """

    settings: Settings
    data_dir: Path

    @classmethod
    def find(cls, config: Path | None, data_dir: Path | None, environ: Mapping[str, str]) -> Installation:
        """
        Return the installation that options and environment name.

        Raises:
            SettingsError: a setting cannot be used.
        """
        from nacre.config.load import load_settings
        from nacre.config.paths import data_dir as chosen

        settings = load_settings(config, environ)
        return cls(settings, (data_dir or chosen(settings, environ)).absolute())


class Turn:
    """
    The right to start or stop the embedded store of a data directory.

    A command that finds no service starts the store for the moment.  Without turns, a second command
    or the service would find it running and lose it when the first command ends.
    """

    def __init__(self, directory: int) -> None:
        self._directory = directory

    @classmethod
    async def wait(cls, data_dir: Path) -> Turn:
        """
        Return once no other command has its turn; the data directory is made where it is missing.

        Raises:
            SettingsError: the data directory cannot be used.
            StoreUnavailable: another command does not end.
        """
        import asyncio

        from nacre.secrets import Secrets

        Secrets.open(data_dir)
        turn = cls(os.open(data_dir, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
        waited = 0.0
        while not turn.taken():
            if waited > _TURN_PATIENCE:
                turn.close()
                raise StoreUnavailable(f"another nacre command works on {data_dir}; let it end, then try again")
            await asyncio.sleep(_TURN_POLL)
            waited += _TURN_POLL
        return turn

    def taken(self) -> bool:
        """Take the turn if it is free; tells whether it is ours."""
        try:
            fcntl.flock(self._directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Let the next one have its turn."""
        if self._directory >= 0:
            os.close(self._directory)
            self._directory = -1


def ask(
    config: Path | None,
    data_dir: Path | None,
    question: Callable[[Guard], Awaitable[Answer]],
    *,
    shows: bool = False,
) -> Answer:
    """
    Return what a guard on the store answers; the embedded store is started for the moment if nobody runs it.

    Args:
        config: The option.
        data_dir: The option.
        question: What to ask.
        shows: Whether the question itself shows that something happens.

    Raises:
        SettingsError: settings, keys or store cannot be used as they are.
        StoreUnavailable: the store cannot be reached.
    """
    import asyncio

    from nacre.logs import configure_logs

    installation = Installation.find(config, data_dir, os.environ)
    configure_logs("error")

    async def run() -> Answer:
        async with contextlib.AsyncExitStack() as stack:
            if not shows:
                await stack.enter_async_context(sign_of_life())
            return await question(await stack.enter_async_context(opened(installation)))

    return asyncio.run(run())


@contextlib.asynccontextmanager
async def opened(installation: Installation) -> AsyncIterator[Guard]:
    """Open a guard on the store of an installation, whether or not its service runs."""
    from nacre.service import Guard, wants_embedded

    settings, data_dir = installation
    async with contextlib.AsyncExitStack() as stack:
        if wants_embedded(settings):
            stack.enter_context(contextlib.closing(await Turn.wait(data_dir)))
        guard = await stack.enter_async_context(
            Guard.open(settings, data_dir=data_dir, spool=False, watch=False, scripts=False)
        )
        if not guard.store_is_up:
            where = settings.server.redis.master.address or "named in server.redis"
            if wants_embedded(settings):
                where = f"of {data_dir}"
            raise StoreUnavailable(f"the store {where} cannot be reached; start it, or correct server.redis")
        yield guard


@contextlib.asynccontextmanager
async def sign_of_life() -> AsyncIterator[None]:
    """Show on a terminal that something happens, once it takes longer than a moment."""
    import asyncio

    async def spin() -> None:
        await asyncio.sleep(_SILENCE)
        from rich.console import Console

        with Console(stderr=True).status("Working on the store ..."):
            await asyncio.get_running_loop().create_future()

    spinning = asyncio.create_task(spin()) if sys.stderr.isatty() else None
    try:
        yield
    finally:
        if spinning is not None:
            spinning.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await spinning


def who() -> str:
    """Return the name under which the audit log has what this command changes."""
    user = os.geteuid()
    try:
        return f"cli:{pwd.getpwuid(user).pw_name}"
    except KeyError:
        return f"cli:{user}"
