# SPDX-License-Identifier: Apache-2.0
"""``yaml``, as scripts use it."""

from __future__ import annotations

from typing import Any

import pytest

from nacre.hooks.library.gll_yaml import open_yaml

HEAD = 'local Y = require("yaml")\n'


def test_tables_are_written_and_read(lua: Any) -> None:
    """
    Keys are sorted.
    """
    source = f'{HEAD}local t = Y.encode({{ b = {{ 1, "x" }}, a = {{ c = true }} }}) return t, Y.decode(t)'

    assert lua(source, yaml=open_yaml) == ("a:\n  c: true\nb:\n- 1\n- x\n", {"a": {"c": True}, "b": [1, "x"]})


@pytest.mark.parametrize("text", ["a: &x 1\\nb: *x", "a: [", "!!python/object:os.system x", "a: 2020-01-01"])
def test_what_is_not_plain_is_nil_and_a_reason(lua: Any, text: str) -> None:
    """
    Aliases multiply, and tags make objects.
    """
    value, error = lua(f'{HEAD}return Y.decode("{text}")', yaml=open_yaml)

    assert value is None
    assert error
