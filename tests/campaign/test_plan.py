# SPDX-License-Identifier: Apache-2.0
"""Which measures should begin, last longer, end or be proposed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from campaign.drafts import botnet, campaign, decision, disguised, good_logins, measure, picture, seen, stuffing
from hypothesis import given, settings
from hypothesis import strategies as st

from nacre.campaign.apply import InForce
from nacre.campaign.harm import REFUSING, spent
from nacre.campaign.ledger import Changes
from nacre.campaign.measure import Measure, Scope, State, Step
from nacre.campaign.overview import overview
from nacre.campaign.picture import Picture
from nacre.campaign.plan import plan
from nacre.campaign.sighting import Mark, Sighting
from nacre.config.campaigns import Measures
from nacre.decision import Action

GOOD = good_logins(20_000, strange=100)


def planned(
    what: Picture, attempts: Sequence[Sighting] = (), *measures: Measure, now: float = 1000.0, good: int | None = None
) -> Changes:
    """What changes at a site with 20,000 good logins, or fewer."""
    known = GOOD if good is None else GOOD[-good:] if good else []
    return plan(what, lambda _: attempts, known, measures, Measures(), now)


SIGHTINGS = st.builds(
    seen,
    st.builds("198.51.{}.{}".format, st.integers(0, 3), st.integers(0, 255)),
    st.builds("user{}".format, st.integers(0, 30)),
    time=st.floats(900, 1000),
    country=st.sampled_from(["", "DE", "XA"]),
    client=st.sampled_from(["", "curl", "thunderbird"]),
    marks=st.sampled_from([0, 0, 0, Mark.HOME, Mark.KNOWN_SOURCE, Mark.STOPPED]),
    score=st.sampled_from([0.0, 0.3, 0.9]),
)
ATTACKS = st.lists(SIGHTINGS, max_size=40).map(lambda found: sorted(found, key=lambda each: each.time))
LOGINS = st.lists(SIGHTINGS, max_size=40).map(
    lambda found: sorted((msgspec.structs.replace(each, marks=each.marks | 1) for each in found), key=lambda e: e.time)
)
BANDS = st.sampled_from(["normal", "moderate", "high", "severe"])


@settings(max_examples=150)
@given(attempts=ATTACKS, good=LOGINS, band=BANDS, accounts=st.sets(st.sampled_from(["user1", "user2"])))
def test_the_same_picture_twice_changes_nothing(
    attempts: list[Sighting], good: list[Sighting], band: str, accounts: set[str]
) -> None:
    """
    The watch is asked each second, and each change is written, told and logged.
    """
    what = picture(campaign(), band=band, accounts=sorted(accounts))
    first = plan(what, lambda _: attempts, good, (), Measures(), 1000.0)

    second = plan(what, lambda _: attempts, good, first.applied(()), Measures(), 1000.0)

    assert second == Changes()


@settings(max_examples=150)
@given(attempts=ATTACKS, good=LOGINS, band=BANDS, tried=SIGHTINGS)
def test_no_plan_refuses_an_owner_at_home(
    attempts: list[Sighting], good: list[Sighting], band: str, tried: Sighting
) -> None:
    """
    Whatever the attack looks like, and whoever it hides among: known origins are not met at all.
    """
    changes = plan(picture(campaign(), band=band, accounts=["user1"]), lambda _: attempts, good, (), Measures(), 1000.0)

    at_home = msgspec.structs.replace(tried, marks=tried.marks | Mark.HOME)
    confirmed = [msgspec.structs.replace(each, state=State.ACTIVE) for each in (*changes.begin, *changes.propose)]
    assert InForce(confirmed, Measures()).weigh(decision(), at_home).action is Action.ALLOW


@settings(max_examples=150)
@given(
    attempts=ATTACKS, good=LOGINS, band=BANDS, budget=st.sampled_from([0.0, 1e-4, 0.01, 0.2]), more=st.integers(0, 300)
)
def test_what_begins_unasked_stays_within_the_budget(
    attempts: list[Sighting], good: list[Sighting], band: str, budget: float, more: int
) -> None:
    """
    All of it together over a day; and of what refuses, none harms a larger share for however short.
    """
    every = sorted([*good, *good_logins(more)], key=lambda each: each.time)
    changes = plan(picture(campaign(), band=band), lambda _: attempts, every, (), Measures(budget=budget), 1000.0)

    assert spent(changes.begin, 1000.0) <= budget + 1e-12
    for each in changes.begin:
        assert each.harm is not None
        assert each.step not in REFUSING or each.harm.touched <= budget * (each.harm.of + 100)


@pytest.mark.parametrize("good", [0, 50, 20_000])
def test_a_botnet_of_twelve_addresses_is_answered_wherever_it_is_seen(good: int) -> None:
    """
    At a site that knows nobody yet as well: the challenge is for one account and for strangers.
    """
    begun = planned(picture(campaign(sources=12)), botnet(), good=good).begin

    assert [each.scope.accounts for each in begun if each.step is Step.CHALLENGE] == [("erika",)]


@pytest.mark.parametrize("band", ["normal", "moderate", "high", "severe"])
def test_without_an_attack_at_most_marks_are_made(band: str) -> None:
    """
    A flash crowd raises signals, but no campaign and no account under attack: nobody is challenged for it.
    """
    begun = planned(picture(band=band)).begin
    force = InForce(begun, Measures())

    assert force.weigh(decision(), seen(score=0.2)).action is Action.ALLOW


def test_each_band_is_answered_as_in_the_original() -> None:
    """
    Moderate: monitoring.  High: accounts with captcha, addresses with limits.  Severe: regions, limit, threshold.
    """
    fast = [seen("198.51.100.9", f"v{number}", time=990 + number / 10) for number in range(60)]
    attempts = [*stuffing(300), *fast]

    shown = {}
    for band in ("normal", "moderate", "high", "severe"):
        what = picture(*([campaign()] if band in {"high", "severe"} else []), band=band, accounts=["erika"])
        shown[band] = overview(what, planned(what, attempts).begin)

    assert not shown["normal"].settings.monitoring_mode
    assert shown["moderate"].settings.monitoring_mode
    assert shown["moderate"].captcha_accounts == ()
    assert "erika" in shown["high"].captcha_accounts
    assert shown["high"].rate_limited_ips == ("198.51.100.9",)
    assert shown["severe"].settings.rate_limit_enabled
    assert shown["severe"].settings.rate_limit_max == 10
    assert shown["severe"].settings.ml_threshold == 0.5
    assert shown["severe"].blocked_regions == ("XA", "XB", "XC")


def test_a_measure_lasts_while_its_campaign_goes_on() -> None:
    """
    And ends by itself when that is quiet, before it is over, if it meets good logins as well.
    """
    first = planned(picture(campaign(), band="high"), disguised(200)).begin
    later = picture(campaign(last=1400.0), band="high")
    quiet = picture(campaign(last=700.0), band="high")

    extended = planned(later, disguised(200), *first, now=1400.0).extend
    left = planned(quiet, disguised(200), *first, now=1400.0).extend

    assert len(first) == 2
    assert {(each.step, each.until > 1600.0) for each in extended} == {(Step.CHALLENGE, True), (Step.MONITOR, True)}
    assert [each.step for each in left] == [Step.MONITOR]


def test_a_wide_measure_gives_way_to_a_narrow_one() -> None:
    """
    At first each address was another one; by now they come from one street.
    """
    first = planned(picture(campaign()), stuffing(200)).begin
    street = [seen(f"198.51.100.{number % 30}", f"v{number}", time=1290 + number / 20) for number in range(200)]

    later = planned(picture(campaign(last=1300.0)), street, *first, now=1300.0)

    (wide,) = [each for each in first if each.step is Step.CHALLENGE]
    assert [each.id for each in later.end] == [wide.id]
    assert [(each.step, each.scope) for each in later.begin] == [(Step.BLOCK, Scope(subnets=("198.51.100.0/24",)))]
    assert [each.step for each in later.extend] == [Step.MONITOR]


@pytest.mark.parametrize("attempts", [botnet(), stuffing(200)])
def test_what_harms_nobody_lasts_between_two_rounds(attempts: list[Sighting]) -> None:
    """
    A slow spray pauses for hours; its sources stay challenged as long as the campaign is not over.
    """
    first = planned(picture(campaign()), attempts).begin
    quiet = picture(campaign(last=700.0))

    extended = planned(quiet, attempts, *first, now=1400.0).extend

    assert {each.step for each in extended} == {Step.CHALLENGE, Step.MONITOR}


def test_the_end_of_a_campaign_ends_its_measures_and_proposals() -> None:
    """
    Those of other campaigns go on, and so does what an operator began for none.
    """
    over, other = campaign("c-1", ended=990.0), campaign("c-2")
    mine = [measure(campaign="c-1", until=2000.0, state=state) for state in (State.ACTIVE, State.PROPOSED)]
    confirmed = measure(campaign="c-1", owner="olga", until=2000.0)
    rest = [measure(campaign="c-2", until=2000.0), measure(owner="olga", until=2000.0)]

    changes = planned(picture(over, other), (), *mine, confirmed, *rest)

    assert {each.id for each in changes.end} == {each.id for each in (*mine, confirmed)}
    assert {each.state for each in changes.end} == {State.ENDED}


def test_what_is_past_its_end_is_ended() -> None:
    """
    Whoever began it; each instance ended it by the clock already.
    """
    late = measure(owner="olga", until=999.0)

    assert [each.id for each in planned(picture(band="normal"), (), late).end] == [late.id]


def test_a_threat_that_is_over_ends_what_was_for_it_alone() -> None:
    """
    A threat that fell from severe to high leaves the limit for all until its time: it may rise again.
    """
    first = planned(picture(band="severe")).begin

    assert planned(picture(band="high"), (), *first) == Changes()
    assert {each.id for each in planned(picture(band="normal"), (), *first).end} == {each.id for each in first}


def test_accounts_that_come_under_attack_join_the_challenge() -> None:
    """
    After a pause, as one measure.
    """
    first = planned(picture(accounts=["erika"]))
    standing = first.applied(())

    soon = planned(picture(accounts=["erika", "max"]), (), *standing, now=1001.0)
    later = planned(picture(accounts=["erika", "max"]), (), *standing, now=1020.0)

    assert soon == Changes()
    assert [each.scope for each in later.begin] == [Scope(accounts=("erika", "max"))]
    assert [each.scope for each in later.end] == [Scope(accounts=("erika",))]


def test_what_an_operator_stopped_stays_stopped() -> None:
    """
    The attack goes on, and the plan would begin it again each second.
    """
    (challenge,) = [each for each in planned(picture(campaign()), botnet()).begin if each.step is Step.CHALLENGE]
    stopped = msgspec.structs.replace(challenge, state=State.ENDED, until=1000.5, stopped_by="olga")

    begun = planned(picture(campaign()), botnet(), stopped, now=1030.0).begin

    assert not any(each.scope.accounts for each in begun)
