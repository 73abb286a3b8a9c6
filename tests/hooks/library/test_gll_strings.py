# SPDX-License-Identifier: Apache-2.0
"""``strings``, as scripts use it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.hooks.library.gll_strings import open_strings, split


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('S.split("a b c d", " ")', ["a", "b", "c", "d"]),
        ('S.split("a b")', ["a", "b"]),
        ('S.split("a::b::", "::")', ["a", "b", ""]),
        ('S.split("k\\195\\182", "")', ["k", "ö"]),
        ('S.fields(" a  b\\t")', ["a", "b"]),
        ('S.trim("--abcd--", "-")', "abcd"),
        ('S.trim_space("\\t abcd \\n")', "abcd"),
        ('S.trim_prefix("abcd", "ab")', "cd"),
        ('S.trim_suffix("abcd", "cd")', "ab"),
        ('S.has_prefix("abcd", "a")', True),
        ('S.has_suffix("abcd", "a")', False),
        ('S.contains("abcd", "bc")', True),
        ('S.contains("abcd", "x")', False),
    ],
)
def test_each_function(lua: Any, expression: str, value: object) -> None:
    """
    The examples of the module's own documents, and the edges of them.
    """
    assert lua(f'local S = require("strings") return {expression}', strings=open_strings) == value


@given(st.lists(st.binary(max_size=3), min_size=1), st.binary(min_size=1, max_size=2))
def test_what_was_split_is_joined_again(parts: list[bytes], separator: bytes) -> None:
    """
    No byte gets lost.
    """
    subject = separator.join(parts)

    assert separator.join(split(subject, separator)) == subject
