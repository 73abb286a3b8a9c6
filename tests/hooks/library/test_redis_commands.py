# SPDX-License-Identifier: Apache-2.0
"""What commands send, without a store; test_redis_module.py runs each of them."""

from __future__ import annotations

import pytest

from nacre.hooks.library.redis_commands import COMMANDS
from nacre.hooks.library.redis_given import Given


def sent(name: str, *values: object) -> list[bytes | int | str]:
    """Return the words of a command under the prefix ``p:``."""
    return COMMANDS[name].words(Given(f"redis_{name}", list(values), b"p:"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (None, []),
        (0, []),
        (60, ["EX", 60]),
        ("60", ["EX", 60]),
        ({"nx": True, "px": 5}, ["NX", "PX", 5]),
        ({"xx": True, "get": True, "keepttl": True}, ["XX", "GET", "KEEPTTL"]),
        ({"exat": 1_800_000_000}, ["EXAT", 1_800_000_000]),
    ],
)
def test_set_takes_seconds_or_options(options: object, words: list[object]) -> None:
    """
    A time to live of 0 is none, as in the original.
    """
    assert sent("set", "k", 1, options) == ["SET", b"p:k", b"1", *words]


def test_sorted_sets_take_all_forms() -> None:
    """
    The original's hooks call with score and member, or one member, where a table was wanted.
    """
    assert sent("zadd", "z", {"a": 1, "b": "2.5"}) == ["ZADD", b"p:z", "1.0", b"a", "2.5", b"b"]
    assert sent("zadd", "z", 1, "a") == sent("zadd", "z", [1, "a"]) == ["ZADD", b"p:z", "1.0", b"a"]
    assert sent("zrem", "z", "a") == sent("zrem", "z", ["a"]) == ["ZREM", b"p:z", b"a"]


def test_every_key_of_a_command_gets_the_prefix() -> None:
    """
    One that is forgotten would be a way to keys of nacre's.
    """
    assert sent("rename", "a", "b") == ["RENAME", b"p:a", b"p:b"]
    assert sent("del", "a", "b") == ["DEL", b"p:a", b"p:b"]
    assert sent("mget", ["a", "b"]) == ["MGET", b"p:a", b"p:b"]
    assert sent("mset", "a", 1, "b", 2) == ["MSET", b"p:a", b"1", b"p:b", b"2"]
    assert sent("mset", {"a": 1}) == ["MSET", b"p:a", b"1"]
    assert sent("pfmerge", "a", "b") == ["PFMERGE", b"p:a", b"p:b"]
    assert sent("keys", "a*") == ["KEYS", b"p:a*"]
    assert sent("scan", 0) == ["SCAN", 0, "MATCH", b"p:*", "COUNT", 10]


def test_signs_of_patterns_inside_the_prefix_mean_themselves() -> None:
    """
    A prefix with a star would otherwise match keys of others.
    """
    assert COMMANDS["keys"].words(Given("redis_keys", ["*"], b"a*[b]:")) == ["KEYS", b"a\\*\\[b\\]:*"]


def test_keys_without_values_are_refused() -> None:
    """
    The store would say so as well, in its own words.
    """
    with pytest.raises(ValueError, match="keys and values in turn"):
        sent("mset", "a", 1, "b")
