# SPDX-License-Identifier: Apache-2.0
"""The figures of an attack, and whether they are good enough."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from nacre.attempt import AttemptFields
from nacre.campaign.picture import Campaign, CampaignKind
from nacre.drill.attacks import Exercise, Limits, Try
from nacre.drill.finding import Finding, Moment, judged, measured


def _none(_chance: random.Random, _count: int) -> Iterator[Try]:
    return iter(())


GUESSING = Exercise(
    "guessing", "one account", frozenset({CampaignKind.GUESSING}), Limits(4, 0.0, 0.75), _none, quick=1, full=1
)


def _campaign(kind: CampaignKind = CampaignKind.GUESSING, attempts: int = 9) -> Campaign:
    return Campaign(id="c-1", kind=kind, since=1.0, last=2.0, attempts=attempts, sources=9, subnets=9, accounts=1)


def _hostile(time: float, *, stopped: bool = False, seen: bool = False) -> Moment:
    return Moment(Try(time, AttemptFields(client_ip="192.0.2.7", username="x")), stopped, seen, time / 100)


def _person(time: float, *, stopped: bool = False, right: bool = True, at_home: bool = True) -> Moment:
    fields = AttemptFields(client_ip="203.0.113.7", username="y")
    return Moment(Try(time, fields, hostile=False, right=right, at_home=at_home), stopped, seen=False, clock=time / 100)


def _moments(*, seen_from: int, stopped_from: int, count: int = 8) -> list[Moment]:
    """Return an attack of a try every ten seconds."""
    return [_hostile(place * 10.0, stopped=place >= stopped_from, seen=place >= seen_from) for place in range(count)]


def _judge(moments: list[Moment], *campaigns: Campaign, enforces: bool = True) -> Finding:
    return judged(GUESSING, measured(GUESSING, moments, campaigns or [_campaign()]), enforces=enforces)


def test_tries_are_counted_until_the_attack_is_recognised_and_until_it_is_stopped() -> None:
    """
    In event time and by the clock of the machine, from the first hostile try on.
    """
    found = _judge(_moments(seen_from=2, stopped_from=3))

    assert (found.recognised_by, found.recognised_after, found.recognised_clock) == (3, 20.0, 0.2)
    assert (found.enforced_by, found.enforced_after, found.enforced_clock) == (4, 30.0, 0.3)
    assert (found.let_through_before, found.let_through_after, found.rest, found.rest_stopped) == (3, 0, 4, 4)
    assert (found.kind, found.technique, found.passed, found.missed) == ("guessing", "T1110.001", True, ())


def test_an_attack_that_nobody_sees_fails() -> None:
    """
    All of it is let through.
    """
    found = judged(GUESSING, measured(GUESSING, _moments(seen_from=99, stopped_from=99), []), enforces=True)

    assert (found.recognised_by, found.recognised_after, found.enforced_after) == (0, None, None)
    assert found.let_through_before == 8
    assert found.missed == (
        "it was not recognised",
        "4 of the 4 tries after that were let through: asked for is that 75% are stopped",
    )


def test_an_attack_that_is_recognised_late_fails() -> None:
    """
    Of two limits the later one counts; here it is that of four tries.
    """
    found = _judge(_moments(seen_from=4, stopped_from=4))

    assert found.missed == ("it was recognised by try 5, after 40 s: asked for are 4 tries or 0 s",)


def test_an_attack_that_is_let_through_fails_unless_measures_wait_for_a_person() -> None:
    """
    Whoever wants to consent first asks only to be told.
    """
    moments = _moments(seen_from=2, stopped_from=99)

    assert _judge(moments).missed == (
        "4 of the 4 tries after that were let through: asked for is that 75% are stopped",
    )
    assert _judge(moments, enforces=False).passed


@pytest.mark.parametrize(("stopped", "passes"), [(3, True), (2, False)])
def test_the_share_that_is_asked_for_is_enough(stopped: int, *, passes: bool) -> None:
    """
    Three quarters of the last four.
    """
    moments = [*_moments(seen_from=0, stopped_from=99, count=4)]
    moments += [_hostile(100.0 + place, stopped=place < stopped, seen=True) for place in range(4)]

    assert _judge(moments).passed is passes


def test_a_campaign_under_a_wrong_name_fails() -> None:
    """
    The largest one counts; who answers it goes by its name.
    """
    found = _judge(_moments(seen_from=2, stopped_from=3), _campaign(), _campaign(CampaignKind.SPRAYING, 10))

    assert found.campaigns == 2
    assert found.missed == ("it was named spraying, and is guessing",)


def test_a_good_login_from_a_known_place_that_is_met_fails() -> None:
    """
    One from a new place is counted, and forgiven: a measure may ask somebody who is new there.
    """
    moments = _moments(seen_from=2, stopped_from=3)
    beside = [_person(-9.0, stopped=True), _person(5.0, right=False, stopped=True), _person(6.0)]

    tolerated = _judge([*moments, *beside, _person(7.0, at_home=False, stopped=True)])
    found = _judge([*moments, *beside, _person(8.0, stopped=True)])

    assert (tolerated.good, tolerated.good_touched, tolerated.known, tolerated.passed) == (2, 1, 1, True)
    assert found.missed == ("1 of 2 good logins from known places were refused, challenged or delayed",)


def test_an_attack_without_a_name_fails() -> None:
    """
    That an account is seen to be under attack is not enough to say what goes on.
    """
    found = judged(GUESSING, measured(GUESSING, _moments(seen_from=2, stopped_from=3), []), enforces=True)

    assert found.missed == ("no campaign was named",)
