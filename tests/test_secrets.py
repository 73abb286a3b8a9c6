# SPDX-License-Identifier: Apache-2.0
"""Secrets on disk: made once, whole, and for nobody else."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from multiprocessing import get_context
from pathlib import Path

import pytest

from nacre.errors import SettingsError
from nacre.secrets import Secrets

OPEN_ONE_AFTER_THE_OTHER = """
import sys
from itertools import count
from pathlib import Path
from nacre.secrets import Secrets

for number in count():
    Secrets.open(Path(sys.argv[1]) / str(number))
    print(number, flush=True)
"""


def mode(path: Path) -> int:
    """Return who may do what with a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_a_first_start_makes_keys_that_only_their_owner_can_read(tmp_path: Path) -> None:
    """
    The umask of a service is not ours to choose: the widest one must not open the keys.
    """
    before = os.umask(0)
    try:
        secrets = Secrets.open(tmp_path / "data")
    finally:
        os.umask(before)

    directory = tmp_path / "data" / "secrets"
    assert (len(secrets.identity_key), len(secrets.token_key)) == (32, 32)
    assert secrets.identity_key != secrets.token_key
    assert (mode(tmp_path / "data"), mode(directory)) == (0o700, 0o700)
    assert {path.name: mode(path) for path in directory.iterdir()} == {"identity.key": 0o600, "token.key": 0o600}


def test_a_directory_can_begin_with_a_key_that_is_given(tmp_path: Path) -> None:
    """
    What is digested there is digested as elsewhere; a key that is there stays.
    """
    Secrets.begin(tmp_path / "d", identity_key=b"k" * 32)

    assert Secrets.open(tmp_path / "d").identity_key == b"k" * 32
    assert mode(tmp_path / "d" / "secrets") == 0o700
    assert mode(tmp_path / "d" / "secrets" / "identity.key") == 0o600
    with pytest.raises(OSError, match="exists"):
        Secrets.begin(tmp_path / "d", identity_key=b"l" * 32)


def test_a_later_start_finds_the_same_keys(tmp_path: Path) -> None:
    """
    Other keys would forget every account and every token.
    """
    first = Secrets.open(tmp_path)

    second = Secrets.open(tmp_path)

    assert second == first


def test_processes_that_start_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    """
    Workers and the command line may meet on an empty directory; each of 100 directories is a race of four.
    """
    directories = [tmp_path / str(number) for number in range(100)]

    with get_context("spawn").Pool(4) as pool:
        opened = pool.map(Secrets.open, [directory for directory in directories for _ in range(4)], chunksize=1)

    for number, directory in enumerate(directories):
        assert len(set(opened[4 * number : 4 * number + 4])) == 1
        assert len(list((directory / "secrets").iterdir())) == 2


def test_a_process_killed_at_any_moment_leaves_a_directory_that_can_be_used(tmp_path: Path) -> None:
    """
    Half a key must never be taken for one, nor stand in the way of a whole one.
    """
    for life in range(1, 9):
        base = tmp_path / str(life)
        command = [sys.executable, "-c", OPEN_ONE_AFTER_THE_OTHER, str(base)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            for _ in range(life):
                process.stdout.readline()
            process.kill()

        for directory in base.iterdir():
            secrets = Secrets.open(directory)
            assert (len(secrets.identity_key), len(secrets.token_key)) == (32, 32)


def test_the_draft_of_a_killed_process_is_not_read(tmp_path: Path) -> None:
    """
    It may hold any part of a key.
    """
    directory = tmp_path / "secrets"
    directory.mkdir(mode=0o700)
    (directory / ".token.key.0123456789abcdef").write_bytes(b"half a key")

    secrets = Secrets.open(tmp_path)

    assert len(secrets.token_key) == 32


@pytest.mark.parametrize("name", ["identity.key", "token.key"])
@pytest.mark.parametrize("wide", [0o640, 0o604, 0o620, 0o602, 0o610])
def test_a_key_that_others_may_touch_is_refused_with_the_command_that_helps(
    tmp_path: Path, name: str, wide: int
) -> None:
    """
    A key that was readable for a while may be in other hands; starting all the same would hide it.
    """
    Secrets.open(tmp_path)
    key = tmp_path / "secrets" / name
    key.chmod(wide)

    with pytest.raises(SettingsError, match=rf"mode {wide:04o}.*chmod 600 .*{name}"):
        Secrets.open(tmp_path)

    key.chmod(0o600)
    Secrets.open(tmp_path)


def test_a_directory_of_secrets_that_others_may_enter_is_refused(tmp_path: Path) -> None:
    """
    Who may write there could put a key of their own in place of ours.
    """
    Secrets.open(tmp_path)
    (tmp_path / "secrets").chmod(0o770)

    with pytest.raises(SettingsError, match=r"chmod 700 .*secrets"):
        Secrets.open(tmp_path)


@pytest.mark.parametrize(("name", "size"), [("identity.key", 31), ("identity.key", 33), ("token.key", 31)])
def test_a_key_of_another_size_is_refused(tmp_path: Path, name: str, size: int) -> None:
    """
    It was cut or edited by hand, and a short key is a guessable one.
    """
    Secrets.open(tmp_path)
    (tmp_path / "secrets" / name).write_bytes(b"k" * size)

    with pytest.raises(SettingsError, match=f"{name} must hold 32"):
        Secrets.open(tmp_path)


@pytest.mark.parametrize(("size", "taken"), [(0, False), (64, True), (1024, True), (1025, False)])
def test_a_longer_token_key_may_be_put_there_by_hand(tmp_path: Path, size: int, *, taken: bool) -> None:
    """
    Several instances share tokens by sharing this file, however it was made.
    """
    Secrets.open(tmp_path)
    (tmp_path / "secrets" / "token.key").write_bytes(b"k" * size)

    if taken:
        assert len(Secrets.open(tmp_path).token_key) == size
    else:
        with pytest.raises(SettingsError, match=r"32 to 1024 bytes"):
            Secrets.open(tmp_path)


def test_a_symbolic_link_is_no_key(tmp_path: Path) -> None:
    """
    What it points to may change hands without the link changing.
    """
    Secrets.open(tmp_path)
    key = tmp_path / "secrets" / "token.key"
    key.rename(tmp_path / "elsewhere")
    key.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(SettingsError, match=r"symbolic link"):
        Secrets.open(tmp_path)


def test_a_pipe_under_the_name_of_a_key_does_not_hold_up_the_start(tmp_path: Path) -> None:
    """
    Opening a pipe waits for somebody at its other end, for ever if nobody comes.
    """
    Secrets.open(tmp_path)
    key = tmp_path / "secrets" / "token.key"
    key.unlink()
    os.mkfifo(key, 0o600)

    with pytest.raises(SettingsError, match=r"no regular file"):
        Secrets.open(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize("name", ["secrets/token.key", "secrets/identity.key", "secrets"])
def test_what_belongs_to_somebody_else_is_refused(tmp_path: Path, name: str) -> None:
    """
    Who owns a key knows it, whatever its mode says.
    """
    Secrets.open(tmp_path)
    os.chown(tmp_path / name, 65_534, -1)

    with pytest.raises(SettingsError, match=r"belongs to user id 65534"):
        Secrets.open(tmp_path)


def test_a_data_directory_that_is_a_file_is_refused_with_its_name(tmp_path: Path) -> None:
    """
    A traceback would not tell an operator which setting to change.
    """
    (tmp_path / "data").write_text("")

    with pytest.raises(SettingsError, match=r"^server.data_dir: .*data.*may write"):
        Secrets.open(tmp_path / "data")


def test_the_keys_are_not_part_of_the_text_form(tmp_path: Path) -> None:
    """
    Text forms end up in logs and tracebacks.
    """
    secrets = Secrets.open(tmp_path)

    assert repr(secrets) == f"Secrets(data_dir={tmp_path!r})"
