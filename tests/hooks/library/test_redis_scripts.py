# SPDX-License-Identifier: Apache-2.0
"""Scripts inside the store, by name."""

from __future__ import annotations

import pytest

from nacre.hooks.library.redis_scripts import MOST, Scripts, sha


def test_the_last_upload_counts() -> None:
    """
    An init script that changed is uploaded again under the same name.
    """
    scripts = Scripts()
    scripts.add("mine", "return 1")
    scripts.add("mine", "return 2")

    assert (scripts.find("mine"), scripts.find("other")) == ("return 2", None)


def test_an_upload_replaces_a_known_script_but_the_one_that_must_not_end_its_key() -> None:
    """
    The usual HSetMultiExpire deletes what it wrote where the time to live is 0.
    """
    scripts = Scripts()
    for name in ("IncrementAndExpire", "HSetMultiExpire"):
        scripts.add(name, "return 'theirs'")

    assert scripts.find("IncrementAndExpire") == "return 'theirs'"
    assert "theirs" not in (scripts.find("HSetMultiExpire") or "")


def test_a_pool_keeps_so_many_scripts() -> None:
    """
    A script that uploads another one for each attempt stops there.
    """
    scripts = Scripts()
    for number in range(MOST):
        scripts.add(f"s{number}", "return 1")

    with pytest.raises(ValueError, match="no more can be"):
        scripts.add("one", "return 1")


def test_a_digest_is_that_of_the_store() -> None:
    """
    EVALSHA asks by it.
    """
    assert sha("return 1") == "e0e1f9fabfc9d4800c877a703b823ac0578ff8db"
