# SPDX-License-Identifier: Apache-2.0
"""Names of chunks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from seats import lua, seat

from nacre.hooks.script import Script, chunk_name


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=120))
def test_the_name_of_a_chunk_is_one_that_lua_prints_as_a_whole(name: str) -> None:
    """
    Lua cuts longer ones off, and an error could no longer be told from one of another file.
    """
    assert 0 < len(chunk_name(f"/etc/{name}.lua")) <= 59 - len(":12345: ")


def test_a_script_is_known_by_its_text() -> None:
    """
    A file that was written again with the same text needs no compiling; one with another text does.
    """
    state = seat()
    one = Script.of("a", "a.lua", b"function main() return 1 end")
    other = Script.of("a", "a.lua", b"function main() return 2 end")

    assert one.digest == Script.of("b", "b.lua", one.source).digest != other.digest
    assert lua(one.source.decode(), state=state) == [1]
    assert lua(other.source.decode(), state=state) == [2]
