# SPDX-License-Identifier: Apache-2.0
"""Values that the scripts of one request hand each other."""

from __future__ import annotations

from typing import Any

import pytest

from nacre.errors import HookError
from nacre.hooks.call import Call
from nacre.hooks.library.context import MOST, open_context

HEAD = 'local X = require("nauthilus_context")\n'


def test_the_next_script_of_a_request_finds_what_the_first_one_set(lua: Any) -> None:
    """
    Plug-ins exchange a table under the key ``rt``; each has a state of its own.
    """
    first = Call("geoip", "filter")
    second = Call("post", "action", context=first.context)

    lua(HEAD + 'X.context_set("rt", { filter_geoippolicyd = true })', first, nauthilus_context=open_context)
    found = lua(
        HEAD + 'local rt = X.context_get("rt") X.context_delete("rt") return rt, X.context_get("rt")',
        second,
        nauthilus_context=open_context,
    )

    assert found == ({"filter_geoippolicyd": True}, None)


def test_a_request_keeps_a_bounded_number_of_values(lua: Any) -> None:
    """
    The keys may come from an attempt.
    """
    with pytest.raises(HookError, match=f"holds {MOST} values at most"):
        lua(HEAD + f'for i = 1, {MOST + 1} do X.context_set("k" .. i, i) end', nauthilus_context=open_context)
