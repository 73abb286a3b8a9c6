# SPDX-License-Identifier: Apache-2.0
"""Settings become connections."""

from __future__ import annotations

from pathlib import Path

import pytest

from nacre.config.duration import Duration
from nacre.config.tree import Redis, RedisMaster, RedisTls
from nacre.errors import SettingsError
from nacre.store.connect import connect


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        (
            Redis(master=RedisMaster(address="127.0.0.1:1", password_file="/nowhere/password")),
            "server.redis.master.password_file",
        ),
        (
            Redis(master=RedisMaster(address="127.0.0.1:1"), tls=RedisTls(enabled=True, ca_file="/nowhere/ca.pem")),
            "server.redis.tls",
        ),
    ],
)
async def test_a_file_that_cannot_be_read_is_named(settings: Redis, field: str) -> None:
    """
    A typo in a path is found at the start and not at the first login.
    """
    with pytest.raises(SettingsError) as caught:
        connect(settings, socket=None, on_up=lambda: None)

    assert caught.value.field == field


@pytest.mark.parametrize(("written", "lets_in"), [("secret\n", True), ("wrong", False)])
async def test_a_password_is_taken_from_its_file_without_its_line_end(
    tmp_path: Path,
    store_socket: str,
    prefix: str,
    written: str,
    lets_in: bool,  # noqa: FBT001
) -> None:
    """
    Editors end files with one.
    """
    user = prefix.rstrip(":")
    master = connect(
        Redis(master=RedisMaster(address=store_socket), timeout=Duration(5)), socket=None, on_up=lambda: None
    )
    await master.topology.start(60.0)
    await master.run(b"x", ("ACL", "SETUSER", user, "on", ">secret", "~*", "+@all"))
    await master.topology.close()
    password = tmp_path / "password"
    password.write_text(written)

    settings = Redis(
        master=RedisMaster(address=store_socket, username=user, password_file=str(password)), timeout=Duration(5)
    )
    servers = connect(settings, socket=None, on_up=lambda: None)
    started = await servers.topology.start(60.0 if lets_in else 0.3)
    await servers.topology.close()

    assert started is lets_in
