# SPDX-License-Identifier: Apache-2.0
"""The watch of a replay or a drill."""

from __future__ import annotations

from functools import partial

import pytest

from nacre.account import AccountNames
from nacre.attempt import Attempt, AttemptFields, admit
from nacre.campaign.sighting import Sighting
from nacre.config.campaigns import Campaigns
from nacre.decision import Action, Decision
from nacre.features.place import NOWHERE
from nacre.identity import Identity
from nacre.inline_watch import ENFORCED_AFTER, InlineWatch

OURS = Identity(b"k" * 32)
START = 1_800_000_000.0


@pytest.fixture
def watch() -> InlineWatch:
    """A watch that has seen nothing."""
    return InlineWatch(Campaigns(), identity=OURS, place=lambda _: NOWHERE)


def _attack(watch: InlineWatch, count: int = 12) -> float:
    """Let an account be tried from many networks, a second apart; returns the time of the last attempt."""
    for number in range(count):
        watch.put(partial(Sighting, START + number, bytes((198, 18, number, 1)), "erika", token=number + 1))
        watch.advance(START + number)
    return START + count - 1


def _attempt(name: str, now: float) -> Attempt:
    fields = AttemptFields(client_ip="203.0.113.1", username=name, password="guess")
    return admit(fields, names=AccountNames(), identity=OURS, now=now, request_id="r1")


def _allowed() -> Decision:
    return Decision("r1", Action.ALLOW, 0.0, None, (), (), "")


def test_a_measure_is_enforced_a_second_after_it_began(watch: InlineWatch) -> None:
    """
    As late as the slowest instance of a service would.
    """
    for number in range(12):
        watch.put(partial(Sighting, START + number / 10, bytes((198, 18, number, 1)), "erika", token=number + 1))
    watch.advance(START + 2)
    begun = bool(watch.measures)

    watch.advance(START + 2 + ENFORCED_AFTER - 0.01)
    before = watch.sentry.in_force
    watch.advance(START + 2 + ENFORCED_AFTER)

    assert (begun, before) == (True, None)
    assert watch.sentry.in_force is not None
    assert watch.sentry.threat == watch.picture.threat.level > 0


def test_an_alarm_is_looked_at_at_once(watch: InlineWatch) -> None:
    """
    Not after some hundred attempts.
    """
    _attack(watch)

    assert [each.account for each in watch.picture.accounts] == ["erika"]


def test_the_grade_of_an_attempt_is_the_threat_if_it_fits_a_campaign(watch: InlineWatch) -> None:
    """
    Without a model it is what there is beside the rules.
    """
    now = _attack(watch)

    grades = [watch.grade(_allowed(), _attempt(name, now), 0) for name in ("erika", "max")]

    assert grades == [watch.picture.threat.level, 0.0]


def test_when_all_is_quiet_nothing_has_a_grade(watch: InlineWatch) -> None:
    """
    And nobody looks at campaigns that are not there.
    """
    assert watch.grade(_allowed(), _attempt("erika", START), 0) == 0.0
