# SPDX-License-Identifier: Apache-2.0
"""Functions of ours, as Lua calls them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from lupa import lua51

from nacre.errors import GuardError
from nacre.hooks.library.arguments import arity, fitted
from nacre.hooks.values import text_in, text_out

log = structlog.get_logger(__name__)

_EXPECTED = (GuardError, ValueError, TypeError, LookupError, OSError, ArithmeticError, RuntimeError)
"""What functions of modules raise to tell a script something; anything else is a bug, and logged."""


def as_lua_calls(
    function: Callable[..., object], into: Callable[[object], object], script: Callable[[], str]
) -> Callable[..., Any]:
    """
    Return a function that takes what Lua hands it, and returns true and its results, or false and what is wrong.

    Args:
        function: May be called with too few or too many arguments; a tuple that it returns is several results.
        into: Makes a value of Lua of a result.
        script: Names the script that runs, for the log.

    >>> as_lua_calls(lambda name: name.upper(), lambda value: value, lambda: "s")("erika", "more")
    (True, 'ERIKA')
    >>> as_lua_calls(lambda name: {}[name], lambda value: value, lambda: "s")("erika")
    (False, "'erika'")
    """
    fits, most = fitted(function), arity(function)

    def called(*given: Any) -> Any:
        try:
            for one in given:
                if one.__class__ is str and not one.isascii():
                    given = tuple([text_out(one) if isinstance(one, str) else one for one in given])
                    break
            results = function(*given) if len(given) == most else fits(*given)
            if isinstance(results, tuple):
                return (True, *map(into, results))
            return True, into(results)
        except lua51.LuaError as error:
            error.__traceback__ = None
            return False, str(error) or "not enough memory"
        except Exception as error:
            if not isinstance(error, _EXPECTED):
                log.exception("lua_function_failed", script=script())
            error.__traceback__ = None  # its frames hold tables that must not outlive the script's coroutine
            return False, text_in(str(error) or type(error).__name__)

    return called
