# SPDX-License-Identifier: Apache-2.0
"""What every part of the tree is."""

from __future__ import annotations

import msgspec
import pytest

from nacre.config.lua import LuaConfig
from nacre.config.section import DAY, HOUR, MINUTE, SECOND, YEAR


def test_a_section_is_never_changed_and_takes_no_unknown_key() -> None:
    """
    Who holds settings holds those of one moment; a name that is misspelt must not be lost.
    """
    section = LuaConfig()

    with pytest.raises(AttributeError):
        section.package_path = "x"  # type: ignore[misc]
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.convert({"packge_path": "x"}, LuaConfig)


def test_durations_are_made_of_one_another() -> None:
    """
    Defaults are products of these.
    """
    assert (MINUTE, HOUR, DAY, YEAR) == (60 * SECOND, 60 * MINUTE, 24 * HOUR, 365 * DAY)
