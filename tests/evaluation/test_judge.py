# SPDX-License-Identifier: Apache-2.0
"""The judge, on cases small enough to count by hand."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import pytest

from evaluation.judge import judge
from evaluation.study import DAY, DECISIONS, Judged


class Login(NamedTuple):
    """One row; by default a user who gets in with the right password."""

    user: str = "ada"
    ts: float = 0.0
    right: bool = True
    kind: str = ""
    campaign: str = ""
    score: float = 0.0
    accept: float = 0.0
    decision: str = "allow"
    attack: bool = False
    user_kind: str = "home"


def guess(user: str = "ada", *, kind: str = "dictionary", campaign: str = "1", **rest: Any) -> Login:
    """Return a try of an attacker, a wrong one unless said otherwise."""
    login = Login(user, kind=kind, campaign=campaign, attack=True, user_kind="", right=False)
    return login._replace(**rest)


def rows(*logins: Login) -> Judged:
    """Return logins as columns."""
    ts = np.array([login.ts for login in logins])
    return Judged(
        ts=ts,
        user=np.array([login.user for login in logins]),
        day=(ts // DAY).astype(np.int64),
        right=np.array([login.right for login in logins]),
        attack=np.array([login.attack for login in logins]),
        kind=np.array([login.kind for login in logins]),
        campaign=np.array([login.campaign for login in logins]),
        user_kind=np.array([login.user_kind for login in logins]),
        score=np.array([login.score for login in logins]),
        accept=np.array([login.accept for login in logins]),
        decision=np.array([DECISIONS.index(login.decision) for login in logins]),
        aside=np.array([not login.attack and login.campaign != "" for login in logins]),
    )


def figures(*logins: Login) -> dict[str, float]:
    """Return what the judge says of some logins."""
    return judge(rows(*logins), aim_s=1e-3, aim_a=1e-2)


def test_every_legitimate_login_counts_for_a_and_only_right_passwords_for_s() -> None:
    """
    Two of four right passwords and three of five logins are refused; the attack counts for neither.
    """
    refused, typo = Login(decision="refuse"), Login(right=False, decision="refuse")
    found = figures(refused, refused, Login(), Login(), typo, guess(decision="refuse"))

    assert found["own_s"] == 2 / 4
    assert found["own_a"] == 3 / 5
    assert found["budget_s"] == pytest.approx(500)
    assert found["budget_a"] == pytest.approx(60)


def test_recall_under_a_budget_takes_the_score_and_ties_with_logins_pass() -> None:
    """
    999 quiet logins and one at .9: within 1e-3 that one may go, so the threshold is that of the others, .2.

    Two of three tries lie above it, the third ties.  Within 1e-4 nothing may go: .9 is the threshold.
    """
    logins = [Login(score=0.2)] * 999 + [Login(score=0.9)]
    tries = [guess(score=0.95), guess(score=0.5), guess(score=0.2)]

    found = figures(*logins, *tries)

    assert found["macro_a1e-03"] == pytest.approx(2 / 3)
    assert found["macro_a1e-04"] == pytest.approx(1 / 3)


def test_the_macro_recall_weighs_kinds_alike_and_the_worst_leaves_insiders_aside() -> None:
    """
    Nine of ten, one of two, none of one: the mean is (.9 + .5 + 0) / 3; the worst but for the insider .5.
    """
    logins = [Login(score=0.5)] * 10
    loud = [guess(score=0.9)] * 9 + [guess(score=0.1)]
    quiet = [guess(kind="person", score=0.9), guess(kind="person", score=0.1)]

    found = figures(*logins, *loud, *quiet, guess(kind="nat_insider", score=0.1))

    assert found["macro_a1e-03"] == pytest.approx((0.9 + 0.5 + 0) / 3)
    assert found["worst_a1e-03"] == 0.5
    assert found["recall.nat_insider"] == 0


def test_hits_are_stopped_by_the_score_for_acceptance_under_right_passwords_only() -> None:
    """
    A typo that scores high does not move the threshold of S.

    Of three right guesses one lies above it, one below, and one ties and gets in.
    """
    typo = Login(right=False, accept=0.99, score=0.99)
    hits = [guess("ada", right=True, accept=0.6), guess("ben", right=True, accept=0.4)]
    hits.append(guess("cem", right=True, accept=0.5))

    found = figures(Login(accept=0.5), typo, *hits)

    assert found["hits_s1e-03"] == pytest.approx(1 / 3)
    assert found["lost_s1e-03"] == pytest.approx(2 / 3)
    assert found["macro_a1e-03"] == 0.0


def test_an_account_is_lost_by_one_guess_that_gets_in() -> None:
    """
    Ada's second guess gets in, Ben's is challenged, Cem's refused; wrong guesses at Dora lose nothing.
    """
    found = figures(
        Login(),
        guess("ada", right=True, decision="refuse"),
        guess("ada", right=True, decision="delay"),
        guess("ben", right=True, decision="challenge"),
        guess("cem", right=True, decision="refuse"),
        guess("dora"),
    )

    assert found["own_targeted"] == 3
    assert found["own_lost"] == pytest.approx(1 / 3)
    assert found["own_hits"] == 3 / 4


def test_a_challenge_stops_an_attacker_and_refuses_no_user() -> None:
    """
    It is counted beside: a user who is challenged gets in, after all.
    """
    found = figures(Login(decision="challenge"), Login(), guess(decision="challenge"), guess(decision="delay"))

    assert found["own_s"] == 0
    assert found["own_challenged"] == 0.5
    assert found["own_macro"] == 0.5


def test_a_day_is_locked_if_every_right_password_of_the_user_was_refused_on_it() -> None:
    """
    Ada is refused twice on day 0 and once of two times on day 1, Ben only mistypes: two days, one locked.
    """
    found = figures(
        Login("ada", 10.0, decision="refuse"),
        Login("ada", 20.0, decision="refuse"),
        Login("ada", DAY + 10, decision="refuse"),
        Login("ada", DAY + 20),
        Login("ben", 30.0, right=False, decision="refuse"),
    )

    assert found["user_days"] == 2
    assert (found["own_locked"], found["own_locked_twice"]) == (0.5, 0.5)


def test_a_day_of_one_login_is_told_from_a_day_on_which_somebody_tried_again() -> None:
    """
    Both are locked; only the second person came back and was refused again.
    """
    once, twice = Login("ada", 10.0, decision="refuse"), Login("ben", 10.0, decision="refuse")

    found = figures(once, twice, twice._replace(ts=20.0))

    assert (found["own_locked"], found["own_locked_twice"]) == (1.0, 0.5)


def test_accounts_are_told_that_are_lost_if_a_challenge_does_not_stop() -> None:
    """
    Whoever judges may count a challenge either way.
    """
    hits = [guess(decision=decision)._replace(user=decision, right=True) for decision in ("challenge", "refuse")]

    found = figures(Login(), *hits)

    assert (found["own_lost"], found["own_lost_unless_refused"]) == (0.0, 0.5)


def test_the_worst_kind_of_user_is_that_with_the_greatest_share_of_right_passwords_refused() -> None:
    """
    One of two travellers, none of two at home.
    """
    away = Login(user_kind="traveller")
    found = figures(away, away._replace(decision="refuse"), Login(), Login(right=False, decision="refuse"))

    assert (found["users.traveller"], found["users.home"], found["users_all.home"]) == (0.5, 0.0, 0.5)
    assert found["worst_users"] == 0.5


def test_a_campaign_is_contained_at_its_fifth_refusal() -> None:
    """
    The first campaign's fifth stopped try comes after 50 s, the second is stopped four times; the third has four tries.
    """
    contained = [guess(ts=10.0 * number, score=0.9 if number != 1 else 0.0) for number in range(7)]
    missed = [guess(campaign="2", ts=1.0 * number, score=0.9 if number < 4 else 0.0) for number in range(7)]
    small = [guess(campaign="3", score=0.9)] * 4
    tries = sorted([*contained, *missed, *small], key=lambda login: login.ts)

    found = figures(*[Login(score=0.5)] * 10, *tries)

    assert found["campaigns"] == 2
    assert found["contained"] == 0.5
    assert found["contained_seconds"] == 50.0


def test_logins_of_attackers_to_accounts_of_their_own_count_for_nothing() -> None:
    """
    Nobody is harmed if they are refused, and nothing is lost if they are not.
    """
    own = Login(
        "eve", campaign="4", kind="poisoning", user_kind="own_account", decision="refuse", score=1.0, accept=1.0
    )
    found = figures(Login(), own, guess(score=0.9))

    assert found["own_s"] == 0
    assert found["macro_a1e-03"] == 1
    assert found["events"] == 2


def test_traffic_without_attacks_has_shares_of_refusals_and_no_recall() -> None:
    """
    What cannot be counted is not a number rather than a perfect one.
    """
    found = figures(Login(decision="refuse"), Login())

    assert found["own_s"] == 0.5
    assert all(math.isnan(found[name]) for name in ("own_macro", "own_lost", "hits_s1e-03", "auc_pr", "contained"))
