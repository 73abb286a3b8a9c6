# SPDX-License-Identifier: Apache-2.0
"""Static keys."""

from __future__ import annotations

from hashlib import sha256

import pytest

from nacre.access.api_keys import ApiKeys, make_api_key
from nacre.access.caller import Caller
from nacre.access.roles import Role
from nacre.config.tree import ApiKey
from nacre.errors import AccessDenied, SettingsError


def test_a_key_is_known_by_its_digest() -> None:
    """
    The settings hold no secret: a copy of the file lets nobody in.
    """
    (dovecot, dovecot_digest), (postfix, postfix_digest) = make_api_key(), make_api_key()
    keys = ApiKeys(
        [
            ApiKey(name="dovecot", sha256=dovecot_digest),
            ApiKey(name="graphs", sha256=postfix_digest, roles=(Role.SECURITY,)),
        ]
    )

    assert keys.caller(dovecot) == Caller("dovecot", frozenset({Role.AUTHENTICATE}))
    assert keys.caller(postfix) == Caller("graphs", frozenset({Role.SECURITY}))


@pytest.mark.parametrize("shown", ["", "x", "nacre_", "ä\udc80", "k" * 300])
def test_any_other_key_is_refused(shown: str) -> None:
    """
    Neither an empty header nor one that is no text may end in anything but a refusal.
    """
    digest = make_api_key()[1]
    keys = ApiKeys([ApiKey(name="dovecot", sha256=digest)])

    with pytest.raises(AccessDenied) as refused:
        keys.caller(shown)

    assert not refused.value.authenticated


def test_the_digest_of_a_key_is_no_key() -> None:
    """
    It stands in the settings, where more people can read it.
    """
    key, digest = make_api_key()
    keys = ApiKeys([ApiKey(name="dovecot", sha256=digest)])

    with pytest.raises(AccessDenied) as refused:
        keys.caller(digest)

    assert digest not in str(refused.value)
    assert key not in str(refused.value)


def test_a_key_longer_than_any_of_ours_is_refused_before_it_is_hashed() -> None:
    """
    Hashing a header of any length would let strangers choose how much we work.
    """
    long = "k" * 257
    keys = ApiKeys([ApiKey(name="dovecot", sha256=sha256(long.encode()).hexdigest())])

    with pytest.raises(AccessDenied):
        keys.caller(long)


def test_one_key_cannot_stand_in_two_entries() -> None:
    """
    Which of their roles it has would be a matter of chance.
    """
    digest = make_api_key()[1]

    with pytest.raises(SettingsError, match=r"auth.api_keys\[1\].sha256"):
        ApiKeys([ApiKey(name="dovecot", sha256=digest), ApiKey(name="postfix", sha256=digest)])


def test_no_two_keys_are_made_alike() -> None:
    """
    256 random bits, or a key could be guessed.
    """
    made = {make_api_key() for _ in range(1000)}

    assert len(made) == 1000
    assert {len(key) for key, _ in made} == {49}
