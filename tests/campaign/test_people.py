# SPDX-License-Identifier: Apache-2.0
"""The good logins by which measures are judged."""

from __future__ import annotations

from campaign.drafts import good_logins, seen

from nacre.campaign.people import People
from nacre.campaign.sighting import Mark


def test_the_later_half_speaks_for_what_is_to_come() -> None:
    """
    The first day of a site has everybody's first login.
    """
    people = People(good_logins(1000, strange=100))

    assert [each.time for each in people.recent] == sorted(each.time for each in people.good)[500:]
    assert (len(people.strangers), len(people.lately)) == (100, 50)


def test_it_is_known_what_logins_can_share_with_earlier_ones() -> None:
    """
    Where no database tells places, no login has a system of its account.
    """
    habits = int(Mark.HISTORY | Mark.OWN_CLIENT)

    assert People(good_logins(10)).told == 0
    assert People([seen(marks=Mark.HOME), seen(marks=habits | Mark.SUCCESS)]).told == habits


def test_the_share_of_some_accounts_is_that_of_their_logins() -> None:
    """
    Who signs in often is met often; an account that nobody knows never is.
    """
    people = People([seen(account=name) for name in ("max", "max", "max", "erika", "erika", "max")])

    assert people.share({"erika", "nobody"}) == 2 / 3
