# SPDX-License-Identifier: Apache-2.0
"""The attacks of a drill."""

from __future__ import annotations

from itertools import pairwise

import pytest

from nacre.drill.attacks import DOMAIN, EXERCISES, Exercise


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda each: each.name)
def test_tries_come_in_the_order_of_time_on_accounts_that_nobody_has(exercise: Exercise) -> None:
    """
    What lies before zero are people, who have to be known before the attack begins.
    """
    tries = exercise.all_tries(exercise.quick)

    assert all(before.time <= after.time for before, after in pairwise(tries))
    assert all(each.fields.username.endswith(f"@{DOMAIN}") for each in tries)
    assert next(each.time for each in tries if each.hostile) == 0.0
    assert not any(each.hostile for each in tries if each.time < 0)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda each: each.name)
@pytest.mark.parametrize("size", ["quick", "full"])
def test_enough_comes_after_the_limits_to_be_judged(exercise: Exercise, size: str) -> None:
    """
    A drill whose attack ends before it has to be stopped would pass for nothing.
    """
    hostile = [each for each in exercise.all_tries(getattr(exercise, size)) if each.hostile]

    rest = [each for each in hostile[exercise.limits.attempts :] if each.time > exercise.limits.seconds]

    assert len(rest) >= 50


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda each: each.name)
def test_an_exercise_is_the_same_each_time(exercise: Exercise) -> None:
    """
    Two drills can be compared only if what they try is the same.
    """
    assert repr(exercise.all_tries(60)) == repr(exercise.all_tries(60))


def test_people_sign_in_beside_each_attack_from_where_they_were_before() -> None:
    """
    Without them a drill could be passed by refusing everybody.
    """
    for exercise in EXERCISES:
        tries = exercise.all_tries(exercise.full)
        before = {(each.fields.username, each.fields.client_ip) for each in tries if each.time < 0}
        good = [each for each in tries if each.right and each.time >= 0]

        assert len(good) >= 10
        assert all(((each.fields.username, each.fields.client_ip) in before) == each.at_home for each in good), (
            exercise.name
        )


def test_the_names_of_exercises_are_distinct() -> None:
    """
    They are labels of metrics and words of the command line.
    """
    assert len({each.name for each in EXERCISES}) == len(EXERCISES)
