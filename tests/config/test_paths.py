# SPDX-License-Identifier: Apache-2.0
"""Where data lies, and which changes wait for a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from nacre.config.load import parse_settings
from nacre.config.paths import NEEDS_RESTART, changed, data_dir, reloadable
from nacre.config.schema import group_of, leaves
from nacre.config.tree import Server, Settings

CHOSEN = Settings(server=Server(data_dir="/srv/nacre"))


@pytest.mark.parametrize(
    ("settings", "environ", "root", "expected"),
    [
        (CHOSEN, {"NACRE_DATA_DIR": "/tmp/other"}, True, "/srv/nacre"),  # noqa: S108 (a name, nothing is written)
        (Settings(), {"NACRE_DATA_DIR": "/srv/other"}, True, "/srv/other"),
        (Settings(), {"NACRE_DATA_DIR": "", "HOME": "/home/erika"}, True, "/var/lib/nacre"),
        (Settings(), {"HOME": "/home/erika"}, False, "/home/erika/.local/state/nacre"),
        (Settings(), {"HOME": "/home/erika", "XDG_STATE_HOME": "/state"}, False, "/state/nacre"),
        (Settings(), {"HOME": "/home/erika", "XDG_STATE_HOME": "state"}, False, "/home/erika/.local/state/nacre"),
        (Settings(), {"XDG_STATE_HOME": "/state"}, True, "/var/lib/nacre"),
    ],
)
def test_the_most_particular_place_wins(settings: Settings, environ: dict[str, str], root: bool, expected: str) -> None:  # noqa: FBT001 (a parameter of the test)
    """
    File, environment, custom of the system: the same order as for every other setting.
    """
    assert data_dir(settings, environ, root=root) == Path(expected)


def test_without_a_home_the_account_of_the_system_is_asked() -> None:
    """
    A service manager may start us with an empty environment.
    """
    assert data_dir(Settings(), {}, root=False) == Path.home() / ".local" / "state" / "nacre"


def test_who_asks_is_found_out() -> None:
    """
    Nobody but a test says whether it is root.
    """
    place = data_dir(Settings(), {"HOME": "/home/erika"})

    assert place in {Path("/var/lib/nacre"), Path("/home/erika/.local/state/nacre")}


def test_only_what_needs_a_restart_is_named() -> None:
    """
    Rules change at once; a socket that is open stays where it is.
    """
    new = parse_settings(
        """
        server:
          listen: 127.0.0.1:9081
          trusted_proxies: [192.0.2.1]
          redis: {master: {address: 'valkey:6379'}, timeout: 1s}
        brute_force: {tolerate_percent: 10, buckets: []}
        spool: {max_reports: 1}
        """
    )

    assert reloadable(Settings(), new) == [
        "server.listen",
        "server.redis.master.address",
        "server.redis.timeout",
        "spool.max_reports",
    ]
    assert [*changed(Settings(), new)] == [
        "server.listen",
        "server.trusted_proxies",
        "server.redis.master.address",
        "server.redis.timeout",
        "brute_force.buckets",
        "brute_force.tolerate_percent",
        "spool.max_reports",
    ]


def test_nothing_changed_needs_nothing() -> None:
    """
    SIGHUP on an unchanged file is no event.
    """
    assert reloadable(parse_settings(""), parse_settings("server: {workers: 1}")) == []


@pytest.mark.parametrize("name", NEEDS_RESTART)
def test_what_needs_a_restart_is_a_setting(name: str) -> None:
    """
    A setting that was renamed would silently count as taken over.
    """
    paths = [".".join(path) for path, _ in leaves(group_of(Settings))]

    assert any(path == name or path.startswith(f"{name}.") for path in paths)
