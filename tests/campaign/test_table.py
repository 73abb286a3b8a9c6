# SPDX-License-Identifier: Apache-2.0
"""Tables that strangers fill."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nacre.campaign.table import Fading, Table


@given(st.lists(st.text(max_size=2)), st.integers(2, 20))
def test_what_fades_is_bounded_and_keeps_the_last_half(keys: list[str], size: int) -> None:
    """
    Whoever puts in more than it holds pushes out the oldest.
    """
    fading = Fading[str](size)
    for key in keys:
        fading.put(key, f"={key}")
    last = list(dict.fromkeys(reversed(keys)))[: size // 2]

    assert len(fading) <= size
    assert all(fading.get(key) == f"={key}" for key in last)


def test_the_newest_value_of_a_key_counts_and_leaves_nothing_behind() -> None:
    """
    An address that moved to another campaign must not be found in the old one.
    """
    fading = Fading[str](4)
    for key, value in (("a", "old"), ("b", "x"), ("c", "x"), ("a", "new")):
        fading.put(key, value)

    assert fading.items()["a"] == "new"
    assert fading.pop("b") == "x"
    assert fading.pop("a") == "new"
    assert fading.get("a") is None


def test_invented_keys_push_nothing_out_of_the_table_proper() -> None:
    """
    A flood of names that are tried once each fills the room where they wait, again and again.
    """
    table: Table[str, str] = Table(8, needed=lambda _: False)
    table.keep("erika", "attacked")

    for number in range(1000):
        table.waiting.put(f"name{number}", "once")

    assert table.kept == {"erika": "attacked"}
    assert len(table.waiting) <= 16


def test_a_full_table_spares_what_is_needed() -> None:
    """
    An account under attack stays when many others are tried twice.
    """
    table: Table[str, str] = Table(16, needed=lambda value: value == "attacked")
    table.keep("erika", "attacked")

    for number in range(1000):
        table.keep(f"name{number}", "twice")

    assert table.kept["erika"] == "attacked"
    assert len(table.kept) <= 16


def test_a_table_of_needed_entries_still_ends() -> None:
    """
    Bounded comes before complete.
    """
    table: Table[str, str] = Table(16, needed=lambda _: True)

    for number in range(100):
        table.keep(f"name{number}", "attacked")

    assert len(table.kept) <= 16
    assert "name99" in table.kept
