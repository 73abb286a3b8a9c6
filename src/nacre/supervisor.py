# SPDX-License-Identifier: Apache-2.0
"""
The parent of ``nacre serve``: opens the socket, keeps the embedded store and the workers running.

It answers no request itself, so nothing that a request does can take the store or the other
workers down.  If it dies, the kernel ends its children; what was acknowledged is in the store or the spool.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import itertools
import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from secrets import token_hex

import structlog
from prometheus_client.multiprocess import mark_process_dead

from nacre.config.load import load_settings
from nacre.config.paths import reloadable
from nacre.config.tree import Settings
from nacre.errors import SettingsError
from nacre.secrets import Secrets
from nacre.service import wants_embedded
from nacre.store.embedded import EmbeddedStore

log = structlog.get_logger(__name__)

HELD_BACK = {signal.SIGHUP}
"""Signals that wait until a new worker can follow them: before, they would end it."""
UNUSABLE = 2
"""Exit code of a worker that cannot use its settings; to start it again would not help."""
_BACKLOG = 2048
_GRACE = 15.0
_LONGEST_PAUSE = 5.0
_PAUSE_BESIDE = 1.0
BESIDE: dict[str, Callable[[Settings], bool]] = {
    "nacre.learner": lambda settings: settings.brute_force.neural_network.enabled,
    "nacre.watcher": lambda settings: settings.campaigns.enabled,
}
"""Processes that run once beside the workers, and when the settings want them."""
_PORT_PATIENCE, _PORT_POLL = 1.0, 0.05


class Supervisor:
    """
    Runs the service until it is told to stop.

    Args:
        settings: The tree.
        config: File that it came from, to be read again on SIGHUP.
        data_dir: Where the store, the keys and the spool are.
        announce: Called with the address once it listens.
        environ: What changes the settings of the file; workers get it as theirs.
    """

    def __init__(
        self,
        settings: Settings,
        config: Path | None,
        data_dir: Path,
        announce: Callable[[str], None],
        *,
        environ: Mapping[str, str],
    ) -> None:
        self._settings = settings
        self._config = config
        self._data_dir = data_dir
        self._announce = announce
        self._environ = environ
        self._stopping = asyncio.Event()
        self._workers: dict[int, asyncio.subprocess.Process] = {}
        self._wanted = settings
        self._beside: dict[str, asyncio.subprocess.Process] = {}
        self._owner = token_hex(8)

    async def run(self) -> None:
        """
        Serve until SIGTERM or SIGINT.

        Raises:
            SettingsError: the address is taken, or keys or the store cannot be used.
            StoreUnavailable: the embedded store did not start.
        """
        Secrets.open(self._data_dir)
        listening = await _listen(self._settings.server.listen)
        embedded = EmbeddedStore(self._data_dir) if wants_embedded(self._settings) else None
        if embedded is not None:
            await embedded.start()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        try:
            keepers = [
                asyncio.create_task(self._keep(slot, listening)) for slot in range(self._settings.server.workers)
            ]
            keepers += [asyncio.create_task(self._keep_beside(name)) for name in BESIDE]
            host, port = listening.getsockname()[:2]
            self._announce(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")
            await self._stopping.wait()
            await self._stop_workers()
            for keeper in keepers:
                keeper.cancel()
            for outcome in await asyncio.gather(*keepers, return_exceptions=True):
                if isinstance(outcome, SettingsError):
                    raise outcome
        finally:
            listening.close()
            if embedded is not None:
                await embedded.stop()

    async def _keep(self, slot: int, listening: socket.socket) -> None:
        """Run one worker, and another whenever it dies."""
        pause = 0.1
        for generation in itertools.count():
            began = asyncio.get_running_loop().time()
            worker = await self._spawn(listening)
            self._workers[slot] = worker
            code = await worker.wait()
            if self._stopping.is_set():
                return
            log.error("worker_died", code=code)
            if code == UNUSABLE and not generation:
                self._stopping.set()
                raise SettingsError("a worker cannot start with these settings; the line before says why")
            if self._settings.server.workers > 1:
                mark_process_dead(worker.pid, str(self._data_dir / "metrics"))  # type: ignore[no-untyped-call]
            lasted = asyncio.get_running_loop().time() - began
            pause = 0.1 if lasted > 10 else min(pause * 2, _LONGEST_PAUSE)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._stopping.wait()
                    return

    async def _keep_beside(self, name: str) -> None:
        """Run a process beside the workers, and another whenever it ends, while the settings want it."""
        while not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_PAUSE_BESIDE):  # workers start first
                    await self._stopping.wait()
                    return
            if not BESIDE[name](self._wanted):
                continue
            process = self._beside[name] = await asyncio.create_subprocess_exec(
                sys.executable, "-m", name, *self._arguments(), "--owner", self._owner,
                env={**self._environ, "OPENBLAS_NUM_THREADS": "1"},
                start_new_session=True,
            )  # fmt: skip
            code = await process.wait()
            if code and not self._stopping.is_set():
                log.error("process_died", process=name, code=code)

    def _arguments(self) -> list[str]:
        """Return what every child is told."""
        arguments = ["--data-dir", str(self._data_dir), "--parent", str(os.getpid())]
        return arguments if self._config is None else [*arguments, "--config", str(self._config)]

    async def _spawn(self, listening: socket.socket) -> asyncio.subprocess.Process:
        arguments = ["--fd", str(listening.fileno()), *self._arguments()]
        environment = dict(self._environ)
        if self._settings.server.workers > 1:
            environment["PROMETHEUS_MULTIPROC_DIR"] = str(self._metrics_dir())
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "nacre.worker",
            *arguments,
            pass_fds=[listening.fileno()],
            env=environment,
            start_new_session=True,  # Ctrl-C is for us: we end the workers and then the store
            preexec_fn=_hold_back,
        )

    def _metrics_dir(self) -> Path:
        """Return where workers share their counters, empty at each start of the service."""
        path = self._data_dir / "metrics"
        if not self._workers:
            shutil.rmtree(path, ignore_errors=True)
        path.mkdir(mode=0o700, exist_ok=True)
        return path

    def _reload(self) -> None:
        try:
            settings = load_settings(self._config, self._environ)
        except SettingsError as error:
            log.error("reload_refused", error=str(error))  # noqa: TRY400  the text says it
            return
        if later := reloadable(self._settings, settings):
            log.warning("settings_need_restart", settings=later)
        self._wanted = settings
        for worker in self._workers.values():
            with contextlib.suppress(ProcessLookupError):
                worker.send_signal(signal.SIGHUP)
        for process in self._beside.values():
            with contextlib.suppress(ProcessLookupError):
                process.terminate()  # the next one reads the settings

    async def _stop_workers(self) -> None:
        """Let workers finish what they answer, and end those that do not."""
        workers = [*self._workers.values(), *self._beside.values()]
        for worker in workers:
            with contextlib.suppress(ProcessLookupError):
                worker.terminate()
        try:
            async with asyncio.timeout(_GRACE):
                await asyncio.gather(*(worker.wait() for worker in workers))
        except TimeoutError:
            for worker in workers:
                with contextlib.suppress(ProcessLookupError):
                    worker.kill()


def _hold_back() -> None:
    """Keep signals of a worker pending until it can follow them; an `exec` changes nothing about that."""
    signal.pthread_sigmask(signal.SIG_BLOCK, HELD_BACK)


async def _listen(address: str) -> socket.socket:
    """
    Return a socket that listens on ``host:port``, as soon as one that was just killed has let go of it.

    Raises:
        SettingsError: the address is taken or is none of this machine's.
    """
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    patience = _PORT_PATIENCE
    while True:
        try:
            listening.bind((host, int(port)))
            break
        except OSError as error:
            if error.errno != errno.EADDRINUSE or patience <= 0:
                listening.close()
                raise SettingsError(f"cannot listen on {address}: {error.strerror}", field="server.listen") from error
        patience -= _PORT_POLL
        await asyncio.sleep(_PORT_POLL)
    listening.listen(_BACKLOG)
    listening.setblocking(False)  # noqa: FBT003  its signature
    return listening
