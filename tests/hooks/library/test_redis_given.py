# SPDX-License-Identifier: Apache-2.0
"""Arguments of commands to a store."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.hooks.library.arguments import BadArgument
from nacre.hooks.library.redis_given import Given, describe, script_value, stored


@given(key=st.text(), prefix=st.binary(max_size=8))
def test_a_key_has_the_prefix_and_loses_it_again(key: str, prefix: bytes) -> None:
    """
    Whatever a script calls its key, it stays below the prefix, and comes back as it was.
    """
    call = Given("redis_get", [key], prefix)

    assert call.key().startswith(prefix)
    assert call.bare(call.key()) == stored(key, 1, "f")


def test_strings_may_come_one_by_one_or_as_a_list() -> None:
    """
    Both forms are used by plug-ins.
    """
    assert Given("redis_sadd", ["k", "a", "b"], b"").rest(1) == Given("redis_sadd", ["k", ["a", "b"]], b"").rest(1)


def test_places_of_arguments_count_the_handle() -> None:
    """
    A message that names the wrong place costs an hour.
    """
    with pytest.raises(BadArgument, match="bad argument #3 to 'redis_expire'"):
        Given("redis_expire", ["k"], b"").whole(1)
    with pytest.raises(BadArgument, match="bad argument #3 to 'redis_sadd'"):
        Given("redis_sadd", ["k"], b"").rest(1)


def test_the_answer_of_a_script_is_plain() -> None:
    """
    Nil inside of a list would end it in Lua; the store's own scripts say false there.
    """
    assert script_value({b"p:k": b"k"}, [b"p:k", [1, None], b"other"]) == [b"k", [1, False], b"other"]
    assert (describe({}), describe("x"), describe(None)) == ("table", "string", "nil")
