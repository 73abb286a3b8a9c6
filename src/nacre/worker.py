# SPDX-License-Identifier: Apache-2.0
"""
One worker process: a guard behind HTTP on a socket that its parent opened.

Started by ``nacre serve`` as ``python -m nacre.worker``; not meant for the command line.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import structlog
import uvicorn
import uvloop

from nacre.access.gate import Gate
from nacre.api.app import App
from nacre.api.connection import Connection
from nacre.config.load import load_settings
from nacre.config.tree import Settings
from nacre.errors import GuardError, SettingsError, StoreUnavailable
from nacre.heap import collect_seldom
from nacre.logs import configure_logs
from nacre.parent import die_with
from nacre.revoked import RevokedFile
from nacre.service import Guard
from nacre.supervisor import HELD_BACK, UNUSABLE
from nacre.telemetry import DecisionLog

log = structlog.get_logger(__name__)

_REFRESH_EVERY = 60.0
_LOOK_EVERY = 5.0
_GRACE = 10


def main() -> None:
    """Run one worker until it is told to stop."""
    parser = argparse.ArgumentParser(prog="python -m nacre.worker", description="one worker of `nacre serve`")
    parser.add_argument("--fd", type=int, required=True, help="the listening socket")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--parent", type=int, required=True, help="process to die with")
    arguments = parser.parse_args()
    die_with(arguments.parent)
    try:
        settings = load_settings(arguments.config, os.environ)
        configure_logs(settings.server.log.level)
        uvloop.run(serve(settings, arguments.config, arguments.data_dir, socket.socket(fileno=arguments.fd)))
    except SettingsError as error:
        log.error("cannot_start", error=str(error))  # noqa: TRY400  the text says it
        sys.exit(UNUSABLE)


class Server(uvicorn.Server):
    """
    The HTTP server, without its own idea of signals.

    It would raise SIGTERM again once it has finished, which ends the process
    before what was answered is written to the store and the logs.
    """

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals to the event loop."""
        yield


def http_config(app: Any, *, http: Any) -> uvicorn.Config:
    """Return how an application is served; the benchmarks serve their empty handler the same way."""
    return uvicorn.Config(
        app,
        http=http,
        loop="none",
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        backlog=2048,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=_GRACE,
    )


async def serve(settings: Settings, config: Path | None, data_dir: Path, listening: socket.socket) -> None:
    """Serve HTTP on a socket until SIGTERM; SIGHUP reads the settings again."""
    async with Guard.open(settings, data_dir=data_dir, own_store=False, watch=False) as guard:
        gate = Gate(guard.secrets.token_key, settings.auth, guard.clock)
        guard.on_revoked = revoking(gate, RevokedFile(data_dir / "revoked.sqlite"), guard.clock())
        with contextlib.suppress(StoreUnavailable):
            await guard.reread_revoked()
        if settings.server.log.decisions:
            guard.decision_log = DecisionLog(sys.stdout.buffer, guard.telemetry.lines_dropped.inc)
        server = Server(http_config(App(guard, gate), http=Connection))
        # What is here now stays; collecting it again and again would make some answers wait.
        gc.collect()
        gc.freeze()
        collect_seldom()
        follow_signals(server, lambda: reload(guard, gate, config))
        keepers = [asyncio.create_task(refresh(gate)), asyncio.create_task(close_overdue(server))]
        try:
            await server.serve(sockets=[listening])
        finally:
            for keeper in keepers:
                keeper.cancel()


def revoking(gate: Gate, kept: RevokedFile, now: float) -> Callable[[str, float], None]:
    """Revoke what was revoked before, and return what revokes from now on, here and for those who start later."""
    for token_id, until in kept.all(now).items():
        gate.revoke(token_id, until)

    def revoke(token_id: str, until: float) -> None:
        gate.revoke(token_id, until)
        kept.add(token_id, until)

    return revoke


def follow_signals(server: uvicorn.Server, on_hangup: Callable[[], None]) -> None:
    """Let SIGTERM and SIGINT end the server when all is answered, and SIGHUP read the settings again."""

    def stop() -> None:
        server.should_exit = True

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop)
    loop.add_signal_handler(signal.SIGINT, stop)
    loop.add_signal_handler(signal.SIGHUP, on_hangup)
    # Our parent held back what came before we could listen to it.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HELD_BACK)


async def close_overdue(server: uvicorn.Server) -> None:
    """Close connections whose requests do not arrive."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(_LOOK_EVERY)
        for connection in list(server.server_state.connections):
            if isinstance(connection, Connection):
                connection.give_up(loop.time())


def reload(guard: Guard, gate: Gate, config: Path | None) -> None:
    """Read the settings again; if they cannot be used, the old ones stay in force."""
    try:
        settings, before = load_settings(config, os.environ), guard.settings
        guard.reload(settings)
        try:
            gate.reload(settings.auth)
        except SettingsError:
            guard.reload(before)
            raise
    except SettingsError as error:
        log.error("reload_refused", error=str(error))  # noqa: TRY400  the text says it
        return
    log.info("reloaded")


async def refresh(gate: Gate) -> None:
    """Fetch the keys of other issuers when they are due."""
    while True:
        with contextlib.suppress(GuardError):
            await gate.refresh()
        await asyncio.sleep(_REFRESH_EVERY)


if __name__ == "__main__":
    main()
