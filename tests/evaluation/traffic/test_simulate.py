# SPDX-License-Identifier: Apache-2.0
"""The simulated traffic: what is in it, and that it is the same each time."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.traffic.clients import CLIENTS, TOOLS
from evaluation.traffic.feedback import Feedback
from evaluation.traffic.internet import texts
from evaluation.traffic.machines import outages
from evaluation.traffic.rows import ATTACK_KINDS, USER_KINDS
from evaluation.traffic.simulate import Story, Study, simulate

EVENTS = 50_000
HOUR = 3_600


@pytest.fixture(scope="module")
def study() -> Study:
    """Return a study of a tenth of the full size."""
    return simulate(Story(seed=5, events=EVENTS))


def kinds(study: Study, *, before: float = np.inf, since: float = -np.inf) -> set[str]:
    """Return the kinds of attack that were tried within some time."""
    rows = study.rows[study.rows["attack"]]
    inside = (rows["ts"] >= since) & (rows["ts"] < before)
    return {ATTACK_KINDS[kind] for kind in np.unique(rows["kind"][inside]).tolist()}


def test_every_kind_of_attack_comes_in_either_part(study: Study) -> None:
    """
    What is judged was there to be learned, and nothing that was learned goes unjudged.
    """
    train = study.world.people.span.train
    wanted = set(ATTACK_KINDS) - {"", "flood"}

    assert len(wanted) == 16
    assert kinds(study, before=train) == wanted
    assert kinds(study, since=train) == wanted


def test_every_kind_of_user_signs_in_over_the_whole_time(study: Study) -> None:
    """
    A kind that stays away makes its share of refusals look good.
    """
    legitimate = study.rows[~study.rows["attack"]]
    late = legitimate[legitimate["ts"] >= study.world.people.span.train]

    assert {USER_KINDS[kind] for kind in np.unique(late["user_kind"]).tolist()} >= set(USER_KINDS[1:-1])


def test_the_size_is_about_what_was_asked_for_and_the_rows_are_in_order(study: Study) -> None:
    """
    A replay takes the rows as they come.
    """
    ts, span = study.rows["ts"], study.world.people.span

    assert abs(len(study.rows) - EVENTS) < 0.15 * EVENTS
    assert (np.diff(ts) >= 0).all()
    assert span.start <= ts[0] < span.start + 12 * HOUR
    assert span.end - 12 * HOUR < ts[-1] < span.end


def test_no_login_of_a_user_is_an_attack_and_no_attack_a_user(study: Study) -> None:
    """
    The truth must not blame users: a row is a user's, or of a campaign, or an own account of the attackers.
    """
    rows = study.rows
    own = rows["user_kind"] == USER_KINDS.index("own_account")

    assert (rows["attack"] == (rows["user_kind"] == 0)).all()
    assert ((rows["campaign"] > 0) == (rows["attack"] | own)).all()
    assert ((rows["kind"] > 0) == (rows["campaign"] > 0)).all()
    assert rows["success"][own].all()


def test_the_backend_accepts_the_right_password_and_no_other(study: Study) -> None:
    """
    One token is one password: whoever sends the right one gets in, user or not.
    """
    people, rows = study.world.people, study.rows
    known = rows["account"] < people.known
    right = people.right(rows["account"][known], rows["ts"][known]) == rows["token"][known]

    assert (rows["success"][known] == right).all()
    assert not rows["success"][~known].any()


def test_stuffing_has_few_right_pairs_and_phishing_nothing_else(study: Study) -> None:
    """
    One pair in a thousand to one in fifty is right; a phished password is.
    """
    rows = study.rows[study.rows["attack"]]
    stuffed = np.isin(rows["kind"], [ATTACK_KINDS.index(kind) for kind in ("stuffing_few", "stuffing_wide")])
    phished = rows["kind"] == ATTACK_KINDS.index("phished")

    assert 0.0005 < rows["success"][stuffed].mean() < 0.025
    assert rows["success"][phished].all()


def test_peace_has_no_attack_and_innocence_none_to_learn_from() -> None:
    """
    Two of the bars are about traffic without attacks, and about a past without.
    """
    peace = simulate(Story(seed=2, events=8_000, attacks="none"))
    innocent = simulate(Story(seed=2, events=30_000, attacks="after-TRAIN"))

    assert not peace.rows["attack"].any()
    assert kinds(innocent, before=innocent.world.people.span.train) == set()
    assert kinds(innocent) == set(ATTACK_KINDS) - {"", "flood"}


def test_disguised_attackers_change_nothing_but_their_clothes(study: Study) -> None:
    """
    The loss that a bar speaks of is that of the client strings alone.
    """
    disguised = simulate(Story(seed=5, events=EVENTS, clients="customers"))
    tools = [number for number, text in enumerate(CLIENTS) if number in TOOLS or text == ""]
    others = [name for name in study.rows.dtype.names or () if name != "client"]

    assert np.isin(study.rows["client"], tools).any()
    assert not np.isin(disguised.rows["client"], tools).any()
    assert all((study.rows[name] == disguised.rows[name]).all() for name in others)


def test_attackers_come_over_both_protocols_and_from_where_customers_are(study: Study) -> None:
    """
    Neither the version of the protocol nor the country gives an attack away.
    """
    rows, world = study.rows, study.world
    for attack in (True, False):
        ours = rows[rows["attack"] == attack]
        assert 0.03 < (ours["hi"] > 0).mean() < 0.6
        assert (world.net.country[ours["provider"]] == world.net.home).mean() > 0.1


def test_nobody_gets_an_answer_during_an_outage_and_all_come_back_after_it(study: Study) -> None:
    """
    The storm after it is the hard case: the calm before makes it one.
    """
    ts = study.rows["ts"]
    for begin, end in outages(study.world):
        assert not ((ts >= begin) & (ts < end)).any()
        assert ((ts >= end) & (ts < end + 300)).sum() > 5 * ((ts >= begin - 300) & (ts < begin)).sum()


def test_feedback_is_sparse_late_and_mostly_right(study: Study) -> None:
    """
    Operators look at few logins, hours later, and err now and then.
    """
    told, rows = study.told, study.rows
    delays = [each.available_at - rows["ts"][each.row] for each in told]
    right = np.mean([each.is_attack == rows["attack"][each.row] for each in told])

    assert 0.0005 * len(rows) < len(told) < 0.011 * len(rows)
    assert min(delays) > 4 * HOUR - 1
    assert max(delays) < 48 * HOUR + 1
    assert [each.available_at for each in told] == sorted(each.available_at for each in told)
    assert 0.9 < right < 1


def test_liars_claim_attacks_of_the_past_and_leave_the_judged_ones_as_they_are() -> None:
    """
    What the poison does is seen on the same campaigns: it goes into the past, and into the feedback.
    """
    plain = simulate(Story(seed=3, events=20_000))
    poisoned = simulate(Story(seed=3, events=20_000, lies=150, flood=True))
    span = plain.world.people.span
    lies = [each for each in poisoned.told if each.source.startswith("user-")]

    assert len(lies) == 150
    assert all(_is_lie(poisoned, each) and poisoned.rows["ts"][each.row] < span.train for each in lies)
    assert kinds(poisoned, since=span.train) == kinds(plain, since=span.train)
    assert "flood" in kinds(poisoned, before=span.train)
    assert _late_tries(poisoned) == _late_tries(plain)


def _is_lie(study: Study, told: Feedback) -> bool:
    return bool(study.rows["attack"][told.row]) and not told.is_attack


def _late_tries(study: Study) -> list[tuple[float, str]]:
    late = study.rows[study.rows["attack"] & (study.rows["ts"] >= study.world.people.span.train)]
    return list(zip(late["ts"].tolist(), texts(late["hi"], late["lo"]), strict=True))


def test_seeds_differ_in_people_and_campaigns(study: Study) -> None:
    """
    Several seeds say more than one only if they are not the same study again.
    """
    other = simulate(Story(seed=6, events=EVENTS))
    sizes = [np.bincount(each.rows["campaign"][each.rows["attack"]], minlength=50)[1:33] for each in (study, other)]

    assert study.world.people.span.start != other.world.people.span.start or study.rows["ts"][0] != other.rows["ts"][0]
    assert (sizes[0] != sizes[1]).mean() > 0.8


def test_a_study_that_is_too_small_is_refused() -> None:
    """
    A hundred logins hold no 16 kinds of attack.
    """
    with pytest.raises(ValueError, match="5000 events or more"):
        simulate(Story(events=100))
