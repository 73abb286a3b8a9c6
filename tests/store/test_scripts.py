# SPDX-License-Identifier: Apache-2.0
"""The Lua that runs inside the store."""

from __future__ import annotations

from hashlib import sha1

import pytest

from nacre.store.scripts import ALL, BAN, COUNT, LIFT, Script


@pytest.mark.parametrize("script", ALL)
def test_a_script_is_known_by_its_digest(script: Script) -> None:
    """
    EVALSHA takes the SHA-1 of exactly what was loaded.
    """
    assert script.sha == sha1(script.source.encode(), usedforsecurity=False).hexdigest()


@pytest.mark.parametrize("script", [COUNT, BAN, LIFT])
def test_a_script_about_entities_brings_the_layout_along(script: Script) -> None:
    """
    It is written down once, and a script can include no other.
    """
    assert script.source.startswith("-- Read and write packed entities")


def test_no_two_scripts_are_one() -> None:
    """
    They share their beginning, and nothing else.
    """
    assert len({script.sha for script in ALL}) == len(ALL)
