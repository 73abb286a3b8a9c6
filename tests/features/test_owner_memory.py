# SPDX-License-Identifier: Apache-2.0
"""What an account remembers of its owner, and so what a stranger's failure is."""

from __future__ import annotations

from typing import Any

import pytest
from outcomes import NOW, History, attempt, count_of, stream

from nacre.attempt import Attempt
from nacre.features.changes import DOUBT, Outcome
from nacre.features.facts import TOKEN_MASK
from nacre.features.flags import Flag
from nacre.features.layout import DAY
from nacre.features.profile import Profile


@pytest.fixture
def history() -> History:
    """Nothing that happened yet."""
    return History()


def lists_of(profile: Profile) -> dict[str, dict[int, int]]:
    """Return the lists of a profile by name."""
    return {name: profile.items(list_) for list_, name in enumerate(profile.layout.lists)}


def user_of(history: History, name: str = "erika") -> Profile:
    """Return the profile of an account."""
    return history.around(attempt(username=name)).user


def try_from_home(**other: Any) -> Attempt:
    """An attempt of which everything is known."""
    attributes = {"country": "DE", "asn": 64500}
    return attempt(protocol="imap", user_agent="Thunderbird/115", attributes=attributes, **other)


# -- orphan, fresh


def outcome(flags: Flag | int, *, token: int = 7, accepted: bool = False) -> Outcome:
    """An outcome with the flags of its attempt."""
    facts = History().see(attempt(password="x" if token else "")).facts
    facts.flags = int(flags)
    return Outcome(facts, NOW, accepted)


@pytest.mark.parametrize("flag", list(Flag))
@pytest.mark.parametrize("token", [0, 7])
def test_a_stranger_with_an_unheard_password_is_an_orphan(flag: Flag, token: int) -> None:
    """
    Any login from there, any memory of the password makes it something else.
    """
    excuses = Flag.RIGHT | Flag.FORMER | Flag.TRIED | Flag.SEEN_IP | Flag.SEEN_NET

    assert outcome(flag, token=token).orphan == (flag not in excuses)
    assert bool(outcome(flag, token=token).flags & Flag.ORPHAN) == (flag not in excuses) or flag is Flag.ORPHAN


@pytest.mark.parametrize("flag", list(Flag))
def test_a_failure_is_fresh_if_its_password_was_never_seen_for_the_account(flag: Flag) -> None:
    """
    From wherever; without passwords, what a stranger tried stands for it.
    """
    old = Flag.RIGHT | Flag.FORMER | Flag.TRIED

    assert outcome(flag).fresh == (flag not in old)
    assert outcome(flag, token=0).fresh == (flag not in old | Flag.SEEN_IP | Flag.SEEN_NET)


def test_a_login_is_neither_orphan_nor_fresh() -> None:
    """
    Though its attempt knew nobody.
    """
    accepted = outcome(0, accepted=True)

    assert (accepted.orphan, accepted.fresh, accepted.flags) == (False, False, Flag.SUCCESS)


def test_fresh_failures_from_new_networks_count_apart(history: History) -> None:
    """
    A typo at home is none.
    """
    history.add(attempt(password="right"), accepted=True)
    history.add(attempt(password="typo", time=NOW + 1), accepted=False)
    history.add(attempt("198.51.100.1", password="guess", time=NOW + 1), accepted=False)

    user = user_of(history)
    assert count_of(user, "fresh_24h", NOW + 1) == 2.0
    assert count_of(user, "fresh_addresses_24h", NOW + 1) == 2.0
    assert count_of(user, "fresh_elsewhere_7d", NOW + 1) == 1.0


# -- what teaches of the owner


STRANGER: dict[str, Any] = {"protocol": "smtp", "user_agent": "curl/8", "attributes": {"country": "FR", "asn": 1}}


def test_a_right_password_that_was_refused_teaches_nothing_of_the_owner(history: History) -> None:
    """
    A guess may have been right: its place and its password must not become the owner's.
    """
    history.add(try_from_home(client_ip="192.0.2.7", password="right"), accepted=True)
    before = user_of(history)
    known, logins = {name: dict(items) for name, items in lists_of(before).items()}, list(before.counts)
    stranger = attempt("198.51.100.1", password="guess", **STRANGER)

    history.add(stranger, accepted=True, refused=True)

    after = user_of(history)
    assert {name for name, items in lists_of(after).items() if items != known[name]} == {"asns_tried", "doubted"}
    assert [name for name, a, b in zip(after.layout.names, logins, after.counts, strict=True) if a != b] == ["asns_7d"]
    around, flags = history.around(stranger), history.see(stranger).facts.flags
    assert flags == Flag.HISTORY | Flag.LATELY
    for profile in (around.address, around.token, around.asn, around.country, around.client, around.protocol):
        assert sum(profile.counts) == 0.0


def test_a_right_password_that_was_refused_and_is_trusted_is_a_login(history: History) -> None:
    """
    A rule refused it, and the network took it for its owner's: else a ban would make its victim forget a new home.
    """
    first = attempt(password="right")

    history.profiles.count(first, Outcome(history.see(first).facts, NOW, accepted=True, refused=True, trusted=True))

    assert history.see(attempt(password="right", time=NOW + 1)).facts.flags & (Flag.RIGHT | Flag.SEEN_IP)
    assert count_of(user_of(history), "successes_7d", NOW) == 1.0
    assert count_of(history.around(first).address, "successes_24h", NOW) == 1.0


@pytest.mark.parametrize(
    ("later", "address", "learned"),
    [
        (DOUBT, "198.51.100.1", True),
        (DOUBT + 3600, "198.51.100.77", True),
        (DOUBT - 1, "198.51.100.1", False),
        (DOUBT, "203.0.113.1", False),
    ],
)
def test_a_refused_right_password_becomes_the_owners_when_it_comes_again_hours_later_from_there(
    history: History, later: float, address: str, *, learned: bool
) -> None:
    """
    Who travels is still there in the evening; who guessed right is refused, and has moved on.
    """
    history.add(try_from_home(client_ip="192.0.2.7", password="right"), accepted=True)
    history.add(attempt("198.51.100.1", password="right", **STRANGER), accepted=True, refused=True)
    again = attempt(address, password="right", time=NOW + later, **STRANGER)

    history.add(again, accepted=True, refused=True)

    places = Flag.SEEN_IP | Flag.SEEN_NET | Flag.SEEN_ASN | Flag.SEEN_COUNTRY | Flag.SEEN_CLIENT
    third = attempt(address, password="right", time=NOW + later + 1, **STRANGER)
    assert (history.see(third).facts.flags & places == places) is learned


def test_a_refused_failure_in_between_proves_nothing(history: History) -> None:
    """
    Only right passwords are doubted: a wrong one of six hours ago does not vouch for a right one of now.
    """
    history.add(try_from_home(client_ip="192.0.2.7", password="right"), accepted=True)
    history.add(attempt("198.51.100.1", password="wrong", **STRANGER), accepted=False, refused=True)
    late = attempt("198.51.100.1", password="right", time=NOW + DOUBT, **STRANGER)

    history.add(late, accepted=True, refused=True)

    third = attempt("198.51.100.1", password="right", time=NOW + DOUBT + 1, **STRANGER)
    assert not history.see(third).facts.flags & (Flag.SEEN_IP | Flag.SEEN_NET)


def test_a_failure_that_was_refused_counts_as_one(history: History) -> None:
    """
    That it was wrong is known whatever we had said.
    """
    history.add(attempt(password="x"), accepted=False, refused=True)

    assert count_of(user_of(history), "failures_24h", NOW) == 1.0


def test_a_login_teaches_all_that_was_known_of_it(history: History) -> None:
    """
    Each in the list of its kind.
    """
    tried = try_from_home(password="right")
    facts = history.add(tried, accepted=True).facts

    lists = lists_of(user_of(history))
    assert {name: list(items) for name, items in lists.items() if items} == {
        "right": [facts.token & TOKEN_MASK],
        "addresses": [facts.address],
        "networks": [facts.network],
        "asns": [facts.asn],
        "countries": [facts.country],
        "clients": [facts.client],
        "protocols": [facts.protocol],
        "asns_tried": [facts.asn],
    }


def test_a_wrong_password_that_became_right_is_no_longer_a_wrong_one(history: History) -> None:
    """
    The owner tried the new password before it was set.
    """
    history.add(attempt(password="new"), accepted=False)
    tried = history.see(attempt(password="new", time=NOW + 1)).facts.flags
    history.add(attempt(password="new", time=NOW + 1), accepted=True)
    right = history.see(attempt(password="new", time=NOW + 2)).facts.flags

    assert tried == Flag.TRIED
    assert right & (Flag.TRIED | Flag.RIGHT) == Flag.RIGHT


def test_an_account_holds_twenty_bits_of_a_password_at_most() -> None:
    """
    A stolen store is no oracle to test guesses against.
    """
    history = History()
    for each in stream(7):
        history.add(each.attempt, accepted=each.accepted)

    for name in ("erika", "max", "anna", "nobody"):
        lists = lists_of(user_of(history, name))
        assert all(item <= 0xFFFFF for list_ in ("right", "tried") for item in lists[list_])
    assert TOKEN_MASK == 0xFFFFF


def test_a_report_that_comes_late_makes_no_old_password_the_present_one(history: History) -> None:
    """
    What was right last is what was right latest.
    """
    history.add(attempt(password="new", time=NOW + 100), accepted=True)
    history.add(attempt(password="old", time=NOW), accepted=True)

    assert history.see(attempt(password="new", time=NOW + 200)).facts.flags & Flag.RIGHT
    assert history.see(attempt(password="old", time=NOW + 200)).facts.flags & Flag.FORMER


@pytest.mark.parametrize(("later", "lately"), [(60.0, True), (DAY / 2, True), (DAY / 2 + 1, False), (-60.0, True)])
def test_an_account_that_signed_in_within_half_a_day_is_known_for_it(
    history: History, later: float, *, lately: bool
) -> None:
    """
    From wherever; a failure is no login, nor is a right password that was refused.
    """
    history.add(try_from_home(password="right"), accepted=True)
    for refused in (False, True):
        elsewhere = attempt("198.51.100.1", password="other", time=NOW + DAY / 3, **STRANGER)
        history.add(elsewhere, accepted=refused, refused=refused)

    flags = history.see(attempt("203.0.113.5", time=NOW + later)).facts.flags

    assert flags & (Flag.HISTORY | Flag.LATELY) == (Flag.HISTORY | Flag.LATELY if lately else Flag.HISTORY)
    assert not history.see(attempt(username="max")).facts.flags & Flag.LATELY
