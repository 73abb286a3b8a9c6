# SPDX-License-Identifier: Apache-2.0
"""Connections of scripts to nacre's own store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from clusters import LocalCluster
from stores import StoreServer

from nacre.config.tree import Redis, RedisCluster, RedisMaster
from nacre.hooks.library.reach import Reach
from nacre.hooks.library.redis_module import redis_module
from nacre.hooks.library.redis_own import own_places, own_pool
from nacre.hooks.library.redis_pools import Pools

HEAD = 'local R = require("nauthilus_redis")\n'


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[StoreServer]:
    """A store that the settings name."""
    server = await StoreServer(tmp_path / "other", "--requirepass", "hush", "--protected-mode", "no").start()
    yield server
    await server.kill()


@pytest.fixture
def run(lua: Any, store_socket: str, prefix: str) -> Iterator[Any]:
    """Run a chunk on the store that nacre started, with the module as ``R``."""
    pools = Pools(own_pool(Redis(), store_socket, f"{prefix}lua:"), Reach([]))
    yield lambda source: lua(HEAD + source, nauthilus_redis=redis_module(pools))
    pools.close()


@pytest.fixture
def client(store_socket: str) -> Iterator[redis.Redis]:
    """A client that sees every key of the store."""
    with redis.Redis(unix_socket_path=store_socket) as client:
        yield client


@pytest.mark.parametrize(
    "script",
    [
        "return redis.call('GET', '{key}')",
        "return redis.call('DEL', '{key}')",
        "return redis.call('FLUSHALL')",
        "return redis.call('CONFIG', 'GET', '*')",
        "return redis.call('PUBLISH', 'channel', 'x')",
        "return redis.call('EVAL', 'return 1', 0)",
    ],
)
def test_a_script_in_the_store_reaches_no_key_of_ours(run: Any, client: redis.Redis, prefix: str, script: str) -> None:
    """
    It may make up any key, and the server refuses what does not begin with the prefix.
    """
    client.set(f"{prefix}ours", "secret")

    source = script.replace("{key}", f"{prefix}ours")
    value, error = run(f'return R.redis_run_script("default", "{source}", "", {{}}, {{}})')

    assert value is None
    assert error
    assert client.get(f"{prefix}ours") == b"secret"


def test_what_scripts_need_they_may(run: Any, client: Any, prefix: str) -> None:
    """
    Their own keys, by commands, scripts and pipelines; and a store that forgot its users is told again.
    """
    source = """
        R.redis_upload_script("default", "return redis.call('INCR', KEYS[1])", "count")
        local counted = R.redis_run_script("default", "", "count", { "n" }, {})
        local results = R.redis_pipeline("default", "write", { { "set", "k", "v" }, { "hset", "h", "f", 1 } })
        local found, cursor = {}, 0
        repeat  -- the store is shared with other tests: how many steps it takes is theirs to say
            local step = R.redis_scan("default", cursor, "h", 10000)
            for _, key in ipairs(step.keys) do found[#found + 1] = key end
            cursor = step.cursor
        until cursor == 0
        return counted, results[2].value, R.redis_keys("default", "k"), found
    """
    first = run(source)
    for user in map(str, client.execute_command("ACL", "USERS")):
        if "nacre-lua-" in user:
            client.acl_deluser(user.removeprefix("b'").removesuffix("'"))
    second = run(source)

    assert first == (1, 1, ["k"], ["h"])
    assert second == (2, 0, ["k"], ["h"])
    assert client.get(f"{prefix}lua:k") == b"v"


async def test_our_own_store_is_reached_as_the_settings_say(server: StoreServer, tmp_path: Path) -> None:
    """
    Host, port, database and password.
    """
    secret = tmp_path / "secret"
    secret.write_text("hush\n")
    settings = Redis(master=RedisMaster(address=server.address, password_file=str(secret)), database_number=2)
    pool = own_pool(settings, None, "lua:")

    pool.client.set("k", "v")
    info = pool.client.execute_command("CLIENT", "INFO")
    pool.close()

    assert "db=2" in str(info)
    assert own_places(settings) == [("127.0.0.1", server.port)]
    assert own_places(Redis()) == []


async def test_a_cluster_serves_scripts_as_one_server_does(lua: Any, tmp_path: Path) -> None:
    """
    Keys lie on different servers; a pipeline, and a script that one of them forgot, find theirs.
    """
    nodes = LocalCluster(tmp_path / "cluster")
    await nodes.start()
    pools = Pools(own_pool(Redis(cluster=RedisCluster(addresses=nodes.addresses)), None, "nacre:lua:"), Reach([]))
    source = f"""{HEAD}
        R.redis_upload_script("default", "return redis.call('INCR', KEYS[1])", "count")
        local counted, commands = 0, {{}}
        for n = 1, 9 do
          counted = counted + R.redis_run_script("default", "", "count", {{ "n" .. n }}, {{}})
          commands[n] = {{ "run_script", "count", {{ "n" .. n }}, {{}} }}
        end
        commands[10] = {{ "hset", "h", "f", 1 }}
        local results, err = R.redis_pipeline("default", "write", commands)
        assert(results, err)
        for n = 1, 9 do
          counted = counted + (results[n].value or error(results[n].err))
        end
        return counted, results[10].value, R.redis_hgetall("default", "h"), R.redis_get("default", "n1", "number")
    """
    first = lua(source, nauthilus_redis=redis_module(pools))
    pools.close()
    await nodes.stop()

    assert first == (27, 1, {"f": "1"}, 2)
