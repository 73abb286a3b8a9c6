# SPDX-License-Identifier: Apache-2.0
"""The arithmetic of the threat."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nacre.campaign.threat import Evidence, band, combined, of_campaign, of_failures, settle

WEIGHTS = st.floats(0, 1)
PIECES = st.lists(WEIGHTS.map(lambda weight: Evidence(weight, "reason")), max_size=6)


@given(PIECES, WEIGHTS)
def test_more_evidence_never_lowers_the_level(pieces: list[Evidence], more: float) -> None:
    """
    An operator who sees one thing more must not see a smaller number.
    """
    assert combined([*pieces, Evidence(more, "")]) >= combined(pieces) - 1e-12
    assert 0 <= combined(pieces) <= 1


@given(PIECES, st.data())
def test_heavier_evidence_never_lowers_the_level(pieces: list[Evidence], data: st.DataObject) -> None:
    """
    The same for a campaign that grows.
    """
    heavier = [piece._replace(weight=data.draw(st.floats(piece.weight, 1))) for piece in pieces]

    assert combined(heavier) >= combined(pieces) - 1e-12


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.integers(0, 5), st.integers(0, 5))
def test_a_campaign_weighs_more_the_more_it_does(rate: float, faster: float, taken: int, more: int) -> None:
    """
    By its attempts per minute and by its successes.
    """
    weight = of_campaign(rate, taken)

    assert of_campaign(rate + faster, taken + more) >= weight
    assert 0.5 <= weight <= 1


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.floats(0, 1000))
def test_failures_alone_stay_below_moderate(failures: int, more: int, usual: float) -> None:
    """
    A morning after a change of passwords is no attack, and three failures where there was one are nothing.
    """
    assert of_failures(failures, usual) <= of_failures(failures + more, usual) < 0.5
    assert of_failures(min(failures, 49), usual) == 0
    assert of_failures(failures, None) == 0


@given(WEIGHTS, PIECES, st.floats(0, 1e5))
def test_a_rise_shows_at_once_and_a_fall_takes_time(before: float, pieces: list[Evidence], elapsed: float) -> None:
    """
    Measures that follow the level must not flicker.
    """
    threat = settle(before, elapsed, pieces, half_life=600.0)
    fading = before * 0.5 ** (elapsed / 600)

    assert threat.level >= combined(pieces) - 0.011
    assert threat.level >= fading - 0.011
    assert threat.level <= max(combined(pieces), before) + 0.0001
    assert threat.band == band(threat.level)


def test_the_gravest_reason_comes_first_and_what_fades_is_said() -> None:
    """
    Somebody reads it in a hurry.
    """
    told = settle(0.0, 0.0, [Evidence(0.5, "small"), Evidence(0.8, "big"), Evidence(0.0, "nothing")], half_life=600.0)
    fading = settle(0.9, 60.0, [], half_life=600.0)

    assert told.reasons == ("big", "small")
    assert fading.band == "high"
    assert fading.reasons == ("what was there shortly before has ceased and fades",)
