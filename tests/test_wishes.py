# SPDX-License-Identifier: Apache-2.0
"""Measures that a person wants."""

from __future__ import annotations

import pytest

from nacre.campaign.measure import Measure, Scope, Step
from nacre.campaign.sighting import Mark, Sighting
from nacre.campaign_desk import LONGEST, Wish
from nacre.config.campaigns import Campaigns, Measures
from nacre.errors import CampaignRefused
from nacre.identity import Identity
from nacre.rounds import watch_of
from nacre.wishes import estimated, wanted

SETTINGS = Measures(rate_limit=7, ml_threshold=0.25)


def _wanted(wish: Wish) -> Measure:
    return wanted(wish, number=3, who="max", now=100.0, canonical=str.lower, settings=SETTINGS)


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (Wish(step=Step.RATE_LIMIT), (7, 0.0)),
        (Wish(step=Step.RATE_LIMIT, per_minute=3), (3, 0.0)),
        (Wish(step=Step.THRESHOLD), (0, 0.25)),
        (Wish(step=Step.THRESHOLD, threshold=0.5), (0, 0.5)),
        (Wish(step=Step.BLOCK, per_minute=3, threshold=0.5), (0, 0.0)),
    ],
)
def test_what_a_wish_leaves_out_is_as_in_the_settings(wish: Wish, expected: tuple[int, float]) -> None:
    """
    And what does not belong to its step is left out.
    """
    measure = _wanted(wish)

    assert (measure.per_minute, measure.threshold) == expected
    assert (measure.id, measure.owner, measure.since, measure.until) == ("o-3", "max", 100.0, 3700.0)


def test_names_are_brought_into_their_canonical_form() -> None:
    """
    Measures are compared with canonical accounts and upper-case countries.
    """
    measure = _wanted(Wish(step=Step.BLOCK, scope=Scope(accounts=("Erika", "ERIKA"), countries=("de",))))

    assert (measure.scope.accounts, measure.scope.countries) == (("erika",), ("DE",))
    assert measure.reason == "started by max"


def test_a_subnet_that_is_none_is_refused() -> None:
    """
    The sentence says which.
    """
    with pytest.raises(CampaignRefused, match="nowhere"):
        _wanted(Wish(step=Step.BLOCK, scope=Scope(subnets=("nowhere",))))


def test_the_estimate_counts_good_logins_and_says_how_long_they_can_bear_it() -> None:
    """
    What meets nobody may last as long as any measure may.
    """
    watch = watch_of(b"", Campaigns(), Identity(b"k" * 32))
    for number in range(200):
        address = bytes((192, 0, 2, number))
        watch.see(Sighting(float(number), address, f"u{number}", marks=int(Mark.SUCCESS)))
    watch.assess(200.0)
    half = _wanted(Wish(step=Step.BLOCK, scope=Scope(subnets=("192.0.2.0/25",))))
    nobody = _wanted(Wish(step=Step.BLOCK, scope=Scope(subnets=("198.51.100.0/24",))))

    harmful, harmless = (estimated(measure, watch, (), 1e-4) for measure in (half, nobody))

    assert (harmful.harm.touched, harmful.harm.of, harmful.affordable) == (128, 200, 0.0)
    assert (harmless.harm.touched, harmless.affordable, harmless.covered) == (0, LONGEST, None)
