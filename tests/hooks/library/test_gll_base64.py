# SPDX-License-Identifier: Apache-2.0
"""``base64``, as scripts use it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.hooks.library.gll_base64 import decode, encode, open_base64

HEAD = 'local B = require("base64")\n'


@pytest.mark.parametrize(
    ("encoding", "plain", "text"),
    [
        ("RawStdEncoding", "foo\\1bar", "Zm9vAWJhcg"),
        ("StdEncoding", "foo\\1bar", "Zm9vAWJhcg=="),
        (
            "RawURLEncoding",
            "this is a <tag> and should be encoded",
            "dGhpcyBpcyBhIDx0YWc-IGFuZCBzaG91bGQgYmUgZW5jb2RlZA",
        ),
        (
            "URLEncoding",
            "this is a <tag> and should be encoded",
            "dGhpcyBpcyBhIDx0YWc-IGFuZCBzaG91bGQgYmUgZW5jb2RlZA==",
        ),
    ],
)
def test_the_four_encodings(lua: Any, encoding: str, plain: str, text: str) -> None:
    """
    The examples of the module's own documents.
    """
    source = (
        f'{HEAD}local e, p = B.{encoding}, "{plain}" local s = e:encode_to_string(p) return s, e:decode_string(s) == p'
    )

    assert lua(source, base64=open_base64) == (text, True)


@given(st.binary(), st.booleans(), st.booleans())
def test_any_bytes_come_back(data: bytes, url: bool, padded: bool) -> None:  # noqa: FBT001
    """
    In each of the four.
    """
    assert decode(encode(data, url=url, padded=padded), url=url, padded=padded) == data


@pytest.mark.parametrize(
    ("encoding", "text"), [("StdEncoding", "a-b"), ("RawStdEncoding", "Zg=="), ("StdEncoding", "Zg")]
)
def test_what_is_no_base64_is_nil_and_a_reason(lua: Any, encoding: str, text: str) -> None:
    """
    Signs of the other alphabet, padding where there must be none, and none where it must be.
    """
    value, error = lua(f'{HEAD}return B.{encoding}:decode_string("{text}")', base64=open_base64)

    assert value is None
    assert "illegal base64 data" in error
