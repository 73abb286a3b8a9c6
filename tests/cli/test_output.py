# SPDX-License-Identifier: Apache-2.0
"""What commands print."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.cli.output import moment, printable, show, show_json, show_pairs, show_table

HOSTILE = "\x1b]0;owned\x07\x9b2J\u202egpj.exe\u200b\r\n\x00"
"""Sets a title, clears a screen (as one character, too), turns the direction, hides, goes back to the first column."""


@given(text=st.text())
def test_nothing_printed_moves_the_cursor(text: str) -> None:
    """
    Who tries to sign in chooses the name, and must not write on the administrator's terminal.
    """
    assert printable(text).isprintable()


@given(text=st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_visible_text_stays_as_it_is(text: str) -> None:
    """
    Names in any script can be read and copied.
    """
    assert printable(text) == text


def test_a_hostile_name_is_spelled_out_in_tables_and_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    """
    Every way to the terminal goes through the same place.
    """
    show(HOSTILE)
    show_table(["account"], [[HOSTILE]])
    show_pairs([("account", HOSTILE)])

    lines = capsys.readouterr().out.splitlines()

    assert len(lines) == 4
    assert all(line.isprintable() for line in lines)


def test_markup_in_a_name_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    """
    Square brackets are the markup of the library behind the tables.
    """
    show_table(["account"], [["[red]erika[/red] :boom:"]])

    assert "[red]erika[/red] :boom:" in capsys.readouterr().out


@given(text=st.text())
def test_json_shows_no_control_character_and_loses_none(text: str) -> None:
    """
    People look at JSON in terminals, too, and programs need what was really sent.
    """
    with pytest.MonkeyPatch.context() as patch:
        written: list[str] = []
        patch.setattr("sys.stdout.write", written.append, raising=False)
        show_json({"account": text})

    assert json.loads("".join(written)) == {"account": text}
    assert all(line.isprintable() for line in "".join(written).split("\n"))


def test_a_piped_table_has_one_line_for_each_row(capsys: pytest.CaptureFixture[str]) -> None:
    """
    `grep` and `cut` work on lines; a table folded to eighty columns would break them.
    """
    show_table(["account", "reason"], [["a" * 300, "b" * 300], ["c", "d"]])

    assert len(capsys.readouterr().out.splitlines()) == 3


def test_a_line_has_no_idle_blanks_behind_it(capsys: pytest.CaptureFixture[str]) -> None:
    """
    They would be part of the last column for whoever cuts it out.
    """
    show_table(["account", "reason"], [["erika", "long enough"], ["max", "short"]])

    assert all(line == line.rstrip() for line in capsys.readouterr().out.splitlines())


def test_a_name_that_comes_again_is_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    """
    Several reasons read as one list.
    """
    show_pairs([("because", "first"), ("because", "second")])

    assert capsys.readouterr().out == "because  first\n         second\n"


def test_no_time_is_no_text() -> None:
    """
    The first second of 1970 would be a claim.
    """
    assert moment(0.0) == ""
