# SPDX-License-Identifier: Apache-2.0
"""
The secrets of one installation, kept as files in the data directory.

``secrets/identity.key`` makes the digests under which accounts and passwords enter the store;
``secrets/token.key`` signs tokens.  Several processes may start at once on an empty directory:
the first complete file wins and all of them use it.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote

from nacre.errors import SettingsError
from nacre.identity import KEY_BYTES

TOKEN_KEY_BYTES = 32
"""Bytes of a token key that we make: as many as HS256 puts out (RFC 7518, section 3.2)."""
TOKEN_KEY_SIZES = range(TOKEN_KEY_BYTES, 1025)
"""Bytes that a token key put there by hand may have."""
_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class Secrets:
    """
    What must not leave the machine.

    Attributes:
        data_dir: The directory that holds ``secrets/``.
        identity_key: 32 bytes for :class:`nacre.identity.Identity`.
        token_key: 32 to 1024 bytes that sign tokens with HS256.

    Neither key is part of the text form, which may end up in a log.
    """

    data_dir: Path
    identity_key: bytes = field(repr=False)
    token_key: bytes = field(repr=False)

    @staticmethod
    def begin(data_dir: Path, *, identity_key: bytes) -> None:
        """
        Put an identity key into an empty data directory, for digests that are to be the same as elsewhere.

        Raises:
            OSError: the directory cannot be used, or holds a key already.
        """
        directory = data_dir / "secrets"
        directory.mkdir(mode=0o700, parents=True)
        _create(directory / "identity.key", identity_key)

    @classmethod
    def open(cls, data_dir: Path) -> Secrets:
        """
        Return the secrets of a data directory; directory and keys are made where they are missing.

        Raises:
            SettingsError: A key is open to others, belongs to somebody else or has the wrong
                size, or the directory cannot be used.  The message says what would help.
        """
        directory = data_dir / "secrets"
        try:
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            directory.mkdir(mode=0o700, exist_ok=True)
            _refuse_foreign(directory, directory.lstat(), kind=stat.S_IFDIR)
            return cls(
                data_dir,
                identity_key=_key(directory / "identity.key", KEY_BYTES, range(KEY_BYTES, KEY_BYTES + 1)),
                token_key=_key(directory / "token.key", TOKEN_KEY_BYTES, TOKEN_KEY_SIZES),
            )
        except OSError as error:
            raise _unusable(
                f"secrets cannot be kept in {data_dir}: {error}; "
                "run as the user who owns it, or name a directory that this user may write "
                "(its file system must know hard links)"
            ) from error


def _key(path: Path, size: int, sizes: range) -> bytes:
    try:
        key = _read(path, sizes)
    except FileNotFoundError:
        _create(path, secrets.token_bytes(size))
        key = _read(path, sizes)
    if len(key) not in sizes:
        wanted = f"{sizes[0]}" if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}"
        raise _unusable(
            f"{path} must hold {wanted} bytes; restore it from a backup, or remove it to have a new one made: "
            "what was kept or signed with the old one is lost then"
        )
    return key


def _read(path: Path, sizes: range) -> bytes:
    # Without O_NONBLOCK, a pipe under the name of a key would hold up the start for ever.
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _unusable(f"{path} is a symbolic link; put the file itself there") from None
        raise
    with os.fdopen(descriptor, "rb") as file:
        _refuse_foreign(path, os.fstat(descriptor), kind=stat.S_IFREG)
        return file.read(sizes[-1] + 1)


def _create(path: Path, key: bytes) -> None:
    """
    Put a complete key under its name, unless another process was faster.

    A link, other than a rename, never replaces what is there, and appears only once the content
    is on the disk.  What a killed process leaves behind has another name and is never read.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, 0o600)
            file.write(key)
            file.flush()
            os.fsync(descriptor)
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse_foreign(path: Path, found: os.stat_result, *, kind: int) -> None:
    if stat.S_IFMT(found.st_mode) != kind:
        raise _unusable(f"{path} is no {'directory' if kind == stat.S_IFDIR else 'regular file'}; move it away")
    if found.st_uid != os.geteuid():
        raise _unusable(
            f"{path} belongs to user id {found.st_uid}, but this process runs as {os.geteuid()}; "
            "run it as that user, or change the owner with chown"
        )
    if found.st_mode & _OTHERS:
        mode = "700" if kind == stat.S_IFDIR else "600"
        raise _unusable(
            f"{path} is open to other users (mode {stat.S_IMODE(found.st_mode):04o}); "
            f"run: chmod {mode} {quote(str(path))} (if somebody may have read it, replace it)"
        )


def _unusable(message: str) -> SettingsError:
    return SettingsError(message, field="server.data_dir")
