# SPDX-License-Identifier: Apache-2.0
"""The directory that is not there."""

from __future__ import annotations

from typing import Any

import pytest

from nacre.hooks.library.ldap import open_ldap


@pytest.mark.parametrize(("function", "before"), [("ldap_search", 1), ("ldap_modify", 1), ("ldap_endpoint", 2)])
def test_each_function_says_that_there_is_none(lua: Any, function: str, before: int) -> None:
    """
    A plug-in reads the last result and goes on without.
    """
    results = lua(f'return require("nauthilus_ldap").{function}({{}})', nauthilus_ldap=open_ldap)

    assert results == (*(None,) * before, "LDAP backend not activated")
