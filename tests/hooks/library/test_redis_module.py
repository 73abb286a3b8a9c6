# SPDX-License-Identifier: Apache-2.0
"""Stores, as scripts use them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import redis

from nacre.config.tree import Redis, RedisMaster
from nacre.errors import HookError
from nacre.hooks.library.reach import Reach
from nacre.hooks.library.redis_module import redis_module
from nacre.hooks.library.redis_own import own_pool
from nacre.hooks.library.redis_pools import Pools

HEAD = 'local R, PAGE = require("nauthilus_redis"), { offset = 1, count = 1 }\n'


@pytest.fixture
def client(store_socket: str) -> Iterator[redis.Redis]:
    """A client that sees every key of the store."""
    with redis.Redis(unix_socket_path=store_socket) as client:
        yield client


@pytest.fixture
def pools(store_socket: str, prefix: str) -> Iterator[Pools]:
    """The pool of the store, under the prefix of the test."""
    pools = Pools(own_pool(Redis(master=RedisMaster(address=store_socket)), None, prefix), Reach([]))
    yield pools
    pools.close()


@pytest.fixture
def run(lua: Any, pools: Pools) -> Any:
    """Run a chunk that knows the module as ``R``."""
    return lambda source: lua(HEAD + source, nauthilus_redis=redis_module(pools))


VALUES: list[tuple[str, object]] = [
    ('R.redis_ping("default")', "PONG"),
    ('R.redis_set("default", "k", "v")', "OK"),
    ('R.redis_set("default", "k", "v", 60)', "OK"),
    ('R.redis_set("default", "k", "v", { nx = true, ex = 5 })', "OK"),
    ('R.redis_get("default", "missing")', (None, "redis: nil")),
    ('R.redis_set("default", "k", 12) and R.redis_get("default", "k", "number")', 12),
    ('R.redis_set("default", "k", true) and R.redis_get("default", "k", "bool")', True),
    ('R.redis_set("default", "k", "") and R.redis_get("default", "k")', None),
    ('R.redis_del("default", "k")', "OK"),
    ('R.redis_incr("default", "k") + R.redis_incr("default", "k")', 3),
    ('R.redis_incr("default", "k") and R.redis_expire("default", "k", 60)', True),
    ('R.redis_expire("default", "k", 60)', False),
    ('R.redis_incr("default", "k") and R.redis_exists("default", "k")', 1),
    ('R.redis_incr("default", "k") and R.redis_rename("default", "k", "l")', "OK"),
    ('R.redis_mset("default", "a", 1, "b", "x") and R.redis_mget("default", "a", "b", "c")', {"a": "1", "b": "x"}),
    ('R.redis_mset("default", "a", 1) and R.redis_keys("default", "*")', ["a"]),
    ('R.redis_mset("default", "a", 1) and R.redis_scan("default", 0, "a*", 10000000).keys', ["a"]),
    ('R.redis_hset("default", "h", "f", "v", "g", 20)', 2),
    ('R.redis_hset("default", "h", "f", 1) and R.redis_hget("default", "h", "f")', "1"),
    ('R.redis_hset("default", "h", "f", 1) and R.redis_hget("default", "h", "f", "number")', 1),
    ('R.redis_hget("default", "h", "f")', (None, "redis: nil")),
    ('R.redis_hset("default", "h", "f", 1) and R.redis_hdel("default", "h", "f", "g")', 1),
    ('R.redis_hset("default", "h", "f", 1) and R.redis_hlen("default", "h")', 1),
    ('R.redis_hset("default", "h", "f", 1) and R.redis_hgetall("default", "h")', {"f": "1"}),
    ('R.redis_hgetall("default", "h")', {}),
    ('R.redis_hset("default", "h", "f", 1) and R.redis_hmget("default", "h", "f", "g")', {"f": "1"}),
    ('R.redis_hset("default", "h", "f", 1) and R.redis_hexists("default", "h", "f")', True),
    ('R.redis_hexists("default", "h", "f")', False),
    ('R.redis_hincrby("default", "h", "f", 5)', 5),
    ('R.redis_hincrbyfloat("default", "h", "f", 1.5)', 1.5),
    ('R.redis_sadd("default", "s", "a", "b")', 2),
    ('R.redis_sadd("default", "s", "a") and R.redis_srem("default", "s", "a")', 1),
    ('R.redis_sadd("default", "s", "a") and R.redis_smembers("default", "s")', ["a"]),
    ('R.redis_sadd("default", "s", "a") and R.redis_sismember("default", "s", "a")', True),
    ('R.redis_sadd("default", "s", "a") and R.redis_scard("default", "s")', 1),
    ('R.redis_zadd("default", "z", { a = 1, b = 2.5 })', 2),
    ('R.redis_zadd("default", "z", 3, "a") and R.redis_zscore("default", "z", "a")', 3),
    ('R.redis_zscore("default", "z", "a")', (None, "redis: nil")),
    ('R.redis_mset("default", "a", 1) and R.redis_zrangebyscore("default", "z", 0, 1, { offset = 1, count = 1 })', []),
    ('R.redis_zadd("default", "z", { a = 1, b = 2 }) and R.redis_zrangebyscore("default", "z", 0, 9, PAGE)', ["b"]),
    ('R.redis_zadd("default", "z", { a = 1, b = 2 }) and R.redis_zcount("default", "z", "-inf", 1)', 1),
    ('R.redis_zadd("default", "z", { a = 1, b = 2 }) and R.redis_zrank("default", "z", "b")', 1),
    ('R.redis_zadd("default", "z", { a = 1, b = 2 }) and R.redis_zrevrank("default", "z", "b")', 0),
    ('R.redis_zrank("default", "z", "b")', (None, "redis: nil")),
    ('R.redis_zincrby("default", "z", 2, "a")', 2),
    ('R.redis_zadd("default", "z", { a = 1, b = 2 }) and R.redis_zrem("default", "z", { "a", "b" })', 2),
    ('R.redis_zadd("default", "z", { a = 1, b = 2 }) and R.redis_zrem("default", "z", "a")', 1),
    ('R.redis_zadd("default", "z", { a = 1, b = 2 }) and R.redis_zremrangebyscore("default", "z", 0, 1)', 1),
    ('R.redis_zadd("default", "z", { a = 1, b = 2 }) and R.redis_zremrangebyrank("default", "z", 0, 0)', 1),
    ('R.redis_lpush("default", "l", "a", "b")', 2),
    ('R.redis_rpush("default", "l", "a", "b") and R.redis_lpop("default", "l")', "a"),
    ('R.redis_rpush("default", "l", "a", "b") and R.redis_rpop("default", "l")', "b"),
    ('R.redis_lpop("default", "l")', (None, "redis: nil")),
    ('R.redis_rpush("default", "l", "a", "b") and R.redis_lrange("default", "l", 0, -1)', ["a", "b"]),
    ('R.redis_rpush("default", "l", "a", "b") and R.redis_llen("default", "l")', 2),
    ('R.redis_pfadd("default", "p", "a", "b")', 1),
    ('R.redis_pfadd("default", "p", "a") and R.redis_pfcount("default", "p")', 1),
    ('R.redis_pfadd("default", "p", "a") and R.redis_pfmerge("default", "q", "p")', "OK"),
    ("R.redis_is_encryption_enabled()", False),
    ('R.redis_encrypt("x")', (None, "encryption is not enabled")),
    ('R.redis_decrypt("x")', (None, "encryption is not enabled")),
]


@pytest.mark.parametrize(("expression", "value"), VALUES)
def test_each_function_returns_what_scripts_expect(run: Any, expression: str, value: object) -> None:
    """
    Numbers are numbers, flags booleans, collections tables, and what is missing is `nil, "redis: nil"`.
    """
    assert run(f"return {expression}") == value


def test_scripts_see_keys_of_their_own_only(run: Any, client: redis.Redis, prefix: str) -> None:
    """
    A script that names a key of nacre's reaches another one: every key is put below the prefix.
    """
    client.set(f"other{prefix}", "secret")

    found = run(f'return R.redis_get("default", "other{prefix}")')
    run('R.redis_set("default", "mine", "x")')

    assert found == (None, "redis: nil")
    assert client.get(f"{prefix}mine") == b"x"
    client.delete(f"other{prefix}")


def test_an_error_of_the_store_is_the_second_result(run: Any) -> None:
    """
    A script goes on: it is told what went wrong instead of being ended.
    """
    value, error = run('R.redis_set("default", "k", "v") return R.redis_sadd("default", "k", "m")')

    assert value is None
    assert "WRONGTYPE" in error


@pytest.mark.parametrize("handle", ["nil", '"nobody"', "12", "{}"])
def test_a_handle_that_is_none_is_named(run: Any, handle: str) -> None:
    """
    The usual mistake is a pool that an init script did not register.
    """
    value, error = run(f'return R.redis_get({handle}, "k")')

    assert value is None
    assert "Redis pool" in error


def test_a_missing_argument_is_a_clear_error(run: Any) -> None:
    """
    A wrong type is a mistake in the script and stops it, as in the original.
    """
    with pytest.raises(HookError, match=r"bad argument #2 to 'redis_get' \(string expected, got nil\)"):
        run('return R.redis_get("default")')


def test_a_script_runs_by_its_text_and_by_its_name(run: Any) -> None:
    """
    Keys that were handed to a script come back as the caller spelled them.
    """
    assert run('return R.redis_run_script("default", "return { KEYS[1], ARGV[1] }", "", { "k" }, { 5 })') == (
        ["k", "5"],
        None,
    )
    sha1, error, value, failed = run("""
        local sha1, err = R.redis_upload_script("default", "return redis.call('INCR', KEYS[1])", "Increment")
        local value, failed = R.redis_run_script("default", "", "Increment", { "k" }, {})
        return sha1, err, value, failed
    """)

    assert (len(sha1), error, value, failed) == (40, None, 1, None)


def test_a_script_that_the_store_forgot_is_uploaded_again(run: Any, client: redis.Redis) -> None:
    """
    A store that restarts loses its scripts; the original's logins then failed until somebody restarted it.
    """
    value = run("""
        R.redis_upload_script("default", "return redis.call('SET', KEYS[1], 'x' .. ARGV[1])", "Forgotten")
        R.redis_run_script("default", "redis.call('SCRIPT', 'FLUSH') return 1", "", {}, {})
        return 1
    """)
    client.script_flush()
    again = run("""
        R.redis_upload_script("default", "return 'kept'", "Kept")
        return R.redis_run_script("default", "", "Kept", {}, {})
    """)

    assert (value, again) == (1, ("kept", None))


def test_a_forgotten_script_runs_inside_a_pipeline_too(run: Any, client: redis.Redis) -> None:
    """
    The same restart, one trip later.
    """
    run("R.redis_upload_script('default', \"return redis.call('INCRBY', KEYS[1], ARGV[1])\", 'Add')")
    client.script_flush()

    results = run('return R.redis_pipeline("default", "write", { { "run_script", "Add", { "k" }, { 5 } } })')

    assert results == ([{"ok": True, "value": 5}], None)


def test_an_unknown_script_name_is_an_error(run: Any) -> None:
    """
    The original answered such a call with the error as its result, and countries were never counted.
    """
    assert run('return R.redis_run_script("default", "", "Nobody", {}, {})') == (
        None,
        "no script was uploaded under the name 'Nobody'",
    )


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ('"IncrementAndExpire", { "k" }, { 60 }', 1),
        ('"AddToSetAndExpire", { "k" }, { "m", 60 }', 1),
        ('"ZAddCountAndExpire", { "k", "h" }, { 5, "m", "count", 60 }', 1),
        ('"ZAddRemExpire", { "k" }, { 5, "m", 0, 4, 60 }', 1),
        ('"HSetMultiExpire", { "k" }, { 60, "f", 1, "g", 2 }', 2),
        ('"ExistsHSetMultiExpire", { "k" }, { 60, "f", 1 }', 1),
        ('"SAddMultiExpire", { "k" }, { 60, "a", "b" }', 2),
    ],
)
def test_the_scripts_that_plug_ins_count_on_are_there(
    run: Any, client: redis.Redis, prefix: str, call: str, value: int
) -> None:
    """
    The plug-ins call them by name without having uploaded them; each leaves a key with an end.
    """
    assert run(f'return R.redis_run_script("default", "", {call})') == (value, None)
    assert 0 < client.ttl(f"{prefix}k") <= 60


def test_a_time_to_live_of_zero_means_for_ever(run: Any, client: redis.Redis, prefix: str) -> None:
    """
    The original's current metrics ended the moment they were written: EXPIRE with 0 deletes.
    """
    uploaded = "redis.call('HSET', KEYS[1], ARGV[2], ARGV[3]) return redis.call('EXPIRE', KEYS[1], ARGV[1])"

    run(f"""
        R.redis_upload_script("default", "{uploaded}", "HSetMultiExpire")
        R.redis_run_script("default", "", "HSetMultiExpire", {{ "k" }}, {{ 0, "attempts", 5 }})
    """)

    assert client.hgetall(f"{prefix}k") == {b"attempts": b"5"}
    assert client.ttl(f"{prefix}k") == -1


def test_a_pipeline_has_a_result_for_each_command(run: Any) -> None:
    """
    One that fails does not take the others with it, and what is missing is no failure.
    """
    results, error = run("""return R.redis_pipeline("default", "write", {
        { "set", "k", "v", 60 }, { "get", "k" }, { "get", "missing" }, { "sadd", "k", "m" },
        { "hset", "h", "f", 1 }, { "hgetall", "h" }, { "zadd", "z", { a = 1 } }, { "mget", "k", "missing" },
    })""")

    assert error is None
    assert results[:3] == [{"ok": True, "value": "OK"}, {"ok": True, "value": "v"}, {"ok": True}]
    assert results[3]["ok"] is False
    assert "WRONGTYPE" in results[3]["err"]
    assert [result["value"] for result in results[4:]] == [1, {"f": "1"}, 1, {"k": "v"}]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ('"write", { { "flushall" } }', "unsupported command in pipeline: flushall"),
        ('"both", {}', "the mode of a pipeline is 'read' or 'write', not 'both'"),
        ('"read", { "get" }', "command 1 of the pipeline is no list that begins with a name"),
        ('"write", { { "run_script", "Nobody", {}, {} } }', "no script was uploaded under the name 'Nobody'"),
    ],
)
def test_a_pipeline_that_cannot_be_built_is_not_run(run: Any, arguments: str, error: str) -> None:
    """
    Either all of it goes out or nothing does.
    """
    assert run(f'return R.redis_pipeline("default", {arguments})') == (None, error)


def test_an_unknown_pool_has_no_handle(run: Any) -> None:
    """
    The text is the original's, spelling included: plug-ins may look for it.
    """
    assert run('return R.get_redis_connection("nobody")') == (
        None,
        "No known redis configurtion found with name 'nobody'",
    )
    assert run('return R.redis_set(R.get_redis_connection("default"), "k", "v")') == "OK"
