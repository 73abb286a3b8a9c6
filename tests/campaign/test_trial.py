# SPDX-License-Identifier: Apache-2.0
"""Suspicious attempts, and what explains them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nacre.campaign.sighting import Mark, Sighting
from nacre.campaign.trial import (
    PATIENCE,
    Pending,
    Trial,
    address_of,
    number_of,
    origin_of,
    subnet_of,
    suspicious,
)

T = 1_800_000_000.0
HERE, THERE = bytes((192, 0, 2, 7)), bytes((198, 51, 100, 7))


def trial(account: str, *, time: float = T, address: bytes = HERE) -> Trial:
    """Return a failure."""
    return Trial(Sighting(time, address, account), origin_of(address), subnet_of(address), number_of(address))


def explained(pending: Pending, account: str, *, time: float = T + 20, address: bytes = HERE) -> list[str]:
    """Return the accounts of what a good login explains."""
    good = Sighting(time, address, account, marks=int(Mark.SUCCESS))
    return [each.sighting.account for each in pending.explained(good, origin_of(address))]


def waiting(*trials: Trial) -> Pending:
    """Return these, pending."""
    pending = Pending()
    for each in trials:
        pending.add(each)
    return pending


def test_a_good_login_explains_the_failures_before_it() -> None:
    """
    A typo, and a name mistyped once or twice; from another address it explains nothing.
    """
    pending = waiting(trial("erika"), trial("erika"), trial("erkia"))

    assert explained(pending, "erika") == ["erika", "erika", "erkia"]
    assert explained(pending, "erika", address=THERE) == []


def test_a_hit_among_many_names_explains_its_own_alone() -> None:
    """
    An attacker has one now and then, or an account of their own; an office has many people who mistype.
    """
    pending = waiting(*(trial(f"user{number}") for number in range(4)))

    assert explained(pending, "user1") == ["user1"]
    assert explained(pending, "mine") == []


def test_an_explanation_comes_within_minutes() -> None:
    """
    Who comes back tomorrow explains nothing of today.
    """
    assert explained(waiting(trial("erika")), "erika", time=T + PATIENCE + 1) == []


@given(st.lists(st.tuples(st.floats(0, 2000), st.integers(0, 9)), max_size=100))
def test_only_the_last_minutes_wait(rows: list[tuple[float, int]]) -> None:
    """
    A flood of failures is not kept for ever.
    """
    pending = Pending()
    rows.sort()
    for time, host in rows:
        pending.add(trial("erika", time=T + time, address=bytes((10, 0, 0, host))))

    assert len(pending) == sum(time >= rows[-1][0] - PATIENCE for time, _ in rows)


def test_a_flood_is_bounded() -> None:
    """
    Twenty thousand failures within a second.
    """
    pending = waiting(*(trial("erika", address=number.to_bytes(4, "big")) for number in range(20_000)))

    assert len(pending) == 8_192
    assert explained(pending, "erika", address=(19_999).to_bytes(4, "big")) == ["erika"]


def test_a_forgotten_account_waits_no_more() -> None:
    """
    Erasing a person reaches every corner.
    """
    pending = waiting(trial("erika"), trial("otto", address=THERE))

    pending.drop("erika")

    assert len(pending) == 1
    assert explained(pending, "erika") == []
    assert explained(pending, "otto", address=THERE) == ["otto"]


def test_what_is_known_is_not_suspicious() -> None:
    """
    A typo at home, and yesterday's password in a phone.
    """
    marks = {mark: suspicious(Sighting(T, HERE, "erika", marks=int(mark))) for mark in Mark}

    assert {mark for mark, is_so in marks.items() if not is_so} == {Mark.SUCCESS, Mark.HOME, Mark.REPEAT}


@given(st.binary(min_size=4, max_size=4) | st.binary(min_size=16, max_size=16))
def test_an_address_and_its_key_belong_together(address: bytes) -> None:
    """
    Keys are text, so that one kind of table holds all of them.
    """
    back = address_of(origin_of(address))

    assert back == (address if len(address) == 4 else address[:8].ljust(16, b"\0"))
    assert origin_of(address).startswith(subnet_of(address))
    assert address_of("") == b""
