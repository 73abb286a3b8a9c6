# SPDX-License-Identifier: Apache-2.0
"""Connections of scripts to stores."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from stores import StoreServer

from nacre.hooks.library.reach import Reach
from nacre.hooks.library.redis_module import redis_module
from nacre.hooks.library.redis_pools import MOST_POOLS, Pool, Pools

HEAD = 'local R = require("nauthilus_redis")\n'


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[StoreServer]:
    """A store of somebody else."""
    server = await StoreServer(tmp_path / "other", "--requirepass", "hush", "--protected-mode", "no").start()
    yield server
    await server.kill()


def pools(allowed: list[str], own: tuple[tuple[str, int], ...] = ()) -> Pools:
    """Return pools whose default is nowhere."""
    return Pools(Pool(lambda: None, b"lua:"), Reach(allowed), own)


async def test_a_registered_pool_is_used_by_its_handle(lua: Any, server: StoreServer) -> None:
    """
    Its keys have no prefix: it is the operator's own store.  Registering it again says so, and works.
    """
    found = pools(["127.0.0.1"])
    source = f"""{HEAD}
        local conf = {{ address = "{server.address}", password = "hush", db = 1, pool_size = 2, min_idle_conns = 1 }}
        local ok, err = R.register_redis_pool("mine", "standalone", conf)
        local again, said = R.register_redis_pool("mine", "standalone", conf)
        local h = R.get_redis_connection("mine")
        R.redis_set(h, "k", "v")
        return ok, err, again, said, R.redis_keys(h, "*")
    """

    seen = lua(source, nauthilus_redis=redis_module(found))
    found.close()

    assert seen[:3] == ("OK", None, "OK")
    assert "was registered before" in seen[3]
    assert seen[4] == ["k"]


async def test_a_pool_on_nacres_own_store_keeps_the_prefix(server: StoreServer) -> None:
    """
    Otherwise registering it would be the way to nacre's keys.
    """
    host, _, port = server.address.partition(":")
    found = pools(["*"], own=((host, int(port)),))

    found.register("mine", "standalone", {"address": f"localhost:{port}", "password": "hush"})
    pool = found.find("mine")

    assert pool is not None
    assert pool.prefix == b"lua:"


async def test_a_sentinel_names_the_server(server: StoreServer, tmp_path: Path) -> None:
    """
    A pool asks it before each connection; for replicas it takes the server itself where there are none.
    """
    config = tmp_path / "sentinel.conf"
    config.write_text(
        f"sentinel monitor group 127.0.0.1 {server.port} 1\nsentinel auth-pass group hush\nprotected-mode no\n"
    )
    sentinel = await StoreServer(tmp_path / "sentinel", config=config).start()
    found = pools(["127.0.0.0/8"])
    values = []
    for mode in ("sentinel", "sentinel_replica"):
        options: dict[str, object] = {"addresses": [sentinel.address], "master_name": "group", "password": "hush"}
        found.register(mode, mode, options)
        pool = found.find(mode)
        assert pool is not None
        values.append(pool.client.execute_command("PING"))
    found.close()
    await sentinel.kill()

    assert values == [True, True]


@pytest.mark.parametrize(
    ("mode", "options", "error"),
    [
        ("nonsense", {"address": "127.0.0.1:1"}, "Unknown mode: nonsense"),
        ("standalone", {}, "a pool needs an address"),
        ("standalone", {"address": "/run/redis.sock"}, "not through a unix socket"),
        ("standalone", {"address": "192.0.2.1:6379"}, r"lua\.config\.allowed_hosts"),
    ],
)
def test_what_cannot_be_registered_is_refused(mode: str, options: dict[str, object], error: str) -> None:
    """
    The embedded store listens on a unix socket, and nowhere else.
    """
    with pytest.raises((ValueError, OSError), match=error):
        pools(["127.0.0.1"]).register("mine", mode, options)


def test_an_unknown_mode_is_the_first_result(lua: Any) -> None:
    """
    The original returned the message in the place of "OK".
    """
    source = f'{HEAD}return R.register_redis_pool("mine", "nonsense", {{ address = "127.0.0.1:1" }})'

    assert lua(source, nauthilus_redis=redis_module(pools([]))) == ("Unknown mode: nonsense", None)


def test_a_process_has_so_many_pools() -> None:
    """
    Each may open many connections.
    """
    found = pools(["127.0.0.1"])
    for number in range(MOST_POOLS):
        found.register(f"p{number}", "standalone", {"address": "127.0.0.1:1"})

    with pytest.raises(ValueError, match="no more can be"):
        found.register("one", "standalone", {"address": "127.0.0.1:1"})
    with pytest.raises(ValueError, match="the server's own"):
        found.register("default", "standalone", {"address": "127.0.0.1:1"})
