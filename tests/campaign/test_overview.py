# SPDX-License-Identifier: Apache-2.0
"""Picture and measures in the terms of Nauthilus."""

from __future__ import annotations

import msgspec
import pytest
from campaign.drafts import measure, picture

from nacre.campaign.measure import Measure, Scope, State, Step
from nacre.campaign.overview import Overview, Protection, overview
from nacre.campaign.picture import Signals


def test_numbers_are_those_of_the_last_hour() -> None:
    """
    The windows stand in the order of their length; the hour is the last.
    """
    signals = tuple(Signals(window, window, 0, 30, 0, 0, 0, 12, 0.0) for window in (60, 300, 900, 3600))
    seen = msgspec.structs.replace(picture(band="high", accounts=("erika",)), signals=signals)

    told = overview(seen, [])

    assert (told.attempts, told.unique_ips, told.unique_users, told.ips_per_user) == (3600, 30, 12, 2.5)
    assert (told.threat_level, told.attacked_accounts) == (0.7, {"erika": 12})


def test_nothing_seen_and_nothing_done_is_all_zero() -> None:
    """
    Nauthilus' threshold rests at 0.7.
    """
    assert overview(picture(band="normal"), []) == Overview(
        threat_level=0.1, settings=Protection(threat_level=0.1, ml_threshold=0.7)
    )


@pytest.mark.parametrize(
    ("one", "shown"),
    [
        (measure(Step.CHALLENGE, Scope(new_sources=True)), Protection(captcha_enabled=True)),
        (measure(Step.CHALLENGE, Scope(accounts=("erika",))), Protection()),
        (measure(Step.MONITOR), Protection(monitoring_mode=True)),
        (measure(Step.RATE_LIMIT, per_minute=10), Protection(rate_limit_enabled=True, rate_limit_max=10)),
        (measure(Step.RATE_LIMIT, Scope(subnets=("192.0.2.7/32",)), per_minute=10), Protection()),
        (measure(Step.THRESHOLD, threshold=0.5), Protection(ml_threshold=0.5)),
        (measure(Step.THRESHOLD, threshold=0.5, state=State.PROPOSED), Protection()),
        (measure(Step.MONITOR, state=State.ENDED), Protection()),
    ],
)
def test_a_setting_is_what_a_measure_in_force_does(one: Measure, shown: Protection) -> None:
    """
    In the original, flags were set and nobody read them.
    """
    told = overview(picture(band="high"), [one])

    assert told.settings == msgspec.structs.replace(shown, threat_level=0.7)


def test_lists_name_whom_the_measures_meet() -> None:
    """
    A single address stands there as an address, an autonomous system with its letters.
    """
    told = overview(
        picture(),
        [
            measure(Step.BLOCK, Scope(countries=("XK", "AQ"))),
            measure(Step.BLOCK, Scope(asns=(64_496,), countries=("AQ",))),
            measure(Step.RATE_LIMIT, Scope(subnets=("192.0.2.7/32", "2001:db8::/64")), per_minute=10),
            measure(Step.CHALLENGE, Scope(accounts=("max", "erika"))),
        ],
    )

    assert told.blocked_regions == ("AQ", "AS64496", "XK")
    assert told.rate_limited_ips == ("192.0.2.7", "2001:db8::/64")
    assert told.captcha_accounts == ("erika", "max")
