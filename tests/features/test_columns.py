# SPDX-License-Identifier: Apache-2.0
"""The standard columns, as a table."""

from __future__ import annotations

from outcomes import History, attempt

from nacre.features.columns import ORIGINAL, STANDARD

REVEALING = {"right", "former", "tried", "tried_here", "since_tried", "since_right", "new"}


def test_no_two_columns_have_one_name() -> None:
    """
    Reasons, settings and importance speak of columns by name.
    """
    assert len(set(STANDARD.names)) == len(STANDARD)
    assert all(name.count(".") == 1 and name.replace(".", "").replace("_", "").isalnum() for name in STANDARD.names)


def test_every_column_has_a_value() -> None:
    """
    In the same order; nothing is left over.
    """
    seen = History().see(attempt())

    assert len(STANDARD.vector(seen.values)) == len(STANDARD)


def test_only_what_is_known_of_the_password_for_this_account_reveals_it() -> None:
    """
    How many others tried it says nothing of whether it is right.
    """
    revealing = {column.name for column in STANDARD.columns if column.reveals}

    assert revealing == {f"token.{name}" for name in REVEALING}
    assert set(STANDARD.guess) - set(STANDARD.accept) == {STANDARD.place(name) for name in revealing}


def test_every_text_can_be_filled_in() -> None:
    """
    With the number, at most once; no placeholder of ours is left in it.
    """
    texts = [column.text for column in STANDARD.columns]

    assert all("[]" not in text and text.format("7").count("{") == 0 for text in texts)
    assert len(set(texts)) == len(texts)


def test_the_six_features_of_the_original_are_there() -> None:
    """
    A model of nothing but those can be trained, to compare.
    """
    assert len(ORIGINAL) == 6
    assert set(ORIGINAL.values()) <= set(STANDARD.names)


def test_the_hour_of_the_day_is_nobodys_reason() -> None:
    """
    Night shifts are no attack; who wants the column chooses it.
    """
    assert [column.name for column in STANDARD.columns if column.silent] == ["original.time_of_day"]
