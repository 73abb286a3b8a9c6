# SPDX-License-Identifier: Apache-2.0
"""What a backend says of a user."""

from __future__ import annotations

from typing import Any

import pytest

from nacre.errors import HookError
from nacre.hooks.library.backend_result import FIELDS, open_backend_result

HEAD = 'local R = require("nauthilus_backend_result")\n'


def test_each_field_is_set_and_read(lua: Any) -> None:
    """
    Flags are booleans, fields texts, the rest tables; two results do not share them.
    """
    seen = lua(
        f"""{HEAD}
        local a, b = R.new(), R:new()
        a:authenticated(true) a:user_found(true) a:account_field("account") a:attributes({{ account = "erika" }})
        a:groups({{ "staff" }})
        return a:authenticated(), a:user_found(), a:account_field(), a:attributes(), a:groups(),
            b:authenticated(), b:account_field(), b:attributes()
        """,
        nauthilus_backend_result=open_backend_result,
    )

    assert seen == (True, True, "account", {"account": "erika"}, ["staff"], False, "", {})


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_of_the_original_is_there(lua: Any, field: str) -> None:
    """
    Plug-ins set some of them.
    """
    assert lua(f"{HEAD}return type(R.new().{field})", nauthilus_backend_result=open_backend_result) == "function"


def test_attributes_are_a_table(lua: Any) -> None:
    """
    A text in their place is a mistake of the script.
    """
    with pytest.raises(HookError, match="table expected, got string"):
        lua(f'{HEAD}R.new():attributes("x")', nauthilus_backend_result=open_backend_result)
