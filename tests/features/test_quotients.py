# SPDX-License-Identifier: Apache-2.0
"""Columns that are quotients of counters."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.features.columns import STANDARD
from nacre.features.quotients import CONTEXTS, NOTHING, OF, PROFILES, QUOTIENTS, RATIOS, Division, at
from nacre.features.standard import Surroundings

COUNTS = st.lists(st.floats(0.0, 1e9), min_size=NOTHING, max_size=NOTHING).map(lambda counts: np.array([*counts, 0.0]))


def quotients_of(counts: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return all quotients."""
    found = np.empty(len(QUOTIENTS))
    Division().divide(counts, found)
    return found


def column(counts: dict[tuple[str, str], float], name: str) -> float:
    """Return a quotient where all counters but some are 0."""
    every = np.zeros(NOTHING + 1)
    for (profile, counter), count in counts.items():
        every[at(profile, counter)] = count
    return float(quotients_of(every)[[each.name for each in QUOTIENTS].index(name)])


def test_the_profiles_are_those_around_an_attempt() -> None:
    """
    In one order, here and there.
    """
    assert tuple(PROFILES) == Surroundings._fields
    assert len(OF) == NOTHING == sum(len(layout.names) for layout in PROFILES.values())


def test_every_quotient_is_a_column() -> None:
    """
    One that is none would be computed for nobody.
    """
    assert {each.name for each in QUOTIENTS} <= set(STANDARD.names)


@given(counts=COUNTS)
def test_shares_lie_between_nothing_and_a_little_more_than_all(
    counts: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> None:
    """
    Whatever the counters hold; the logarithms are finite.
    """
    quotients = quotients_of(counts)

    assert np.isfinite(quotients).all()
    assert (quotients[: len(RATIOS)] > 0.0).all()


def test_a_share_of_nothing_is_neither_high_nor_low() -> None:
    """
    The first failure of an address is no proof.
    """
    assert column({}, "address.failure_ratio_1h") == pytest.approx(0.3)
    assert column({("address", "failures_1h"): 1.0}, "address.failure_ratio_1h") == pytest.approx(1.3 / 2.0)
    one_of_ten = {("address", "failures_1h"): 1.0, ("address", "successes_1h"): 9.0}
    assert column(one_of_ten, "address.failure_ratio_1h") == pytest.approx(1.3 / 11.0)


@pytest.mark.parametrize("context", CONTEXTS)
def test_a_rise_is_measured_by_the_usual_rate(context: str) -> None:
    """
    168 in a week are one an hour: one more than usual is hardly a rise, a hundred are.
    """
    usual = {(context, "orphans_7d"): 168.0}

    calm = column(usual | {(context, "orphans_1h"): 1.0}, f"{context}.orphan_rise")
    wave = column(usual | {(context, "orphans_1h"): 100.0}, f"{context}.orphan_rise")

    assert calm == pytest.approx(0.0)
    assert wave == pytest.approx(math.log(101.0 / 2.0))


@pytest.mark.parametrize("context", CONTEXTS)
def test_a_context_is_as_common_as_its_share_in_all_logins(context: str) -> None:
    """
    The rarer, the further below 0.
    """
    counts = {(context, "successes_7d"): 9.9, ("everyone", "successes_7d"): 990.0}

    assert column(counts, f"{context}.share") == pytest.approx(math.log(0.01))
