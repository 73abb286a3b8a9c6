# SPDX-License-Identifier: Apache-2.0
"""What measures do to those who sign in rightly."""

from __future__ import annotations

import math

from campaign.drafts import good_logins, measure, seen
from hypothesis import given
from hypothesis import strategies as st

from nacre.campaign.harm import DAY, Crowd, affordable, estimate, expected, spent
from nacre.campaign.measure import Harm, Scope, State, Step
from nacre.campaign.people import People


def test_the_good_logins_that_fit_are_counted() -> None:
    """
    Each as one, of all that were looked at: the later half, unless attempts are refused.
    """
    good = good_logins(2000, strange=20)

    assert estimate(measure(scope=Scope()), People(good)) == Harm(10, 1000, expected=0.05)
    assert estimate(measure(scope=Scope(accounts=("user1",), unknown_origins=False)), People(good)) == Harm(2, 1000)
    assert estimate(measure(Step.BLOCK, Scope(subnets=("10.0.0.0/8",))), People(good)) == Harm(20, 2000)


def test_a_threshold_harms_those_who_score_as_high() -> None:
    """
    Others in its scope pass.
    """
    good = [seen(score=score) for score in (0.1, 0.5, 0.9)]

    assert estimate(measure(Step.THRESHOLD, threshold=0.5), People(good)).touched == 2


def test_a_limit_harms_those_who_sign_in_faster() -> None:
    """
    A script that signs in twelve times a minute from a new place has two of them refused.
    """
    good = [seen(time=600.0 + number) for number in range(12)]

    assert estimate(measure(Step.RATE_LIMIT, per_minute=10), People(good)).touched == 2


def test_a_mark_harms_nobody() -> None:
    """
    However many it meets.
    """
    assert estimate(measure(Step.MONITOR), People([seen()] * 5)).touched == 0


@given(scope=st.builds(Scope, unknown_origins=st.booleans(), new_sources=st.booleans(), least_score=st.floats(0, 1)))
def test_the_wider_a_scope_the_more_harm_is_expected(scope: Scope) -> None:
    """
    Before any login was looked at: to name accounts is harmless, to spare nobody is not.
    """
    assert 0.0 == expected(Step.CHALLENGE, Scope(accounts=("erika",))) < expected(Step.CHALLENGE, scope)
    assert expected(Step.CHALLENGE, scope) <= expected(Step.CHALLENGE, Scope(unknown_origins=False)) == 1.0


OWN = (
    ("history",),
    ("password",),
    ("system", "client", "country"),
    ("password+system", "password+client", "password+country"),
    ("system", "client+country"),
    ("client+system",),
)


def test_the_more_a_scope_spares_the_less_harm_is_expected() -> None:
    """
    Whoever never signed in has no system of his own either; to need two things at once spares fewer than one of them.
    """
    crowd = Crowd(strangers=100)

    shares = [expected(Step.CHALLENGE, Scope(except_own=own, new_sources=True), crowd) for own in OWN]

    assert shares == sorted(shares)


def test_what_is_expected_of_strangers_weighs_more_where_there_are_more() -> None:
    """
    Of one stranger in ten thousand nobody is met; of three in a hundred one in fifty is many.
    """
    scope = Scope(except_own=("history",))

    few, many = (expected(Step.CHALLENGE, scope, Crowd(strangers)) for strangers in (1, 300))

    # 20 strangers of whom 0.02 never came before, as far as there are strangers: 0.4 * 301 / 320 logins of a hundred.
    assert math.isclose(many, 0.004 * 301 / 320)
    assert math.isclose(few, 0.004 * 2 / 21)


def test_many_accounts_under_attack_are_most_people_of_a_small_site() -> None:
    """
    To ask strangers on all of them asks all travellers: as many as are expected from new origins anywhere.
    """
    good = good_logins(2000)
    everybody = Scope(accounts=tuple(f"user{number}" for number in range(500)))

    assert estimate(measure(scope=everybody), People(good)) == Harm(0, 1000, expected=0.05)


def test_a_measure_takes_its_share_for_as_long_as_it_lasts() -> None:
    """
    One in a hundred for a hundredth of a day is one in ten thousand of the day.
    """
    # 200 of 19,900, and the hundred logins that the expectation counts as, of which it adds one: 201 of 20,000.
    harm = Harm(200, 19_900, expected=0.01)

    taken = spent([measure(since=0.0, until=DAY / 100, harm=harm)], now=DAY / 100)

    assert math.isclose(taken, 201 / 20_000 / 100)
    assert math.isclose(affordable(Step.CHALLENGE, harm, left=taken, budget=1.0), DAY / 100)


def test_what_a_person_began_or_nobody_confirmed_yet_takes_nothing() -> None:
    """
    The budget is for what begins unasked.
    """
    harm = Harm(200, 19_900)
    ended = measure(harm=harm, state=State.ENDED)

    assert spent([measure(harm=harm, owner="erika"), measure(harm=harm, state=State.PROPOSED)], now=600.0) == 0.0
    assert spent([ended], now=600.0) == spent([measure(harm=harm)], now=600.0) > 0.0


def test_what_was_yesterday_is_forgiven() -> None:
    """
    The budget is a day's.
    """
    harm = Harm(200, 19_900)
    long = measure(since=0.0, until=3600.0, harm=harm)

    assert spent([long], now=DAY + 3600.0) == 0.0
    assert math.isclose(spent([long], now=DAY + 1800.0), spent([long], now=3600.0) / 2)


def test_a_refusal_is_not_the_less_for_being_short() -> None:
    """
    Who is challenged gets in; who is refused does not.
    """
    assert affordable(Step.BLOCK, Harm(3, 19_900), left=0.0001, budget=0.0001) == 0.0
    assert affordable(Step.BLOCK, Harm(1, 19_900), left=0.0001, budget=0.0001) > DAY


def test_a_harmless_measure_lasts_for_ever_and_a_spent_budget_for_no_time() -> None:
    """
    What meets nobody costs nothing.
    """
    assert affordable(Step.CHALLENGE, Harm(0, 500), left=0.0, budget=0.0) == math.inf
    assert affordable(Step.CHALLENGE, Harm(1, 500), left=-0.5, budget=0.1) == 0.0
