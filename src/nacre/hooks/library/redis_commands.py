# SPDX-License-Identifier: Apache-2.0
"""
The commands of ``nauthilus_redis``: what a script hands over, as the store wants it, and what comes back.

A command is the same alone and inside a pipeline.  Arguments are plain values here; every key gets the prefix of the
pool, and loses it where keys come back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from nacre.hooks.call import Value
from nacre.hooks.library.arguments import key_text, number, raw, text_or
from nacre.hooks.library.redis_given import NIL, Given, Reply, escaped, stored


class Command(NamedTuple):
    """
    A command.

    Attributes:
        words: What is sent.
        reply: Makes a plain value of what comes back, or :data:`NIL`.
    """

    words: Callable[[Given], list[bytes | int | str]]
    reply: Callable[[Given, Reply], object]


def _value(_: Given, reply: Reply) -> object:
    return NIL if reply is None else reply


def _count(_: Given, reply: Reply) -> object:
    return NIL if reply is None else int(reply)


def _real(_: Given, reply: Reply) -> object:
    return NIL if reply is None else float(reply)


def _flag(_: Given, reply: Reply) -> object:
    return bool(reply)


def _ok(_: Given, reply: Reply) -> object:
    return "OK" if reply else NIL


def _list(_: Given, reply: Reply) -> object:
    return list(reply or [])


def _pairs(_: Given, reply: Reply) -> object:
    if isinstance(reply, dict):
        return dict(reply)
    flat = list(reply or [])
    return dict(zip(flat[::2], flat[1::2], strict=False))


def _typed(index: int) -> Callable[[Given, Reply], object]:
    """Return a reply in the type that an argument names; an empty string is nil."""

    def reply(given: Given, value: Reply) -> object:
        if value is None:
            return NIL
        wanted = text_or(given.get(index), "string")
        if value == b"":
            return None
        if wanted in {"number", "int", "integer", "float"}:
            return number(value, index + 2, given.function)
        if wanted in {"bool", "boolean"}:
            return value.lower() not in {b"0", b"false", b"f"}
        return value

    return reply


def _set(given: Given) -> list[bytes | int | str]:
    words: list[bytes | int | str] = ["SET", given.key(), given.raw(1)]
    options = given.get(2)
    if isinstance(options, dict):
        words += [name.upper() for name in ("nx", "xx", "get", "keepttl") if options.get(name)]
        for name in ("ex", "px", "exat", "pxat"):
            if options.get(name) is not None:
                words += [name.upper(), int(number(options[name], 4, given.function))]
    elif options is not None and options != [] and given.whole(2) > 0:
        words += ["EX", given.whole(2)]
    return words


def _set_reply(given: Given, reply: Reply) -> object:
    options = given.get(2)
    if isinstance(options, dict) and options.get("get"):
        return NIL if reply is None or reply is True else reply
    return "OK" if reply else NIL


def _zadd(given: Given) -> list[bytes | int | str]:
    members = given.get(1)
    words: list[bytes | int | str] = ["ZADD", given.key()]
    if isinstance(members, dict | list):
        for member, score in _scores(members):
            words += [_score(score, given), raw(key_text(member), 3, given.function)]
        return words
    return [*words, _score(members, given), given.raw(2)]


def _scores(members: dict[Any, Value] | list[Value]) -> Iterable[tuple[object, Value]]:
    """Return members with their scores; a list has a score and a member in turn."""
    if isinstance(members, dict):
        return members.items()
    return zip(members[1::2], members[::2], strict=True) if len(members) % 2 == 0 else enumerate(members, 1)


def _score(value: Value, given: Given) -> str:
    return repr(float(number(value, 3, given.function)))


def _range(name: str) -> Command:
    return Command(lambda given: [name, given.key(), given.whole(1), given.whole(2)], _list)


def _bounds(given: Given) -> list[bytes | int | str]:
    return [given.key(), given.raw(1), given.raw(2)]


def _by_score(given: Given) -> list[bytes | int | str]:
    options = given.get(3)
    limit: list[bytes | int | str] = []
    if isinstance(options, dict):
        limit = ["LIMIT", int(number(options.get("offset") or 0, 5, given.function))]
        limit.append(int(number(options.get("count") or -1, 5, given.function)))
    return ["ZRANGEBYSCORE", *_bounds(given), *limit]


def _mset(given: Given) -> list[bytes | int | str]:
    first = given.get(0)
    if isinstance(first, dict):
        flat = [item for key, value in first.items() for item in (raw(key_text(key), 2, ""), stored(value, 2, ""))]
    else:
        flat = given.rest(0)
    if len(flat) % 2:
        raise ValueError(f"{given.function} takes keys and values in turn")
    return ["MSET", *(given.prefix + item if place % 2 == 0 else item for place, item in enumerate(flat))]


def _mget_reply(given: Given, reply: Reply) -> object:
    return {name: value for name, value in zip(given.rest(0), reply, strict=True) if value is not None}


def _hmget_reply(given: Given, reply: Reply) -> object:
    return {name: value for name, value in zip(given.rest(1), reply, strict=True) if value is not None}


def _pattern(given: Given, value: Value, position: int) -> bytes:
    pattern = b"*" if value is None else stored(value, position, given.function)
    return escaped(given.prefix) + pattern


def _scan(given: Given) -> list[bytes | int | str]:
    count = 10 if given.get(2) is None else given.whole(2)
    return ["SCAN", given.whole(0), "MATCH", _pattern(given, given.get(1), 3), "COUNT", count]


def _scan_reply(given: Given, reply: Reply) -> object:
    cursor, keys = reply
    return {"cursor": int(cursor), "keys": [given.bare(key) for key in keys]}


def _plain(name: str, reply: Callable[[Given, Reply], object], *more: int) -> Command:
    """Return a command of a key and some strings."""
    return Command(lambda given: [name, given.key(), *(given.raw(index) for index in more)], reply)


def _many(name: str, reply: Callable[[Given, Reply], object] = _count) -> Command:
    """Return a command of a key and any number of strings."""
    return Command(lambda given: [name, given.key(), *given.rest(1)], reply)


COMMANDS: dict[str, Command] = {
    "ping": Command(lambda _: ["PING"], lambda _given, _reply: "PONG"),
    "get": _plain("GET", _typed(1)),
    "set": Command(_set, _set_reply),
    "incr": _plain("INCR", _count),
    "del": Command(lambda given: ["DEL", *given.keys()], lambda _given, _reply: "OK"),
    "expire": Command(lambda given: ["EXPIRE", given.key(), given.whole(1)], _flag),
    "exists": Command(lambda given: ["EXISTS", *given.keys()], _count),
    "rename": Command(lambda given: ["RENAME", given.key(0), given.key(1)], _ok),
    "mget": Command(lambda given: ["MGET", *given.keys()], _mget_reply),
    "mset": Command(_mset, _ok),
    "keys": Command(
        lambda given: ["KEYS", _pattern(given, given.get(0), 2)],
        lambda given, reply: [given.bare(key) for key in reply],
    ),
    "scan": Command(_scan, _scan_reply),
    "hget": _plain("HGET", _typed(2), 1),
    "hset": _many("HSET"),
    "hdel": _many("HDEL"),
    "hlen": _plain("HLEN", _count),
    "hgetall": _plain("HGETALL", _pairs),
    "hmget": _many("HMGET", _hmget_reply),
    "hincrby": Command(lambda given: ["HINCRBY", given.key(), given.raw(1), given.whole(2)], _count),
    "hincrbyfloat": _plain("HINCRBYFLOAT", _real, 1, 2),
    "hexists": _plain("HEXISTS", _flag, 1),
    "sadd": _many("SADD"),
    "srem": _many("SREM"),
    "smembers": _plain("SMEMBERS", _list),
    "sismember": _plain("SISMEMBER", _flag, 1),
    "scard": _plain("SCARD", _count),
    "zadd": Command(_zadd, _count),
    "zrem": _many("ZREM"),
    "zrange": _range("ZRANGE"),
    "zrevrange": _range("ZREVRANGE"),
    "zrangebyscore": Command(_by_score, _list),
    "zcount": Command(lambda given: ["ZCOUNT", *_bounds(given)], _count),
    "zscore": _plain("ZSCORE", _real, 1),
    "zrank": _plain("ZRANK", _count, 1),
    "zrevrank": _plain("ZREVRANK", _count, 1),
    "zincrby": _plain("ZINCRBY", _real, 1, 2),
    "zremrangebyscore": Command(lambda given: ["ZREMRANGEBYSCORE", *_bounds(given)], _count),
    "zremrangebyrank": Command(lambda given: ["ZREMRANGEBYRANK", given.key(), given.whole(1), given.whole(2)], _count),
    "lpush": _many("LPUSH"),
    "rpush": _many("RPUSH"),
    "lpop": _plain("LPOP", _value),
    "rpop": _plain("RPOP", _value),
    "lrange": _range("LRANGE"),
    "llen": _plain("LLEN", _count),
    "pfadd": _many("PFADD"),
    "pfcount": Command(lambda given: ["PFCOUNT", *given.keys()], _count),
    "pfmerge": Command(lambda given: ["PFMERGE", *given.keys()], _ok),
}
"""By the names that pipelines use; a function of the module has ``redis_`` before it."""
