# SPDX-License-Identifier: Apache-2.0
"""Keys: one for each subject, and where a cluster keeps it."""

from __future__ import annotations

import msgspec
import pytest
from builders import fields, rule
from hypothesis import given
from hypothesis import strategies as st
from redis.crc import key_slot

from nacre.account import AccountNames
from nacre.attempt import Attempt, admit
from nacre.config.tree import Subject
from nacre.identity import Identity
from nacre.rules.rule import Kind, RuleBook, Watch
from nacre.store.keys import Keys

OURS = Identity(b"k" * 32)
KEYS = Keys("nacre:", OURS)
addresses = st.one_of(st.binary(min_size=4, max_size=4), st.binary(min_size=16, max_size=16))


def attempt(address: str = "192.0.2.7", name: str = "erika", device: str = "phone") -> Attempt:
    """An attempt at the door."""
    return admit(fields(address, name, client_id=device), names=AccountNames(), identity=OURS, now=0.0, request_id="r")


@given(one=addresses, other=addresses, prefix=st.integers(1, 128), wide=st.integers(1, 128))
def test_subnets_share_a_key_exactly_if_they_are_the_same(one: bytes, other: bytes, prefix: int, wide: int) -> None:
    """
    Two subnets under one key would count for each other; one under two keys would have two budgets.
    """
    prefix, wide = min(prefix, 8 * len(one)), min(wide, 8 * len(other))
    same = (
        len(one) == len(other)
        and prefix == wide
        and int.from_bytes(one, "big") >> (8 * len(one) - prefix)
        == int.from_bytes(other, "big") >> (8 * len(one) - prefix)
    )

    assert (KEYS.subnet(one, prefix) == KEYS.subnet(other, wide)) is same


@given(address=addresses, prefix=st.integers(1, 128), wide=st.integers(1, 128))
def test_subnets_around_an_address_live_together(address: bytes, prefix: int, wide: int) -> None:
    """
    One script counts the address, its /24 and its /16: a cluster has to keep them in one slot.
    """
    least = 16 if len(address) == 4 else 32
    near, far = (min(max(bits, least), 8 * len(address)) for bits in (prefix, wide))

    assert key_slot(KEYS.subnet(address, near)) == key_slot(KEYS.subnet(address, far))


@given(address=addresses, prefix=st.integers(1, 128))
def test_the_subnets_of_an_attempt_have_the_keys_of_subnets(address: bytes, prefix: int) -> None:
    """
    A check, a report and an operator who looks one up mean the same counter.
    """
    prefix = min(prefix, 8 * len(address))
    tried = msgspec.structs.replace(attempt(), address=address)

    assert KEYS.watched([Watch(Kind.SUBNET, prefix, ())], tried) == [KEYS.subnet(address, prefix)]


def test_each_subject_has_its_key_and_accounts_live_with_their_pairs() -> None:
    """
    Kinds are told apart by their first letter, so that no name can be made to look like an address.
    """
    rules = [rule(kind.value, subject=kind, **({"cidr": 24} if "subnet" in kind else {})) for kind in Subject]
    book = RuleBook(rules, origin_prefix6=64)
    one = attempt()

    keys = KEYS.watched(book.watches(one), one)

    assert sorted(key.removeprefix(b"nacre:")[:1] for key in keys) == [b"a", b"c", b"n", b"n", b"p"]
    (account,) = (key for key in keys if key.startswith(b"nacre:a"))
    (pair,) = (key for key in keys if key.startswith(b"nacre:p"))
    assert key_slot(account) == key_slot(pair)


def test_keys_tell_no_names() -> None:
    """
    Who reads the store's keys learns addresses at most: no account, no device.
    """
    book = RuleBook([rule(subject=Subject.CLIENT)], origin_prefix6=64)
    one = attempt(name="erika", device="phone")

    text = b" ".join(KEYS.watched(book.watches(one), one))

    assert b"erika" not in text
    assert b"phone" not in text


request_ids = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=128)


@given(request_id=request_ids, other=request_ids, address=addresses)
def test_a_claim_lives_where_its_counts_do(request_id: str, other: str, address: bytes) -> None:
    """
    The script that counts sets the claim: both are in one slot, whatever characters the caller's id has.
    """
    beside = KEYS.subnet(address, 24)

    claim = KEYS.claim(request_id, beside)

    assert key_slot(claim) == key_slot(beside)
    assert (claim == KEYS.claim(other, beside)) is (request_id == other)
    assert (KEYS.decision(request_id) == KEYS.decision(other)) is (request_id == other)
    assert len(claim) < 128


@pytest.mark.parametrize("request_id", ["}", "{", "{}", "a{b}c", "x" * 128])
def test_a_request_id_cannot_choose_its_slot(request_id: str) -> None:
    """
    Braces in it would cut the tag short: the command would go to another node than its key.
    """
    key = KEYS.decision(request_id)

    assert key.count(b"{") == key.count(b"}") == 1


def test_installations_under_different_prefixes_share_nothing() -> None:
    """
    Two services on one store.
    """
    other = Keys("other:", OURS)
    book = RuleBook([rule()], origin_prefix6=64)

    mine, theirs = (set(keys.watched(book.watches(attempt()), attempt())) for keys in (KEYS, other))

    assert not mine & theirs
    assert other.news != KEYS.news
