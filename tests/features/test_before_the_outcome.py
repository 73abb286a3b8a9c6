# SPDX-License-Identifier: Apache-2.0
"""A vector holds what was known before the outcome, and all of it tells something."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from outcomes import NOW, History, Try, attempt, stream

from nacre.features.columns import STANDARD


def after(past: list[Try]) -> History:
    """Return a history in which some attempts happened."""
    history = History()
    for each in past:
        history.add(each.attempt, accepted=each.accepted, refused=each.refused)
    return history


def vectors(seed: int, length: int = 300) -> list[NDArray[np.float64]]:
    """Return what was seen of each attempt of a random stream."""
    history = History()
    return [history.add(each.attempt, accepted=each.accepted).values for each in stream(seed, length)]


def same(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    """Whether two rows of numbers agree, unknown ones too."""
    return np.array_equal(one, other, equal_nan=True)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("length", [2, 20, 60, 180])
def test_what_becomes_of_an_attempt_is_not_in_its_own_vector(seed: int, length: int) -> None:
    """
    Whether it is accepted, fails or was refused: it is seen before it counts.
    """
    *past, now = stream(seed, length)

    outcomes = ((True, False), (False, False), (True, True), (False, True))
    seen = [after(past).add(now.attempt, accepted=accepted, refused=refused) for accepted, refused in outcomes]

    assert all(same(one.values, after(past).see(now.attempt).values) for one in seen)
    assert all(one.facts == seen[0].facts for one in seen)


@pytest.mark.parametrize("seed", range(3))
def test_a_vector_does_not_depend_on_what_comes_later(seed: int) -> None:
    """
    What was seen stays as it was seen; and had nothing come later, it had been the same.
    """
    history, seen, kept = History(), [], []
    for each in stream(seed):
        one = history.add(each.attempt, accepted=each.accepted).values
        seen.append(one)
        kept.append(one.copy())

    # The same beginning with another end.
    other, replayed = History(), []
    for number, each in enumerate(stream(seed)):
        accepted = each.accepted if number < 150 else not each.accepted
        replayed.append(other.add(each.attempt, accepted=accepted).values)

    assert all(same(one, as_seen) for one, as_seen in zip(seen, kept, strict=True))
    assert all(same(one, again) for one, again in zip(seen[:150], replayed[:150], strict=True))
    assert not all(same(one, again) for one, again in zip(seen[151:], replayed[151:], strict=True))


def test_looking_changes_nothing() -> None:
    """
    A check without a report leaves no trace.
    """
    history = after([Try(attempt(password="x"), accepted=False)])

    views = [history.see(attempt(password="y", time=NOW + 5)).values for _ in range(3)]

    assert same(views[0], views[2])


def test_no_input_is_dead() -> None:
    """
    A column that never varies, whatever happens, tells nothing and hides a mistake.
    """
    table = np.array(vectors(1) + vectors(2), dtype=np.float64)

    spread = np.nanmax(table[:, STANDARD.guess[:-1]], axis=0) - np.nanmin(table[:, STANDARD.guess[:-1]], axis=0)
    dead = {STANDARD.names[place] for place, width in zip(STANDARD.guess[:-1], spread, strict=True) if not width > 1e-6}
    assert dead == set()
    assert STANDARD.names[STANDARD.guess[-1]] == "original.suspicious_network"
