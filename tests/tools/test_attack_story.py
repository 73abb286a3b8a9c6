# SPDX-License-Identifier: Apache-2.0
"""What is told of an attack; the attack itself is made in test_draw_attack."""

from __future__ import annotations

import random

from nacre.campaign.measure import Measure, Scope, Step
from tools.attack_story import BEFORE, Minute, Story, everything, figures, rows


def _measure(number: int, **fields: object) -> Measure:
    known: dict[str, object] = {"step": Step.CHALLENGE, "scope": Scope(accounts=("x",)), "since": 0.0, "until": 0.0}
    return Measure(id=f"m-{number}", owner="nacre", reason="", **(known | fields))  # type: ignore[arg-type]


def test_measures_that_do_the_same_are_one_row_with_their_times() -> None:
    """
    An attack has a hundred measures on single accounts; nobody reads a hundred rows.
    """
    story = Story(minutes=[Minute() for _ in range(30)])
    story.measures = {
        "m-1": (_measure(1), 0.0, 60.0),
        "m-2": (_measure(2), 30.0, 90.0),
        "m-3": (_measure(3), 200.0, 9_999.0),
        "m-4": (_measure(4, scope=Scope(subnets=("192.0.2.0/24",)), step=Step.BLOCK), 10.0, 20.0),
    }

    assert rows(story) == {
        "challenge: single accounts": [(0.0, 90.0), (200.0, 30 * 60.0 - BEFORE)],
        "block: networks": [(10.0, 20.0)],
    }


def test_the_figures_are_those_of_the_minutes() -> None:
    """
    The page has them in its table.
    """
    minutes = [
        Minute(people=5),
        Minute(let_through=9, stopped=1, people=5, people_met=1, threat=0.75),
        Minute(threat=0.2),
    ]
    story = Story(minutes=minutes, named=(8, 7.25, "stuffing"), enforced=(10, 9.0), home=8)

    told = list(figures(story))

    assert told[:3] == [
        "named stuffing by try 8, 7.2 s after the first one",
        "enforced from try 10 on, 9.0 s after the first one",
        "let through: 9 of 10, 0 of them later",
    ]
    assert told[4:] == [
        "good logins: 10, met: 1, by measures: 0",
        "good logins from known places: 8, met: 0",
        "confirmed by an operator: minute never",
        "highest threat: 0.75, below moderate 1 min after the end",
    ]


def test_people_sign_in_before_the_attack_and_after_it() -> None:
    """
    Calm on both sides shows what is due to the attack.
    """
    tries = everything(random.Random(1), 50)  # noqa: S311  nothing secret

    hostile = [each.time for each in tries if each.hostile]
    others = [each.time for each in tries if not each.hostile]
    assert len(hostile) == 50
    assert min(others) < -BEFORE < 0.0 <= hostile[0]
    assert max(others) > hostile[-1] + 3_000.0
