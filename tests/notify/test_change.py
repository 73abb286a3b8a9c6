# SPDX-License-Identifier: Apache-2.0
"""What changed about attacks."""

from __future__ import annotations

from itertools import pairwise

import msgspec
from campaign.drafts import campaign, measure, picture

from nacre.campaign.ledger import Changes
from nacre.campaign.measure import State
from nacre.campaign.picture import Picture, Taken
from nacre.notify.change import What, changes_between, key_of

TAKEN = Taken("erika", "192.0.2.7", 1000.0, "r1")


def test_the_beginning_and_the_end_of_a_campaign_are_told() -> None:
    """
    Not what happens in between: a campaign grows with every second.
    """
    calm, running = picture(band="high"), picture(campaign(attempts=10), band="high")
    grown, over = picture(campaign(attempts=90), band="high"), picture(campaign(ended=990.0), band="high")

    assert [each.what for each in changes_between(calm, running)] == [What.CAMPAIGN_BEGAN]
    assert changes_between(running, grown) == []
    assert [each.what for each in changes_between(grown, over)] == [What.CAMPAIGN_ENDED]
    assert changes_between(over, over) == []


def test_a_campaign_that_was_over_before_we_looked_is_old_news() -> None:
    """
    After a restart, those of yesterday are in the picture.
    """
    assert changes_between(Picture(), picture(campaign(ended=990.0), band="normal")) == []


def test_accounts_that_were_taken_are_told_as_they_are_found() -> None:
    """
    Each of them once, under a key of its own.
    """
    one = campaign(taken=(TAKEN,))
    two = campaign(taken=(TAKEN, msgspec.structs.replace(TAKEN, account="max", request_id="r2")))

    first = changes_between(picture(campaign()), picture(one))
    second = changes_between(picture(one), picture(two))

    assert [each.what for each in (*first, *second)] == [What.ACCOUNTS_TAKEN] * 2
    assert [[taken.account for taken in each.taken] for each in (*first, *second)] == [["erika"], ["max"]]
    assert first[0].key != second[0].key


def test_a_threat_is_told_as_it_rises_and_when_it_is_over() -> None:
    """
    Not each step of its fall.
    """
    bands = ["normal", "moderate", "severe", "high", "moderate", "normal"]

    told = [
        [(each.what, each.threat.band) for each in changes_between(picture(band=one), picture(band=two))]
        for one, two in pairwise(bands)
    ]

    assert told == [
        [(What.THREAT_ROSE, "moderate")],
        [(What.THREAT_ROSE, "severe")],
        [],
        [],
        [(What.THREAT_OVER, "moderate")],
    ]


def test_measures_of_one_campaign_are_one_change() -> None:
    """
    However many begin at once.
    """
    seen = picture(campaign("c-1"), campaign("c-2"))
    begun = tuple(measure(campaign=name) for name in ("c-1", "c-2", "c-1", ""))
    proposed = (measure(campaign="c-1", state=State.PROPOSED),)

    told = changes_between(seen, seen, Changes(begin=begun, propose=proposed, end=begun[:1]))

    assert [(each.what, each.campaign and each.campaign.id, len(each.measures)) for each in told] == [
        (What.MEASURES_BEGAN, "c-1", 2),
        (What.MEASURES_BEGAN, "c-2", 1),
        (What.MEASURES_BEGAN, None, 1),
        (What.MEASURES_PROPOSED, "c-1", 1),
        (What.MEASURES_ENDED, "c-1", 1),
    ]


def test_the_same_change_has_the_same_key_after_a_restart() -> None:
    """
    Nothing was seen before, so that everything looks new; what was told is known by its key.
    """
    now = picture(campaign(taken=(TAKEN,)))

    first, again = changes_between(picture(), now), changes_between(Picture(), now)

    assert {each.key for each in first} < {each.key for each in again}
    assert first[0].key == key_of(What.CAMPAIGN_BEGAN, "c-1")
