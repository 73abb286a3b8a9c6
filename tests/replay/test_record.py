# SPDX-License-Identifier: Apache-2.0
"""The account of what was read."""

from __future__ import annotations

from nacre.replay.record import EXAMPLE_LENGTH, EXAMPLES, Tally, shorten


def test_a_reason_keeps_its_count_and_only_its_first_examples() -> None:
    """
    A log of millions of lines must not be kept in memory to say why it was skipped.
    """
    tally = Tally()

    for line in range(1, 11):
        tally.skip("line of another program", "auth.log", line, b"cron")

    omission = tally.skipped["line of another program"]
    assert omission.count == 10
    assert [example.line for example in omission.examples] == list(range(1, EXAMPLES + 1))


def test_two_tallies_share_nothing() -> None:
    """
    Mutable defaults would let one run count into the next.
    """
    first, second = Tally(), Tally()

    first.misunderstand("auth.log", 1, "?")

    assert second.not_understood.count == 0
    assert second.not_understood.examples == []


def test_an_example_cannot_steer_a_terminal() -> None:
    """
    User names are free text: escape sequences and line feeds in them stay harmless when shown.
    """
    shown = shorten(b"Invalid user \x1b]0;owned\x07\nroot \xff from 192.0.2.1" + b"x" * 500)

    assert shown.isprintable()
    assert len(shown) == EXAMPLE_LENGTH


def test_the_share_read_never_exceeds_the_whole() -> None:
    """
    A file that grows while it is read would push a progress bar beyond its end.
    """
    assert Tally(bytes_read=50, bytes_total=200).share == 0.25
    assert Tally(bytes_read=300, bytes_total=200).share == 1
    assert Tally().share == 0
