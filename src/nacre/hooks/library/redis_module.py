# SPDX-License-Identifier: Apache-2.0
"""
``nauthilus_redis``: stores, as scripts use them.

A result is the value, or ``nil`` and why not; a key that does not exist is ``nil, "redis: nil"``.  The first argument
is always a pool: what ``get_redis_connection`` returned, or ``"default"`` for nacre's own store.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import redis

from nacre.hooks.call import Module, OpenModule, Seat, Value
from nacre.hooks.library.arguments import Function, options, text, text_or
from nacre.hooks.library.redis_commands import COMMANDS, Command
from nacre.hooks.library.redis_given import NIL, Given, describe, script_value
from nacre.hooks.library.redis_pools import Pool, Pools
from nacre.hooks.library.redis_scripts import sha

MISSING = "redis: nil"
MOST_COMMANDS = 10_000
"""Commands of one pipeline."""

_AWAY = (redis.RedisError, redis.RedisClusterException, OSError)


class _Refused(Exception):
    """What a script is told in place of a value."""


def redis_module(pools: Pools) -> OpenModule:
    """Return the module upon the pools of a process."""
    return lambda seat: _Redis(pools, seat).functions()


class _Redis:
    """The functions of the module at one seat."""

    def __init__(self, pools: Pools, seat: Seat) -> None:
        self._pools = pools
        self._seat = seat

    def functions(self) -> Module:
        """Return the functions by the names that scripts know."""
        return {
            "register_redis_pool": self.register,
            "get_redis_connection": self.connection,
            "redis_run_script": self.run_script,
            "redis_upload_script": self.upload_script,
            "redis_pipeline": self.pipeline,
            "redis_encrypt": lambda _: (None, "encryption is not enabled"),
            "redis_decrypt": lambda _: (None, "encryption is not enabled"),
            "redis_is_encryption_enabled": lambda: False,
            **{f"redis_{name}": self._function(f"redis_{name}", command) for name, command in COMMANDS.items()},
        }

    def register(self, name: object, mode: object, conf: object) -> tuple[object, object]:
        """Register a pool under a name; one that is known is replaced."""
        label = text(name, 1, "register_redis_pool")
        given = options(self._seat, conf, 3, "register_redis_pool")
        try:
            known = self._pools.register(label, text(mode, 2, "register_redis_pool"), given)
        except (ValueError, OSError) as error:
            return str(error), None
        return "OK", f"Redis pool '{label}' was registered before" if known else None

    def connection(self, name: object) -> object:
        """Return the handle of a pool."""
        label = text(name, 1, "get_redis_connection")
        if self._pools.find(label) is None:
            return None, f"No known redis configurtion found with name '{label}'"
        return label

    def _function(self, name: str, command: Command) -> Function:
        def run(handle: object = None, *given: object) -> object:
            try:
                pool = self._pool(handle)
                values = [self._seat.plain(value) for value in given]
                call = Given(name, values, pool.prefix)
                words = command.words(call)
                value = command.reply(call, pool.client.execute_command(*words))
            except (_Refused, *_AWAY) as error:
                return None, str(error)
            return (None, MISSING) if value is NIL else self._seat.table(value)

        return run

    def run_script(
        self, handle: object, script: object, name: object, keys: object, arguments: object
    ) -> tuple[object, object]:
        """Run a script inside the store: its text, or one that was uploaded under a name."""
        try:
            pool = self._pool(handle)
            given = ("run_script", text_or(name, ""), self._seat.plain(keys), self._seat.plain(arguments))
            source, words, names = _script(pool, text_or(script, ""), *given)
            reply = _run(pool, source, words)
        except (_Refused, *_AWAY) as error:
            return None, str(error)
        return (None, MISSING) if reply is None else (self._seat.table(script_value(names, reply)), None)

    def upload_script(self, handle: object, script: object, name: object) -> tuple[object, object]:
        """Upload a script, and keep it to upload it again to a store that lost it."""
        source, label = text(script, 2, "redis_upload_script"), text(name, 3, "redis_upload_script")
        try:
            pool = self._pool(handle)
            pool.client.script_load(source)
            pool.scripts.add(label, source)
        except (_Refused, ValueError, *_AWAY) as error:
            return None, str(error)
        return sha(source), None

    def pipeline(self, handle: object, mode: object, commands: object) -> tuple[object, object]:
        """Run several commands in one trip; each has a result of its own."""
        try:
            pool = self._pool(handle)
            steps = _steps(pool, text_or(mode, describe(mode)), self._seat.plain(commands))
            line = pool.client.pipeline(transaction=False)
            for words, _, _ in steps:
                line.execute_command(*words)
            replies = self._answers(pool, line, steps)
        except (_Refused, *_AWAY) as error:
            return None, str(error)
        return self._seat.table([_told(read, reply) for (_, read, _), reply in zip(steps, replies, strict=True)]), None

    def _answers(self, pool: Pool, line: Any, steps: list[_Step]) -> list[Any]:
        replies: list[Any] = line.execute(raise_on_error=False)
        for place, (words, _, source) in enumerate(steps):
            if source is not None and isinstance(replies[place], redis.exceptions.NoScriptError):
                try:
                    replies[place] = _run(pool, source, words)
                except redis.ResponseError as error:
                    replies[place] = error
        return replies

    def _pool(self, handle: object) -> Pool:
        label = text_or(handle, "")
        pool = self._pools.find(label)
        if pool is None:
            raise _Refused(f'the first argument is a Redis pool or "default", not {label or describe(handle)!r}')
        return pool


_Words = list[Any]
_Step = tuple[_Words, Callable[[Any], object], str | None]


def _script(
    pool: Pool, source: str, function: str, name: str, keys: Value, arguments: Value
) -> tuple[str, _Words, dict[bytes, bytes]]:
    """Return the source of a script, the command that runs it, and its keys by what they are called in the store."""
    if name:
        found = pool.scripts.find(name)
        if found is None:
            raise _Refused(f"no script was uploaded under the name '{name}'")
        source = found
    elif not source:
        raise _Refused("neither a script nor the name of one was given")
    plain = _strings(keys, function, 3)
    names = {pool.prefix + key: key for key in plain}
    rest = _strings(arguments, function, 4)
    return source, ["EVALSHA", sha(source), len(plain), *(pool.prefix + key for key in plain), *rest], names


def _strings(values: Value, function: str, offset: int) -> list[bytes]:
    items = list(values.values()) if isinstance(values, dict) else values
    return Given(function, [items], b"", offset).rest(0) if items else []


def _run(pool: Pool, source: str, words: _Words) -> Any:
    try:
        return pool.client.execute_command(*words)
    except redis.exceptions.NoScriptError:
        return pool.client.execute_command("EVAL", source, *words[2:])


def _steps(pool: Pool, mode: str, commands: Value) -> list[_Step]:
    if mode not in {"read", "write"}:
        raise _Refused(f"the mode of a pipeline is 'read' or 'write', not {mode!r}")
    if not isinstance(commands, list) or len(commands) > MOST_COMMANDS:
        raise _Refused(f"a pipeline takes a list of up to {MOST_COMMANDS:,} commands")
    return [_step(pool, number, entry) for number, entry in enumerate(commands, 1)]


def _step(pool: Pool, number: int, entry: Value) -> _Step:
    if not isinstance(entry, list) or not entry:
        raise _Refused(f"command {number} of the pipeline is no list that begins with a name")
    name = text_or(entry[0], "").lower()
    if name in {"run_script", "evalsha"}:
        label, keys, arguments = [*entry[1:], None, None, None][:3]
        source, words, names = _script(pool, "", name, text_or(label, ""), keys, arguments)
        return words, lambda reply: NIL if reply is None else script_value(names, reply), source
    command = COMMANDS.get(name)
    if command is None:
        raise _Refused(f"unsupported command in pipeline: {name}")
    given = Given(name, entry[1:], pool.prefix)
    try:
        return command.words(given), lambda reply: command.reply(given, reply), None
    except ValueError as error:
        raise _Refused(str(error)) from error


def _told(read: Callable[[Any], object], reply: Any) -> dict[str, object]:
    if isinstance(reply, Exception):
        return {"ok": False, "err": str(reply)}
    value = read(reply)
    return {"ok": True} if value is NIL or value is None else {"ok": True, "value": value}
