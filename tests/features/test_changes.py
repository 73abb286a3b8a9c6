# SPDX-License-Identifier: Apache-2.0
"""What outcomes change in the profiles of their subjects."""

from __future__ import annotations

from typing import Any

import pytest
from outcomes import NOW, History, attempt, count_of, value

from nacre.attempt import Attempt
from nacre.features.layout import DAY, HOUR
from nacre.features.profile import Profile

HALF_DAY = DAY / 2


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


# -- distinct


@pytest.mark.parametrize(
    ("subject", "counter"),
    [
        ("address", "failing_users_24h"),
        ("address", "failing_tokens_24h"),
        ("network", "failing_users_24h"),
        ("network", "failing_tokens_24h"),
        ("user", "failing_addresses_24h"),
    ],
)
def test_a_pair_counts_once_however_often_it_is_repeated_and_again_later(
    history: History, subject: str, counter: str
) -> None:
    """
    A mail client with an old password fails every minute, and is one account with one password all the same.
    """
    for minute in range(100):
        history.add(attempt(password="old", time=NOW + 60 * minute), accepted=False)
    last = NOW + 60 * 99
    profile = getattr(history.around(attempt(time=last)), subject)
    once = count_of(profile, counter, last)
    later = last + HALF_DAY + 1
    history.add(attempt(password="old", time=later), accepted=False)
    profile = getattr(history.around(attempt(time=later)), subject)

    assert once == pytest.approx(2.0 ** (-60 * 99 / DAY))
    assert count_of(profile, counter, later) == pytest.approx(1.0 + once * 2.0 ** (-(HALF_DAY + 1) / DAY))


def test_a_pair_that_the_account_remembers_is_not_new_to_an_address_that_forgot_it(history: History) -> None:
    """
    A carrier's address has more accounts than its list takes; each counts once all the same.
    """
    for round_ in range(3):
        for number in range(100):
            history.add(attempt(username=f"user{number}", time=NOW + round_), accepted=False)

    address = history.around(attempt(time=NOW + 2)).address
    assert count_of(address, "failing_users_24h", NOW + 2) == pytest.approx(100.0, rel=1e-3)
    assert count_of(address, "new_pairs_24h", NOW + 2) == pytest.approx(100.0, rel=1e-3)


def test_an_account_that_signs_in_every_day_is_one_of_its_address(history: History) -> None:
    """
    And again one after five days without.
    """
    for day in range(5):
        history.add(attempt(time=NOW + day * DAY), accepted=True)
    last = NOW + 4 * DAY
    address = history.around(attempt(time=last)).address
    assert count_of(address, "succeeding_users_7d", last) == pytest.approx(2.0 ** (-4 / 7))
    assert count_of(address, "new_pairs_24h", last) == pytest.approx(2.0**-4)

    history.add(attempt(time=last + 6 * DAY), accepted=True)
    address = history.around(attempt(time=last + 6 * DAY)).address
    assert count_of(address, "succeeding_users_7d", last + 6 * DAY) == pytest.approx(1.0 + 2.0 ** (-10 / 7))


def test_an_account_that_moves_within_its_network_is_new_to_the_address_alone(history: History) -> None:
    """
    Its network knows it.
    """
    history.add(attempt("192.0.2.7"), accepted=True)
    history.add(attempt("192.0.2.8"), accepted=True)

    around = history.around(attempt("192.0.2.8"))
    for counter in ("succeeding_users_7d", "new_pairs_24h"):
        assert count_of(around.address, counter, NOW) == count_of(around.network, counter, NOW) == 1.0


def test_the_addresses_of_a_network_count_once_a_day(history: History) -> None:
    """
    All of an IPv6 /64 is one of them.
    """
    for ip in ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1", "2001:db8::3"):
        history.add(attempt(ip), accepted=False)

    assert count_of(history.around(attempt("2001:db8::1")).network, "addresses_24h", NOW) == 2.0


def test_an_operator_counts_once_for_an_account(history: History) -> None:
    """
    Whatever became of its attempts.
    """
    for asn in (64500, 64501, 64500, 64501):
        history.add(attempt(attributes={"asn": asn}), accepted=asn == 64500)

    assert count_of(user_of(history), "asns_7d", NOW) == 2.0


def test_a_password_counts_the_accounts_that_failed_with_it_and_those_that_signed_in(history: History) -> None:
    """
    Each once: a sprayed password has many of the first, an initial password many of both.
    """
    for round_ in range(3):
        for number in range(5):
            tried = attempt(username=f"user{number}", password="Welcome1", time=NOW + round_)
            history.add(tried, accepted=number < 2)

    token = history.around(attempt(password="Welcome1")).token
    assert count_of(token, "failing_users_24h", NOW + 2) == pytest.approx(3.0, rel=1e-3)
    assert count_of(token, "right_users_7d", NOW + 2) == pytest.approx(2.0, rel=1e-3)


# -- open


def test_a_login_takes_back_what_the_account_had_opened(history: History) -> None:
    """
    Exactly what is left of it, at the address and its network; those who did not sign in stay open.
    """
    history.add(attempt(username="max", password="x"), accepted=False)
    history.add(attempt(password="tippo", time=NOW + 600), accepted=False)
    history.add(attempt(password="typo", time=NOW + 610), accepted=False)
    before = count_of(history.around(attempt()).address, "open_1h", NOW + 610)

    history.add(attempt(password="right", time=NOW + 2000), accepted=True)

    around = history.around(attempt())
    assert before == pytest.approx(2.0 ** (-610 / HOUR) + 2.0 ** (-10 / HOUR))
    for source in (around.address, around.network):
        assert count_of(source, "open_1h", NOW + 2000) == pytest.approx(2.0 ** (-2000 / HOUR))
        assert count_of(source, "open_24h", NOW + 2000) == pytest.approx(2.0 ** (-2000 / DAY))
        assert len(lists_of(source)["opened"]) == 1


def test_who_opened_is_not_among_the_other_open_accounts(history: History) -> None:
    """
    A person's own typos say nothing of who else fails at this address.
    """
    history.add(attempt(password="typo"), accepted=False)

    own = history.see(attempt(time=NOW + 60))
    other = history.see(attempt(username="max", time=NOW + 60))

    assert value(own, "address.open_1h") == pytest.approx(0.0, abs=1e-9)
    assert value(other, "address.open_1h") == pytest.approx(2.0 ** (-60 / HOUR))


# -- in common


def test_a_name_that_does_not_exist_counts_where_it_was_tried(history: History) -> None:
    """
    At its address, its network and for everyone.
    """
    history.add(attempt(known_user=False), accepted=False)
    history.add(attempt(username="max", known_user=True), accepted=False)
    history.add(attempt(username="anna"), accepted=False)

    around = history.around(attempt())
    assert count_of(around.address, "unknown_users_24h", NOW) == count_of(around.network, "unknown_users_1h", NOW) == 1
    assert count_of(around.everyone, "unknown_users_10m", NOW) == 1.0


def test_successes_and_failures_count_for_all_that_they_have_in_common(history: History) -> None:
    """
    A stranger's failure is an orphan everywhere.
    """
    history.add(try_from_home(password="right"), accepted=True)
    history.add(try_from_home(client_ip="198.51.100.1", password="guess"), accepted=False)

    around = history.around(try_from_home())
    for profile in (around.asn, around.country, around.client, around.protocol, around.everyone):
        for span in ("10m", "1h", "24h", "7d"):
            assert count_of(profile, f"successes_{span}", NOW) == 1.0
            assert count_of(profile, f"failures_{span}", NOW) == count_of(profile, f"orphans_{span}", NOW) == 1.0
        assert count_of(profile, "fresh_10m", NOW) == count_of(profile, "fresh_24h", NOW) == 1.0
