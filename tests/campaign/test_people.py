# SPDX-License-Identifier: Apache-2.0
"""The good logins by which measures are judged."""

from __future__ import annotations

from campaign.drafts import good_logins, seen
from hypothesis import given
from hypothesis import strategies as st

from nacre.campaign.people import People
from nacre.campaign.sighting import Mark

HOME = int(Mark.SUCCESS | Mark.HOME)


def test_the_later_half_speaks_for_what_is_to_come() -> None:
    """
    The first day of a site has everybody's first login.
    """
    people = People(good_logins(1000, strange=100))

    assert [each.time for each in people.recent] == sorted(each.time for each in people.good)[500:]
    assert (len(people.strangers), len(people.lately)) == (100, 50)


def test_where_strangers_have_become_more_the_last_part_speaks_alone() -> None:
    """
    On the first day of the holidays, last week's logins say little of who travels.
    """
    good = [seen(time=float(number), marks=0 if number >= 1800 and number % 4 == 0 else HOME) for number in range(2000)]

    people = People(good)

    # 0 and 50 strangers in the quarters of the later half, then 0 and 50 in eighths; 19 and 31 are no clear difference.
    assert list(people.recent) == good[1750:]
    assert len(people.lately) == 50


@given(strangers=st.lists(st.booleans(), max_size=450))
def test_the_later_half_speaks_whatever_its_order_while_strangers_become_fewer(strangers: list[bool]) -> None:
    """
    That is how every site begins; and of few logins none is left out.
    """
    good = [seen(marks=0 if stranger else HOME) for stranger in sorted(strangers, reverse=True)]

    assert People(good).recent == good[len(good) // 2 :]


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
