# SPDX-License-Identifier: Apache-2.0
"""What somebody says of attempts."""

from __future__ import annotations

import pytest

from nacre.feedback import FeedbackOnMany, Meant


def test_what_is_meant_is_not_changed_on_its_way() -> None:
    """
    It names what is corrected and withdrawn later.
    """
    meant = Meant(subnet="192.0.2.0/24")

    with pytest.raises(AttributeError):
        meant.rule = "address"  # type: ignore[misc]

    assert meant == Meant(subnet="192.0.2.0/24", rule="")


def test_nothing_is_left_out_unless_it_is_said() -> None:
    """
    The ordinary answer is short.
    """
    told = FeedbackOnMany(is_attack=True, giver="erika", time=1.0, attempts=3)

    assert (told.not_scored, told.beyond) == (0, 0)
