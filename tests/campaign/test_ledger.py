# SPDX-License-Identifier: Apache-2.0
"""Measures that stand, and what they may still cost."""

from __future__ import annotations

import math

import msgspec
from campaign.drafts import good_logins, measure

from nacre.campaign.harm import DAY, spent
from nacre.campaign.ledger import MOST, Changes, Ledger
from nacre.campaign.measure import Measure, Scope, State, Step
from nacre.config.campaigns import Measures

SETTINGS = Measures()
NEW = Scope(new_sources=True)


def ledger(*measures: Measure, settings: Measures = SETTINGS, now: float = 1000.0, strange: int = 200) -> Ledger:
    """A ledger at 1,000, of a site where one good login in a hundred comes from a new source."""
    return Ledger(measures, good_logins(20_000, strange=strange), settings, now)


def test_a_measure_begins_for_as_long_as_the_budget_lasts() -> None:
    """
    One login in a hundred may be challenged for a hundredth of a day: 864 s, but 600 s are what a measure lasts.
    """
    few, many = ledger(), ledger(strange=400)

    assert few.begin(few.draft(Step.CHALLENGE, NEW, "an attack"))
    assert many.begin(many.draft(Step.CHALLENGE, NEW, "an attack"))

    assert few.active[0].until == 1600.0
    # 200 of the later 10,000, and one of the hundred that are expected: 201 of 10,100.
    assert math.isclose(many.active[0].until, 1000.0 + 8.64 * 10_100 / 201)


def test_what_the_budget_allows_for_less_than_a_minute_does_not_begin() -> None:
    """
    It would be over before anybody saw what it does.
    """
    wide = ledger(strange=5000)

    assert not wide.begin(wide.draft(Step.CHALLENGE, NEW, "an attack"))
    assert wide.changes == Changes()


def test_measures_share_one_budget() -> None:
    """
    What stands, and what ended within the day, leaves the less for others.
    """
    before = ledger()
    before.begin(before.draft(Step.CHALLENGE, NEW, "an attack"))
    ended = msgspec.structs.replace(before.active[0], state=State.ENDED)

    after = ledger(ended, now=2000.0)
    after.begin(after.draft(Step.CHALLENGE, NEW, "another attack"))

    assert 2200.0 < after.active[0].until < 2300.0  # 864 s in all, 600 of them gone
    assert spent([ended, *after.active], 2000.0) <= SETTINGS.budget + 1e-12


def test_a_measure_takes_the_place_of_one_of_its_kind() -> None:
    """
    The list of accounts grew: one measure, not one for each growth.
    """
    one = ledger()
    one.begin(one.draft(Step.CHALLENGE, Scope(accounts=("erika",)), "an attack", campaign="c-1"))
    one.begin(one.draft(Step.CHALLENGE, Scope(accounts=("erika", "max")), "an attack", campaign="c-1"))

    assert [each.scope.accounts for each in one.active] == [("erika", "max")]
    assert [each.state for each in one.changes.end] == [State.ENDED]


def test_an_id_tells_what_when_and_for_what() -> None:
    """
    Another instance that takes over makes the same of the same; a later one has another name.
    """
    one, two, later = ledger(), ledger(), ledger(now=1001.0)
    drafts = [each.draft(Step.CHALLENGE, NEW, "an attack", campaign="c-1") for each in (one, two, later)]

    assert drafts[0] == drafts[1]
    assert drafts[0].id != drafts[2].id


def test_nothing_but_marks_begins_where_a_person_wants_to_be_asked() -> None:
    """
    ``automatic: false`` leaves everything else to proposals.
    """
    asking = ledger(settings=Measures(automatic=False))

    assert asking.begin(asking.draft(Step.MONITOR, Scope(), "an attack"))
    assert not asking.begin(asking.draft(Step.CHALLENGE, Scope(accounts=("erika",)), "an attack"))


def test_what_a_person_stopped_does_not_begin_again() -> None:
    """
    Nor is it proposed again, as long as it is remembered.
    """
    stopped = measure(scope=NEW, campaign="c-1", state=State.ENDED, stopped_by="olga", since=900.0, until=950.0)
    one = ledger(stopped)
    draft = one.draft(Step.CHALLENGE, NEW, "an attack", campaign="c-1")

    one.propose(draft)

    assert not one.begin(draft)
    assert one.changes == Changes()


def test_a_proposal_waits_for_a_day_and_is_made_once() -> None:
    """
    Nobody is asked the same thing each second.
    """
    one = ledger()
    draft = one.draft(Step.CHALLENGE, NEW, "an attack", campaign="c-1")

    one.propose(draft)
    one.propose(msgspec.structs.replace(draft, id="m-other"))

    assert [(each.state, each.until) for each in one.changes.propose] == [(State.PROPOSED, 1000.0 + DAY)]


def test_a_measure_is_extended_when_half_of_it_is_over() -> None:
    """
    Earlier, each second would be a change.
    """
    early, late = (measure(scope=Scope(accounts=("erika",)), until=until) for until in (1350.0, 1250.0))
    one = ledger(early, late)

    one.extend(early)
    one.extend(late)

    assert [(each.id, each.until) for each in one.changes.extend] == [(late.id, 1600.0)]


def test_an_extension_keeps_to_the_budget() -> None:
    """
    An attack of a day does not make a challenge of ten minutes one of a day.
    """
    one = ledger()
    one.begin(one.draft(Step.CHALLENGE, NEW, "an attack"))
    for now in range(1000, 5000, 50):
        one = ledger(*one.active, now=float(now))
        for each in one.active:
            one.extend(each)

    assert one.active[0].until < 1000 + 900
    assert spent(one.active, 1000.0) <= SETTINGS.budget + 1e-12


def test_there_are_no_more_than_so_many() -> None:
    """
    Each of them is looked at in every check.
    """
    full = ledger(
        *[measure(scope=Scope(accounts=(f"user{number}",)), campaign=f"c-{number}") for number in range(MOST)]
    )

    assert not full.begin(full.draft(Step.CHALLENGE, Scope(accounts=("erika",)), "an attack", campaign="c-x"))


def test_an_end_lies_not_in_the_future() -> None:
    """
    What the budget is charged with is what the measure lasted.
    """
    one = ledger(running := measure(until=1300.0), over := measure(until=990.0))

    one.end(running)
    one.end(over)

    assert [each.until for each in one.changes.end] == [1000.0, 990.0]
    assert one.active == []


def test_changes_are_put_beside_what_stands() -> None:
    """
    By id: what changed replaces what was.
    """
    before = measure(until=700.0)
    after = msgspec.structs.replace(before, until=900.0)
    new = measure()

    assert Changes(begin=(new,), extend=(after,)).applied([before]) == (after, new)
    assert not Changes()
    assert Changes(end=(before,))
