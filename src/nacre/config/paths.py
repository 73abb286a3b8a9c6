# SPDX-License-Identifier: Apache-2.0
"""Where the data of an installation lies, and what a running service can take over."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from nacre.config.section import Section
from nacre.config.tree import Settings

SYSTEM_DATA = Path("/var/lib/nacre")

NEEDS_RESTART = ("server.listen", "server.workers", "server.data_dir", "server.redis", "server.log", "spool")
"""Settings that are read once, when the service starts: sockets, processes, connections and files are there by then."""


def data_dir(settings: Settings, environ: Mapping[str, str], *, root: bool | None = None) -> Path:
    """
    Return the directory of the embedded store, keys and spool.

    Args:
        settings: ``server.data_dir`` comes first.
        environ: Then ``NACRE_DATA_DIR``; for other users than root ``XDG_STATE_HOME`` and ``HOME``.
        root: Whether root asks; found out if not given.

    >>> str(data_dir(Settings(), {"NACRE_DATA_DIR": "/srv/nacre"}))
    '/srv/nacre'
    >>> str(data_dir(Settings(), {"HOME": "/home/erika"}, root=False))
    '/home/erika/.local/state/nacre'
    >>> str(data_dir(Settings(), {}, root=True))
    '/var/lib/nacre'
    """
    chosen = settings.server.data_dir or environ.get("NACRE_DATA_DIR", "")
    if chosen:
        return Path(chosen).expanduser()
    if os.geteuid() == 0 if root is None else root:
        return SYSTEM_DATA
    state = Path(environ.get("XDG_STATE_HOME", ""))
    if not state.is_absolute():  # the specification has relative ones ignored
        home = environ.get("HOME", "")
        state = (Path(home) if home else Path.home()) / ".local" / "state"
    return state / "nacre"


def changed(old: Section, new: Section, prefix: str = "") -> Iterator[str]:
    """
    Yield the dotted names of settings that differ, in the order of the tree.

    A list or a mapping that differs is named as a whole.
    """
    for name in old.__struct_fields__:
        before, after = getattr(old, name), getattr(new, name)
        if isinstance(before, Section) and isinstance(after, Section):
            yield from changed(before, after, f"{prefix}{name}.")
        elif before != after:
            yield f"{prefix}{name}"


def reloadable(old: Settings, new: Settings) -> list[str]:
    """
    Return the names of changed settings that a running service cannot take over.

    All others hold from the next attempt on.

    >>> from nacre.config.load import parse_settings
    >>> reloadable(Settings(), parse_settings("{server: {workers: 4}, brute_force: {tolerate_percent: 5}}"))
    ['server.workers']
    """
    return [
        name
        for name in changed(old, new)
        if any(name == fixed or name.startswith(f"{fixed}.") for fixed in NEEDS_RESTART)
    ]
