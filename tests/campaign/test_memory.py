# SPDX-License-Identifier: Apache-2.0
"""What one round of the watch leaves to the next."""

from __future__ import annotations

import msgspec
import pytest
from campaign.drafts import good_logins

from nacre.campaign.memory import AGAIN_AFTER, USUAL_FOR, YOUNG, Memory
from nacre.campaign.picture import Campaign, CampaignKind
from nacre.campaign.sighting import Sighting

NOW = 1_800_000_000.0
NOTHING: frozenset[str] = frozenset()
CAMPAIGN = Campaign(
    id="c-1", kind=CampaignKind.STUFFING, since=NOW - YOUNG, last=NOW, attempts=100, sources=90, subnets=90, accounts=90
)


def logins(network: int, asn: int) -> list[Sighting]:
    """Return a hundred good logins from one system."""
    return [Sighting(NOW, bytes([network, 0, 2, n]), f"user {n}", asn=asn) for n in range(100)]


def test_from_where_people_sign_in_is_looked_up_now_and_then() -> None:
    """
    What is usual stays so for longer than some minutes, and twenty thousand logins take a while to go through.
    """
    memory, here, there = Memory(), logins(192, 64500), logins(198, 64501)

    first = memory.usual(NOW, here)
    soon, later = memory.usual(NOW + 60, there), memory.usual(NOW + USUAL_FOR, there)
    grown = memory.usual(NOW + USUAL_FOR + 1, here + there)

    assert first == soon != later
    assert grown["except_asns"] == (64500, 64501)


@pytest.mark.parametrize(
    ("attempts", "standing", "after", "calls"),
    [
        (100, NOTHING, 5.0, False),
        (109, NOTHING, 5.0, False),
        (111, NOTHING, 5.0, True),
        (100, frozenset({"m-1"}), 5.0, True),
        (100, NOTHING, AGAIN_AFTER, True),
        (100, NOTHING, -60.0, True),
    ],
)
def test_measures_are_looked_for_again_when_something_changed(
    attempts: int, standing: frozenset[str], after: float, *, calls: bool
) -> None:
    """
    The campaign grew by a tenth, a measure ended or began, the budget is another day's; clocks may go back.
    """
    memory = Memory()
    assert memory.calls(NOW, CAMPAIGN, NOTHING)

    assert memory.calls(NOW + after, msgspec.structs.replace(CAMPAIGN, attempts=attempts), standing) is calls


def test_a_new_campaign_is_looked_at_whenever_somebody_asks() -> None:
    """
    With a dozen attempts, one more may show what all have in common.
    """
    memory, young = Memory(), msgspec.structs.replace(CAMPAIGN, since=NOW - YOUNG + 10, attempts=12)
    memory.calls(NOW, young, NOTHING)

    assert memory.calls(NOW + 5, young, NOTHING)
    assert not memory.calls(NOW + 15, young, NOTHING)


def test_a_campaign_is_not_taken_for_another() -> None:
    """
    Each is answered on its own.
    """
    memory = Memory()
    memory.calls(NOW, CAMPAIGN, NOTHING)

    assert memory.calls(NOW, msgspec.structs.replace(CAMPAIGN, id="c-2"), NOTHING)


def test_the_good_logins_are_looked_at_anew_where_something_began() -> None:
    """
    Otherwise they are those of up to an hour ago, so long as there are hardly more or fewer of them.
    """
    memory, first, later = Memory(), good_logins(100), good_logins(102, strange=50)
    memory.people(0.0, first)

    before = memory.people(60.0, later).good
    memory.renew()
    after = memory.people(60.0, later).good

    assert (before, after) == (first, later)
