# SPDX-License-Identifier: Apache-2.0
"""The embedded store: a real Valkey of one data directory."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest
from builders import eventually
from conftest import missing

from nacre.errors import SettingsError
from nacre.store.embedded import EmbeddedStore, environment, find_server


def ask(path: str, line: bytes) -> bytes:
    """Say one line to a store and return what it says."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(60)
        connection.connect(path)
        connection.sendall(line + b"\r\n")
        return connection.recv(1024)


def answers(path: str) -> bool:
    """Whether a store answers there."""
    try:
        return ask(path, b"PING") == b"+PONG\r\n"
    except OSError:
        return False


def pid_of(path: str) -> int:
    """Return the process of a store."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(60)
        connection.connect(path)
        connection.sendall(b"INFO server\r\n")
        said = connection.recv(65_536).decode()
    return int(next(line.partition(":")[2] for line in said.splitlines() if line.startswith("process_id:")))


def _libraries_of(process: int) -> str:
    return Path(f"/proc/{process}/maps").read_text()


async def test_what_was_acknowledged_is_there_after_a_kill(tmp_path: Path) -> None:
    """
    The store is started again by whoever keeps it, and reads what it wrote.
    """
    store = EmbeddedStore(tmp_path)
    await store.start()
    try:
        assert ask(store.socket, b"SET block kept") == b"+OK\r\n"
        before = pid_of(store.socket)
        os.kill(before, signal.SIGKILL)

        await eventually(lambda: answers(store.socket) and pid_of(store.socket) != before)

        assert ask(store.socket, b"GET block") == b"$4\r\nkept\r\n"
    finally:
        await store.stop()


async def test_it_allocates_with_the_jemalloc_of_the_system(tmp_path: Path) -> None:
    """
    The server of the wheel has none of its own, and a report takes it a fifth longer without.
    """
    library = environment(find_server()).get("LD_PRELOAD")
    if library is None:
        missing("libjemalloc2")
    store = EmbeddedStore(tmp_path)
    await store.start()
    try:
        maps = _libraries_of(pid_of(store.socket))
    finally:
        await store.stop()

    assert os.path.realpath(library) in maps  # noqa: ASYNC240  at once


@pytest.mark.parametrize("wrong", [b"no library", b""])
def test_a_jemalloc_that_cannot_be_loaded_is_left_out(tmp_path: Path, wrong: bytes) -> None:
    """
    One of another architecture, say: the store has to start all the same.
    """
    (tmp_path / "libjemalloc.so.2").write_bytes(wrong)

    assert "LD_PRELOAD" not in environment(find_server(), [str(tmp_path)])


def test_what_the_operator_preloads_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Whoever chose an allocator has a reason.
    """
    monkeypatch.setenv("LD_PRELOAD", "/opt/allocator.so")

    assert environment(find_server())["LD_PRELOAD"] == "/opt/allocator.so"


async def test_it_is_there_again_after_a_stop_and_gone_in_between(tmp_path: Path) -> None:
    """
    Stopping the service stops its store, and loses nothing.
    """
    store = EmbeddedStore(tmp_path)
    await store.start()
    ask(store.socket, b"SET toleration kept")
    await store.stop()
    assert not answers(store.socket)

    again = EmbeddedStore(tmp_path)
    await again.start()
    try:
        assert ask(again.socket, b"GET toleration") == b"$4\r\nkept\r\n"
    finally:
        await again.stop()


async def test_one_data_directory_has_one_store(tmp_path: Path) -> None:
    """
    Two writers of one file would destroy it.
    """
    first, second = EmbeddedStore(tmp_path), EmbeddedStore(tmp_path)
    await first.start()
    try:
        with pytest.raises(SettingsError, match="another nacre"):
            await second.start()
        assert second.running_elsewhere()
    finally:
        await first.stop()


async def test_a_deep_data_directory_has_a_socket_all_the_same(tmp_path: Path) -> None:
    """
    The kernel takes no path of more than 107 bytes for a socket.
    """
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    store = EmbeddedStore(deep)
    await store.start()
    try:
        assert answers(store.socket)
        assert len(store.socket) < 108
        assert EmbeddedStore(deep).socket == store.socket
    finally:
        await store.stop()


async def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    """
    Decisions hold user names and addresses.
    """
    store = EmbeddedStore(tmp_path / "data")
    await store.start()
    try:
        assert (tmp_path / "data" / "store").stat().st_mode & 0o077 == 0
        assert os.stat(store.socket).st_mode & 0o077 == 0  # noqa: PTH116  a path as the kernel has it
    finally:
        await store.stop()
