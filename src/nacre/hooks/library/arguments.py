# SPDX-License-Identifier: Apache-2.0
"""
What scripts hand to functions, checked, and what these hand back.

Lua has one kind of number and one kind of string, which holds bytes; a function that is called with fewer
arguments than it takes gets nil for the others, and one that is called with more ignores the rest.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import cast

from lupa import lua51

from nacre.hooks.call import Seat, Value

Function = Callable[..., object]
_LARGEST_WHOLE = 2**63


class BadArgument(ValueError):
    """
    A function was called with what it does not take.

    Args:
        position: Which argument, from 1.
        function: Name of the function.
        problem: What is wrong with it.
    """

    def __init__(self, position: int, function: str, problem: str) -> None:
        super().__init__(f"bad argument #{position} to '{function}' ({problem})")


def fitted(function: Function) -> Function:
    """
    Return a function that may be called with too few or too many arguments, as any function of Lua.

    >>> fitted(lambda key, ttl: (key, ttl))("key"), fitted(lambda key: key)("key", 1, 2)
    (('key', None), 'key')
    """
    kinds = [parameter.kind for parameter in inspect.signature(function).parameters.values()]
    most = kinds.count(inspect.Parameter.POSITIONAL_OR_KEYWORD)
    if inspect.Parameter.VAR_POSITIONAL in kinds:
        return lambda *given: function(*given, *(None,) * (most - len(given)))
    return lambda *given: function(*given[:most], *(None,) * (most - len(given)))


def arity(function: Function) -> int:
    """
    Return with how many arguments a function may be called as it is, -1 if that has to be looked at.

    >>> arity(lambda key, ttl: (key, ttl)), arity(lambda *given: given)
    (2, -1)
    """
    kinds = {parameter.kind for parameter in inspect.signature(function).parameters.values()}
    fixed = kinds <= {inspect.Parameter.POSITIONAL_OR_KEYWORD}
    return len(inspect.signature(function).parameters) if fixed else -1


def kind(value: object) -> str:
    """
    Return what Lua calls a value.

    >>> kind(None), kind(True), kind(1.5), kind(b"x"), kind(print)
    ('nil', 'boolean', 'number', 'string', 'function')
    """
    match value:
        case None:
            return "nil"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str() | bytes():
            return "string"
        case _:
            return lua51.lua_type(value) or ("function" if callable(value) else "userdata")


def written(number: float) -> str:
    """
    Return a number as text: whole ones without a fraction, large ones too, as the original writes them.

    >>> written(20.0), written(0.1), written(1e15), written(-3), written(1e300)
    ('20', '0.1', '1000000000000000', '-3', '1e+300')
    """
    return str(int(number)) if number % 1 == 0 and abs(number) < _LARGEST_WHOLE else f"{number:.14g}"


def raw(value: object, position: int, function: str) -> bytes:
    """
    Return a string argument as bytes; a number counts as its text.

    Raises:
        BadArgument: it is neither.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    if isinstance(value, bytes):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return written(value).encode()
    raise BadArgument(position, function, f"string expected, got {kind(value)}")


def text(value: object, position: int, function: str) -> str:
    r"""
    Return a string argument as text; a number counts as its text.

    Raises:
        BadArgument: it is neither.

    >>> text(b"k\xc3\xb6ln", 1, "get"), text(20.0, 1, "get")
    ('köln', '20')
    >>> text(None, 1, "get")
    Traceback (most recent call last):
    ...
    nacre.hooks.library.arguments.BadArgument: bad argument #1 to 'get' (string expected, got nil)
    """
    if isinstance(value, str):
        return value
    return raw(value, position, function).decode("utf-8", "surrogateescape")


def text_or(value: object, default: str) -> str:
    """Return a string or number as text, and the default in place of anything else."""
    return text(value, 0, "") if isinstance(value, str | bytes | int | float) and value is not True else default


def number(value: object, position: int, function: str) -> float:
    """
    Return a number argument; a text that reads as a number counts as one.

    Raises:
        BadArgument: it is none.

    >>> number("12", 1, "sleep"), number(0.5, 1, "sleep")
    (12.0, 0.5)
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if isinstance(value, str | bytes):
        try:
            return float(value)
        except ValueError:
            pass
    raise BadArgument(position, function, f"number expected, got {kind(value)}")


def table(seat: Seat, value: object, position: int, function: str) -> dict[object, Value]:
    """
    Return a table argument as a dict; a list has the keys 1..n.

    Raises:
        BadArgument: it is no table.
    """
    if kind(value) != "table":
        raise BadArgument(position, function, f"table expected, got {kind(value)}")
    plain = seat.plain(value)
    if isinstance(plain, list):
        return dict(enumerate(plain, 1))
    return cast("dict[object, Value]", plain)


def options(seat: Seat, value: object, position: int, function: str) -> dict[str, Value]:
    """
    Return a table of named options, an empty one for nil.

    Raises:
        BadArgument: it is neither.
    """
    if value is None:
        return {}
    return {key_text(key): option for key, option in table(seat, value, position, function).items()}


def sequence(seat: Seat, value: object, position: int, function: str) -> list[Value]:
    """
    Return the values of a table argument, in order as far as it has one.

    Raises:
        BadArgument: it is no table.
    """
    return list(table(seat, value, position, function).values())


def key_text(key: object) -> str:
    """Return the key of a table as text."""
    return text_or(key, str(key))


def truth(value: object) -> bool:
    """
    Tell what Lua takes a value for: only nil and false are false.

    >>> truth(0), truth(""), truth(None)
    (True, True, False)
    """
    return value is not None and value is not False


def thing(seat: Seat, functions: dict[str, Function]) -> object:
    """Return a table of functions, to be called as methods: each gets the table itself first."""
    return seat.table({name: fitted(function) for name, function in functions.items()})
