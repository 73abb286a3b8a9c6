# SPDX-License-Identifier: Apache-2.0
"""``nauthilus_password``, as scripts use it."""

from __future__ import annotations

from typing import Any

import pytest

from nacre.hooks.library.password import meets, password_module
from nacre.identity import Identity

HEAD = 'local P = require("nauthilus_password")\n'


@pytest.fixture
def run(lua: Any) -> Any:
    """Run a chunk that knows the module as ``P``."""
    module = password_module(Identity(b"k" * 32).password)
    return lambda source: lua(HEAD + source, nauthilus_password=module)


def test_a_password_is_compared_with_a_stored_one(run: Any) -> None:
    """
    A text that is no hash is an error besides.
    """
    stored = "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"

    assert run(f'return P.compare_passwords("{stored}", "Hello world!")') == (True, None)
    assert run(f'return P.compare_passwords("{stored}", "Hello")') == (False, None)
    assert run('return P.compare_passwords("nonsense", "Hello")') == (False, "unsupported password hash")


@pytest.mark.parametrize(
    ("policy", "good"),
    [
        ("{}", True),
        ("{ min_length = 10, min_upper = 1, min_lower = 2, min_number = 1, min_special = 1 }", True),
        ("{ min_length = 11 }", False),
        ("{ min_upper = 3 }", False),
        ("{ min_number = 2 }", False),
        ("{ min_special = 2 }", False),
    ],
)
def test_a_password_meets_a_policy(run: Any, policy: str, good: bool) -> None:  # noqa: FBT001
    """
    Each count is a least one, and what is not named is not asked for.
    """
    assert run(f'return P.check_password_policy({policy}, "PAssword!1")') is good


def test_the_digest_is_the_one_that_nacre_keeps(run: Any) -> None:
    """
    Keyed and 64 bits wide, where the original's had 32 and one nonce for all.
    """
    digest = run('return P.generate_password_hash("secret")')

    assert digest == Identity(b"k" * 32).password("secret").hex()
    assert len(digest) == 16


def test_letters_of_any_alphabet_count() -> None:
    """
    An umlaut is a letter and no special character.
    """
    assert meets({"min_upper": 1, "min_lower": 1}, "Öö")
    assert not meets({"min_special": 1}, "Öö")
